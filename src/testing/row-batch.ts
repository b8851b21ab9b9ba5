import type { RowBatch } from "../contracts/rows.ts";
import { cellSize, findCells, writeCellPrefix } from "../mysql/cells.ts";

/** A row as its cells: bytes or NULL. */
export type CellRow = readonly (Uint8Array | null)[];

/** A batch of these rows, written cell by cell. */
export function batchOf(rows: readonly CellRow[]): RowBatch {
  const parts: Uint8Array[] = [];
  const offsets = new Uint32Array(rows.length + 1);
  let at = 0;
  rows.forEach((row, i) => {
    for (const value of row) {
      const cell = Buffer.alloc(cellSize(value === null ? -1 : value.length));
      const start = writeCellPrefix(cell, 0, value === null ? -1 : value.length);
      if (value !== null) cell.set(value, start);
      parts.push(cell);
      at += cell.length;
    }
    offsets[i + 1] = at;
  });
  return { bytes: Buffer.concat(parts), offsets, rows: rows.length };
}

/** The cells of a batch's rows of `columns` cells. */
export function rowsOf(batch: RowBatch, columns: number): (Buffer | null)[][] {
  const bounds = new Int32Array(columns * 2);
  return Array.from({ length: batch.rows }, (_, i) => {
    const end = batch.offsets[i + 1] as number;
    const found = findCells(batch.bytes, batch.offsets[i] as number, end, columns, bounds);
    if (found !== end) throw new RangeError(`row ${i} has more than ${columns} cells`);
    return Array.from({ length: columns }, (_, c) => {
      const start = bounds[c * 2] as number;
      return start === -1 ? null : Buffer.from(batch.bytes.subarray(start, bounds[c * 2 + 1]));
    });
  });
}
