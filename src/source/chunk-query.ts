import type { ChunkRequest } from "../contracts/chunk.ts";
import type { Column, TableSchema } from "../contracts/schema.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { rangePredicate } from "../mysql/key-range.ts";
import { readList } from "../mysql/read-expression.ts";

export interface ChunkQuery {
  readonly table: TableSchema;
  /** What to read, in cell order. The key's columns must be among them for the chunk's last key to be known. */
  readonly columns: readonly Column[];
  /** Expressions over the row whose values follow those of the columns. */
  readonly computed?: readonly string[];
  /** The rule's condition, SQL as the user wrote it; null for every row. */
  readonly where: string | null;
  readonly request: ChunkRequest;
}

/**
 * The SELECT that reads one chunk in key order. The key's index is forced: with a selective `where` the optimizer
 * would otherwise take another index and sort the rest of the table for every chunk.
 */
export function chunkQuery({ table, columns, computed = [], where, request }: ChunkQuery): string {
  const key = table.chunkKey;
  const { range, limitRows } = request;
  const conditions: string[] = [];
  if (key !== null) {
    const predicate = rangePredicate(key.columns, range);
    if (predicate !== null) conditions.push(`(${predicate})`);
  } else if (range.after !== null || range.upTo !== null || limitRows !== null) {
    throw new RangeError(`table ${table.name} has no chunk key and can only be read as a whole`);
  }
  // On a line of its own, so that a comment at the end of a user's condition swallows nothing of ours.
  if (where !== null) conditions.push(`(${where}\n)`);
  return [
    `SELECT ${[readList(columns), ...computed].join(", ")}`,
    `FROM ${quoteTable(table.database, table.name)}`,
    ...(key === null ? [] : [`FORCE INDEX (${quoteName(key.index)})`]),
    ...(conditions.length === 0 ? [] : [`WHERE ${conditions.join(" AND ")}`]),
    ...(key === null ? [] : [`ORDER BY ${key.columns.map(quoteName).join(", ")}`]),
    ...(limitRows === null ? [] : [`LIMIT ${limitRows}`]),
  ].join(" ");
}
