import { type Halves, readInteger } from "./integer-text.ts";
import { bigEndian, perValue, type VindexFunction } from "./vindex.ts";

/** Vitess `numeric`: the number itself, big-endian uint64 (vindexes/numeric.go). Negative numbers have no destination. */
export function numeric(): VindexFunction {
  const number: Halves = { high: 0, low: 0 };
  return perValue((value) =>
    value !== null && readInteger(value, false, number) ? bigEndian(number.high, number.low) : null,
  );
}
