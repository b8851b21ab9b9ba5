import type { RowBatch } from "../contracts/rows.ts";
import { newSpareBuffers } from "./spare-buffers.ts";

/** Row bytes of a batch. */
export function bytesOf({ offsets, rows }: RowBatch): number {
  return offsets[rows] as number;
}

/** A batch of only the named rows, in that order, with bytes of its own. */
export function selectRows(batch: RowBatch, rows: readonly number[]): RowBatch {
  const builder = rowBuilder();
  for (const row of rows) builder.add(batch, row);
  return builder.take();
}

/** Rows `from` up to, not including, `to`. Shares the bytes. */
export function sliceRows(batch: RowBatch, from: number, to: number): RowBatch {
  const base = batch.offsets[from] as number;
  return {
    bytes: batch.bytes.subarray(base, batch.offsets[to] as number),
    offsets: Uint32Array.from(batch.offsets.subarray(from, to + 1), (offset) => offset - base),
    rows: to - from,
  };
}

/** Collects rows from many batches by copying them, so that a few rows do not keep large batches alive. */
export interface RowBuilder {
  readonly rows: number;
  readonly bytes: number;
  add(batch: RowBatch, row: number): void;
  /** What was collected; the builder is empty afterwards. */
  take(): RowBatch;
  /** Takes memory back: nobody looks at these rows any more, which it gave. */
  giveBack(rows: RowBatch): void;
}

/** Buffers kept for the next rows: as many as there are usually statements in flight to one shard, and none of a large row. */
const mostSpare = 4;
const largestSpare = 1 << 21;

export function rowBuilder(): RowBuilder {
  let bytes = Buffer.alloc(0);
  let offsets = new Uint32Array(257);
  let rows = 0;
  let length = 0;
  const spare = newSpareBuffers(mostSpare, largestSpare);
  return {
    get rows() {
      return rows;
    },
    get bytes() {
      return length;
    },
    add(batch, row) {
      const start = batch.offsets[row] as number;
      const end = batch.offsets[row + 1] as number;
      if (length + end - start > bytes.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, length + end - start, 1 << 14));
        bytes.copy(larger, 0, 0, length);
        bytes = larger;
      }
      if (rows + 1 >= offsets.length) {
        const longer = new Uint32Array(offsets.length * 2);
        longer.set(offsets);
        offsets = longer;
      }
      batch.bytes.copy(bytes, length, start, end);
      length += end - start;
      offsets[++rows] = length;
    },
    take() {
      const taken: RowBatch = { bytes: bytes.subarray(0, length), offsets: offsets.slice(0, rows + 1), rows };
      // The next rows will need about as much room.
      bytes = spare.take(bytes.length);
      rows = 0;
      length = 0;
      return taken;
    },
    giveBack: ({ bytes }) => spare.giveBack(bytes),
  };
}
