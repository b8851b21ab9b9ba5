import { createCipheriv } from "node:crypto";
import { type Halves, readInteger } from "./integer-text.ts";
import { type VindexColumn, type VindexFunction, writeHalf } from "./vindex.ts";

/**
 * Vitess `hash`: single DES under eight zero bytes of the number as big-endian uint64 (vindexes/hash.go). Triple DES
 * with three equal keys is single DES, which OpenSSL 3 no longer offers by itself. Negative numbers of integer columns
 * are taken as two's complement; text that is no unsigned integer has no destination.
 */
export function hash(column: VindexColumn): VindexFunction {
  const cipher = createCipheriv("des-ede3", Buffer.alloc(24), null).setAutoPadding(false);
  const number: Halves = { high: 0, low: 0 };
  const negatives = column.kind === "integer";
  return (values) => {
    const input = new Uint8Array(values.length * 8);
    const placed = values.map((value, index) => {
      if (value === null || !readInteger(value, negatives, number)) return false;
      writeHalf(input, index * 8, number.high);
      writeHalf(input, index * 8 + 4, number.low);
      return true;
    });
    const output = cipher.update(input);
    return placed.map((known, index) => (known ? output.subarray(index * 8, index * 8 + 8) : null));
  };
}
