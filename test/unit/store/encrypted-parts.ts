import { crc32 } from "node:zlib";
import { type StoreKey, storeKey } from "../../../src/store/store-key.ts";

/** 32 bytes, told apart by `first`. */
export const keyOf = (first: number): StoreKey =>
  storeKey(Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => (first + i) % 256)).toString("hex"));

/** The header, frames and trailer of an encrypted chunk file: one skippable frame each, by their lengths. */
export function partsOf(file: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const end = at + file.readUInt32LE(at + 4) + 8;
    parts.push(Buffer.from(file.subarray(at, end)));
    at = end;
  }
  return parts;
}

/** A part with its CRC made right again, as somebody would who wants to deceive. */
export function withCrc(part: Buffer): Buffer {
  const forged = Buffer.from(part);
  forged.writeUInt32LE(crc32(forged.subarray(0, -4)), forged.length - 4);
  return forged;
}

/** A part with other numbers in clear, by their offsets, and a right CRC. */
export function forgedPart(part: Buffer, numbers: Readonly<Record<number, number>>): Buffer {
  const forged = Buffer.from(part);
  for (const [at, value] of Object.entries(numbers)) forged.writeUInt32LE(value, Number(at));
  return withCrc(forged);
}

/** What ties a file's parts together: the CRC at the end of its header. */
export const markOf = ([header]: readonly Buffer[]): number => header?.readUInt32LE(header.length - 4) ?? 0;
