import { byteKinds, type CellKind, type Column, cellKinds } from "../../src/contracts/schema.ts";
import type { NewSpan } from "../../src/contracts/transform.ts";

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
  const fits = fittedSpan(column);
  return (text) => {
    const span = { bytes: text, start: 0, end: text.length };
    fits(span);
    return span.end === text.length ? text : text.subarray(0, span.end);
  };
}

/** {@link fitted} for a cell that has just been written. */
export function fittedSpan(column: Column): (span: NewSpan) => void {
  const limit = column.length ?? Number.POSITIVE_INFINITY;
  const counted = /^(var)?char/i.test(column.type);
  const isChar = /^char/i.test(column.type);
  return (span) => {
    const { bytes, start, end } = span;
    if (end - start > limit) {
      const length = counted ? characters(bytes, start, end) : end - start;
      if (length > limit) {
        const unit = counted ? "characters" : "bytes";
        throw new RangeError(`the result has ${length} ${unit}, too many for ${column.type}`);
      }
    }
    if (isChar) span.end = withoutSpaces(bytes, start, end);
  };
}

/** Characters of utf8: bytes that do not go on with one. */
export function characters(text: Uint8Array, start = 0, end: number = text.length): number {
  let count = 0;
  for (let i = start; i < end; i++) if (((text[i] as number) & 0xc0) !== 0x80) count += 1;
  return count;
}

/** Where the text from `start` to `end` ends without the spaces at its end: all a CHAR keeps. */
export function withoutSpaces(text: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && text[at - 1] === 0x20) at -= 1;
  return at;
}

/** Are the bytes of `unit` at this place of `text`? */
export function standsAt(text: Uint8Array, at: number, unit: Uint8Array): boolean {
  // Mostly the first byte tells.
  if (text[at] !== unit[0]) return false;
  for (let i = 1; i < unit.length; i++) if (text[at + i] !== unit[i]) return false;
  return true;
}

/** Appends `from[start..end)` to a cell in the making. Short parts byte by byte, which beats the call into the engine. */
export function append(span: NewSpan, from: Buffer, start: number, end: number): void {
  const size = end - start;
  if (size > 40) from.copy(span.bytes, span.end, start, end);
  else for (let i = 0; i < size; i++) span.bytes[span.end + i] = from[start + i] as number;
  span.end += size;
}
