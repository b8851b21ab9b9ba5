import { perValue, type VindexFunction } from "./vindex.ts";

const none: Uint8Array = new Uint8Array(0);

/** Vitess `binary`: the bytes as they are (vindexes/binary.go). */
export function binary(): VindexFunction {
  return perValue((value) => value ?? none);
}
