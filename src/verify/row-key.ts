import type { RowBatch, RowShape } from "../contracts/rows.ts";
import { findCells } from "../mysql/cells.ts";
import { keyBoundOf } from "../mysql/key-range.ts";

/** The columns that tell rows of a table apart, with their places in the row. */
export interface RowKey {
  readonly columns: RowShape;
  readonly indexes: readonly number[];
}

/** null when the rows do not carry all of these columns. */
export function rowKeyOf(columns: RowShape, names: readonly string[]): RowKey | null {
  const indexes = names.map((name) => columns.findIndex((column) => column.name === name));
  return names.length === 0 || indexes.includes(-1) ? null : { columns, indexes };
}

/** The key's bytes, length prefixes included, as a string with a character per byte: equal keys, equal strings. */
export function keyBytes({ columns, indexes }: RowKey, batch: RowBatch, row: number): string {
  const bounds = new Int32Array(columns.length * 2);
  findCells(batch.bytes, batch.offsets[row] as number, batch.offsets[row + 1] as number, columns.length, bounds);
  const parts = indexes.map((index) => {
    const start = bounds[index * 2] as number;
    const value = start < 0 ? null : batch.bytes.toString("latin1", start, bounds[index * 2 + 1]);
    return value === null ? "-" : `${value.length}:${value}`;
  });
  return parts.join("");
}

/** The key's cells as SQL literals. */
export function keyLiterals({ columns, indexes }: RowKey, batch: RowBatch, row: number): readonly string[] {
  return keyBoundOf(columns, indexes, batch.bytes, batch.offsets[row] as number, batch.offsets[row + 1] as number);
}

/** For people: `42`, or `(42, 'abc')`. */
export function keyText(literals: readonly string[]): string {
  return literals.length === 1 ? (literals[0] as string) : `(${literals.join(", ")})`;
}

export function rowBytes(batch: RowBatch, row: number): Buffer {
  return batch.bytes.subarray(batch.offsets[row], batch.offsets[row + 1]);
}

/** Names of the columns whose cells differ between two rows of the same shape. */
export function differingColumns(columns: RowShape, a: Buffer, b: Buffer): string[] {
  const inA = new Int32Array(columns.length * 2);
  const inB = new Int32Array(columns.length * 2);
  findCells(a, 0, a.length, columns.length, inA);
  findCells(b, 0, b.length, columns.length, inB);
  const cell = (row: Buffer, bounds: Int32Array, index: number): Buffer | null => {
    const start = bounds[index * 2] as number;
    return start < 0 ? null : row.subarray(start, bounds[index * 2 + 1]);
  };
  return columns.flatMap((column, index) => {
    const left = cell(a, inA, index);
    const right = cell(b, inB, index);
    const same = left === null || right === null ? left === right : left.equals(right);
    return same ? [] : [column.name];
  });
}
