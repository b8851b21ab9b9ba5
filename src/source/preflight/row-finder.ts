import type { Column, TableSchema } from "../../contracts/schema.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import type { Session } from "../../mysql/session.ts";

/** A row by its key, `id=42, kind=7`, bytes in hex; of a table without a key, `row without a key`. */
export interface FoundRow {
  readonly key: string;
  /** What the search measured, e.g. bytes. */
  readonly value: string;
}

/** Enough to show what is wrong; the count of all is not worth a second scan. */
const mostRows = 20;

/**
 * Rows for which `condition` holds, at most 20, with `value` of each. Reads the whole table, so it is asked for by
 * name and never part of the ordinary checks.
 */
export async function findRows(
  session: Session,
  table: TableSchema,
  condition: string,
  value: string,
): Promise<readonly FoundRow[]> {
  const names = table.primaryKey.length > 0 ? table.primaryKey : (table.uniqueKeys[0]?.columns ?? []);
  const columns = names.flatMap((name) => table.columns.find((column) => column.name === name) ?? []);
  const list = columns.map((column, at) => `${shown(column)} AS k${at}, `).join("");
  const rows = await session.query(
    `SELECT ${list}${value} AS v FROM ${quoteTable(table.database, table.name)} AS t WHERE ${condition} LIMIT ${mostRows}`,
  );
  return rows.map((row) => ({
    key: columns.map((column, at) => `${column.name}=${row[`k${at}`] ?? "NULL"}`).join(", ") || "row without a key",
    value: row["v"] ?? "",
  }));
}

const shown = (column: Column): string =>
  ["binary", "bit"].includes(column.kind) ? `CONCAT('0x', HEX(${quoteName(column.name)}))` : quoteName(column.name);
