import type { Column } from "../../src/contracts/schema.ts";

/** Bytes of a binary, geometry or vector column: `0x00ff`, or for binary the text's own; null when they do not fit. */
export function bytesOf(column: Column, text: string): Buffer | null {
  const hex = /^0x((?:[0-9a-f]{2})*)$/i.exec(text)?.[1];
  if (hex === undefined && column.kind !== "binary") return null;
  const bytes = hex === undefined ? Buffer.from(text) : Buffer.from(hex, "hex");
  if (column.length !== null && bytes.length > column.length) return null;
  // BINARY(n) is stored and read with zero bytes up to n.
  if (!/^binary/i.test(column.type)) return bytes;
  return Buffer.concat([bytes, Buffer.alloc((column.length ?? bytes.length) - bytes.length)]);
}

/** A BIT(n) cell: n bits, big-endian, in whole bytes; null when the number has more bits. */
export function bitBytes(length: number, text: string): Buffer | null {
  if (!/^\d{1,20}$|^0x[0-9a-f]{1,16}$|^0b[01]{1,64}$/i.test(text)) return null;
  const value = BigInt(text);
  if (value >> BigInt(length) !== 0n) return null;
  const size = Math.ceil(length / 8);
  return Buffer.from(value.toString(16).padStart(size * 2, "0"), "hex");
}
