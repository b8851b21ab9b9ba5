import { type Halves, readInteger } from "./integer-text.ts";
import { bigEndian, perValue, type VindexFunction } from "./vindex.ts";

function reverse(half: number): number {
  let bits = ((half >>> 1) & 0x55555555) | ((half & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}

/** Vitess `reverse_bits`: the 64 bits in reverse order, big-endian (vindexes/reverse_bits.go). */
export function reverseBits(): VindexFunction {
  const number: Halves = { high: 0, low: 0 };
  return perValue((value) =>
    value !== null && readInteger(value, false, number) ? bigEndian(reverse(number.low), reverse(number.high)) : null,
  );
}
