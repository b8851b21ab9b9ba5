import type { Column } from "./schema.ts";

/**
 * Rows as MySQL's text protocol carries them: per cell a length-encoded string, 0xfb for NULL.
 * Row `i` is `bytes.subarray(offsets[i], offsets[i + 1])`. The batch owns its bytes; nobody changes them.
 */
export interface RowBatch {
  readonly bytes: Buffer;
  /** `rows + 1` ascending offsets into `bytes`; the first is 0. May be longer than that: use `rows`. */
  readonly offsets: Uint32Array;
  readonly rows: number;
}

/**
 * Order-free checksum of a set of rows. A row's checksum is CRC-32 (the zlib one, MySQL's CRC32()) of its
 * row bytes; `sum` catches what `xor` cannot (two equal cells swapped between rows, an even number of equal changes).
 * Checksums of disjoint sets add up.
 */
export interface Checksum {
  readonly rows: number;
  /** XOR of the row checksums, 0..2^32-1. */
  readonly xor: number;
  /** Sum of the row checksums, exact, as decimal text (it outgrows 2^53). */
  readonly sum: string;
}

/** The columns of a row in cell order, as carried in batches and chunk files. */
export type RowShape = readonly Column[];
