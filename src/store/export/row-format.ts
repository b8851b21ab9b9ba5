import type { RowBatch } from "../../contracts/rows.ts";
import { byteKinds, type Column } from "../../contracts/schema.ts";
import { findCells } from "../../mysql/cells.ts";
import type { ChunkFileHeader } from "../chunk-header.ts";

/** A way to print the rows of a chunk file. Pure: the bytes returned are all that it does. */
export interface RowFormat {
  /** What stands before the first row. */
  head(): Buffer;
  rows(batch: RowBatch): Buffer;
}

export type MakeRowFormat = (header: ChunkFileHeader) => RowFormat;

/** The value of a cell, a view into the batch, or null. */
export type CellBytes = Buffer | null;

/** Calls `each` with the cells of every row; the array is used again for the next row. */
export function forEachRow(batch: RowBatch, columns: number, each: (cells: readonly CellBytes[]) => void): void {
  const { bytes, offsets, rows } = batch;
  const bounds = new Int32Array(columns * 2);
  const cells: CellBytes[] = new Array(columns).fill(null);
  for (let row = 0; row < rows; row++) {
    findCells(bytes, offsets[row] as number, offsets[row + 1] as number, columns, bounds);
    for (let column = 0; column < columns; column++) {
      const start = bounds[column * 2] as number;
      cells[column] = start < 0 ? null : bytes.subarray(start, bounds[column * 2 + 1]);
    }
    each(cells);
  }
}

/** Are the column's cells bytes rather than text? */
export function isBytes(column: Column): boolean {
  return byteKinds.has(column.kind);
}

/** `0x00ff`; `0x` for no bytes. */
export function hex(cell: Buffer): string {
  return `0x${cell.toString("hex")}`;
}
