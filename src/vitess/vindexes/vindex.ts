import type { CellKind } from "../../contracts/schema.ts";

/**
 * A vindex: from values of its column, as MySQL prints them, to keyspace ids. null stands for SQL NULL on the way in
 * and for "no destination" on the way out: vtgate would not place such a row either. Many values at a time, because
 * one call into the crypto library costs more than the hashing.
 */
export type VindexFunction = (values: readonly (Uint8Array | null)[]) => (Uint8Array | null)[];

/** What a vindex has to know of its column. */
export interface VindexColumn {
  readonly kind: CellKind;
}

/** A vindex that has nothing to gain from many values at once. */
export function perValue(one: (value: Uint8Array | null) => Uint8Array | null): VindexFunction {
  return (values) => values.map(one);
}

/** The eight bytes of two 32-bit halves, most significant first. */
export function bigEndian(high: number, low: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeHalf(bytes, 0, high);
  writeHalf(bytes, 4, low);
  return bytes;
}

export function writeHalf(into: Uint8Array, at: number, half: number): void {
  into[at] = half >>> 24;
  into[at + 1] = half >>> 16;
  into[at + 2] = half >>> 8;
  into[at + 3] = half;
}
