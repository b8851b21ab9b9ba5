import type { Column, Key } from "../contracts/schema.ts";

/** The table rows are put into, and what their cells are. Plain data, so it crosses threads. */
export interface LoadTable {
  /** Name on the target. */
  readonly name: string;
  /** Of the rows' cells, in order. Generated columns may be among them; they are not inserted. */
  readonly columns: readonly Column[];
  /** Unique key of the target by which rows are looked up after an ambiguous answer; null: the load ledger is used. */
  readonly key: Key | null;
}

/** A cell that is inserted: its place in the row and its column. */
export interface InsertedCell {
  readonly index: number;
  readonly column: Column;
}

export function insertedCells(table: LoadTable): InsertedCell[] {
  return table.columns.flatMap((column, index) => (column.generated === null ? [{ index, column }] : []));
}
