import { perValue, type VindexFunction } from "./vindex.ts";

const id: Uint8Array = Uint8Array.of(0);

/** Vitess `null`: one keyspace id for everything (vindexes/null.go). */
export function nullVindex(): VindexFunction {
  return perValue(() => id);
}
