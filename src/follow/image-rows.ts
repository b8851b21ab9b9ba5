import type { RowBatch } from "../contracts/rows.ts";
import type { RowRef } from "./changes.ts";

/**
 * What a chain makes of each row; null: it drops it. Rows that stay keep their order, so only when some were dropped does
 * each have to go through alone to tell which.
 */
export function throughChain(batch: RowBatch, pieces: (batch: RowBatch) => Iterable<RowBatch>): (RowRef | null)[] {
  const all = refsOf(pieces(batch));
  if (all.length === batch.rows) return all;
  return Array.from({ length: batch.rows }, (_, row) => refsOf(pieces(rowAlone(batch, row)))[0] ?? null);
}

function refsOf(batches: Iterable<RowBatch>): RowRef[] {
  const refs: RowRef[] = [];
  for (const batch of batches) for (let row = 0; row < batch.rows; row++) refs.push({ batch, row });
  return refs;
}

function rowAlone({ bytes, offsets }: RowBatch, row: number): RowBatch {
  const [start, end] = [offsets[row] as number, offsets[row + 1] as number];
  return { bytes: bytes.subarray(start, end), offsets: Uint32Array.of(0, end - start), rows: 1 };
}
