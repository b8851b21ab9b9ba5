import { byteKinds, type CellKind, type Column, cellKinds } from "../../src/contracts/schema.ts";

/** Kinds whose cells are text in utf8mb4. */
export const textKinds: readonly CellKind[] = ["text"];
/** Kinds whose cells are a text for people. */
export const printedKinds: readonly CellKind[] = cellKinds.filter((kind) => !byteKinds.has(kind));

/** The bytes of a value as they are, as a Buffer. */
export const bufferOf = (value: Uint8Array): Buffer => Buffer.from(value.buffer, value.byteOffset, value.byteLength);

export const textOf = (value: Uint8Array): string => bufferOf(value).toString("utf8");

/** Bytes as a SQL literal. */
export const hexLiteral = (bytes: Uint8Array | string): string => `x'${Buffer.from(bytes).toString("hex")}'`;

/** Bytes that are text, as text. */
export const asText = (bytes: string): string => `CONVERT(${bytes} USING utf8mb4)`;

/**
 * Throws when text is longer than its column, which the target would refuse or, during catch-up, cut. CHAR and VARCHAR
 * count characters, the TEXT types bytes; CHAR loses spaces at its end.
 */
export function fitted(column: Column): (text: Buffer) => Buffer {
  const limit = column.length ?? Number.POSITIVE_INFINITY;
  const counted = /^(var)?char/i.test(column.type);
  const isChar = /^char/i.test(column.type);
  return (text) => {
    const length = text.length <= limit || !counted ? text.length : characters(text);
    if (length > limit)
      throw new RangeError(`the result has ${length} ${counted ? "characters" : "bytes"}, too many for ${column.type}`);
    return isChar && text.at(-1) === 0x20 ? text.subarray(0, withoutSpaces(text)) : text;
  };
}

/** Characters of utf8: bytes that do not go on with one. */
export function characters(text: Uint8Array): number {
  let count = 0;
  for (const byte of text) if ((byte & 0xc0) !== 0x80) count += 1;
  return count;
}

function withoutSpaces(text: Buffer): number {
  let end = text.length;
  while (end > 0 && text[end - 1] === 0x20) end -= 1;
  return end;
}
