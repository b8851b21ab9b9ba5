import { crc32 } from "node:zlib";
import type { Checksum, RowBatch } from "./rows.ts";

/** The checksum of no rows. */
export const emptyChecksum: Checksum = { rows: 0, xor: 0, sum: "0" };

/** The checksum of the union of two disjoint sets of rows. */
export function addChecksums(a: Checksum, b: Checksum): Checksum {
  return {
    rows: a.rows + b.rows,
    xor: (a.xor ^ b.xor) >>> 0,
    sum: (BigInt(a.sum) + BigInt(b.sum)).toString(),
  };
}

export function checksumsEqual(a: Checksum, b: Checksum): boolean {
  return a.rows === b.rows && a.xor === b.xor && a.sum === b.sum;
}

/**
 * A batch holds far fewer than 2^21 rows, so the sum of its CRC-32s stays below 2^53 and a plain number is exact;
 * only the running total needs a bigint.
 */
export function checksumOf(batch: RowBatch): Checksum {
  const { bytes, offsets, rows } = batch;
  let xor = 0;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const start = offsets[row] as number;
    // Not subarray: a Buffer of its own for every row costs as much as the CRC does.
    const crc = crc32(new Uint8Array(bytes.buffer, bytes.byteOffset + start, (offsets[row + 1] as number) - start));
    xor ^= crc;
    sum += crc;
  }
  return { rows, xor: xor >>> 0, sum: sum.toString() };
}
