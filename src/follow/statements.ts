import type { Session } from "../mysql/session.ts";
import type { RowRef } from "./changes.ts";
import type { NetTable } from "./net.ts";

/** A statement for some rows, small enough for the target. */
export interface RowsStatement {
  readonly sql: string;
  readonly rows: readonly RowRef[];
  /** Holds a value that only a permissive sql_mode takes. */
  readonly permissive: boolean;
}

/** How rows of one table are written; made by whoever knows the loader's encoders. */
export interface TableStatements extends NetTable {
  /** Name on the target. */
  readonly name: string;
  /** The row's key for people. */
  textOf(row: RowRef): string;
  /** Deletes by key, or without a key each row as often as it is listed. */
  deletes(rows: readonly RowRef[]): Iterable<RowsStatement>;
  /** `replace`: a row that has one of the row's unique values gives way. */
  inserts(rows: readonly RowRef[], replace: boolean): Iterable<RowsStatement>;
  /** The first of the rows that the shard does not hold; null: all are there. */
  firstMissing(session: Session, rows: readonly RowRef[]): Promise<RowRef | null>;
}
