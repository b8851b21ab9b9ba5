import type { KeyBound, KeyRange } from "../contracts/chunk.ts";
import type { Column, TableSchema } from "../contracts/schema.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { rangePredicate } from "../mysql/key-range.ts";
import { cellLiteral } from "../mysql/literal.ts";
import { readExpression } from "../mysql/read-expression.ts";
import type { Session } from "../mysql/session.ts";

/** A key a row really has: its cells as the text protocol prints them, and the same as literals. */
export interface RealKey {
  readonly values: readonly Buffer[];
  readonly bound: KeyBound;
}

/** Single-row and estimate queries over a table's chunk key; each reads a few index pages, however large the table. */
export interface KeyProbe {
  readonly columns: readonly Column[];
  first(conditions: string | null): Promise<RealKey | null>;
  last(conditions: string | null): Promise<RealKey | null>;
  /** The `rows`-th key; null when there are fewer. Reads that many entries of the index, unlike the others. */
  nth(conditions: string | null, rows: number): Promise<RealKey | null>;
  /** The optimizer's estimate of the keys in a range. */
  estimate(range: KeyRange): Promise<number>;
}

/** null for a table without a chunk key. */
export function keyProbe(session: Session, table: TableSchema): KeyProbe | null {
  const key = table.chunkKey;
  if (key === null) return null;
  const columns = key.columns.map((name) => table.columns.find((column) => column.name === name) as Column);
  const isBytes = (column: Column): boolean => column.kind === "binary" || column.kind === "bit";
  const list = columns
    .map((column, at) => `${isBytes(column) ? `HEX(${hexed(column)})` : readExpression(column)} AS k${at}`)
    .join(", ");
  const from = `${quoteTable(table.database, table.name)}`;
  const names = columns.map((column) => quoteName(column.name));

  const probe = async (conditions: string | null, direction: "ASC" | "DESC"): Promise<RealKey | null> => {
    const where = conditions === null ? "" : ` WHERE ${conditions}`;
    const order = names.map((name) => `${name} ${direction}`).join(", ");
    const [row] = await session.query(
      `SELECT ${list} FROM ${from} FORCE INDEX (${quoteName(key.index)})${where} ORDER BY ${order} LIMIT 1`,
    );
    return row === undefined ? null : keyOf(row);
  };
  const keyOf = (row: Record<string, string | null>): RealKey => {
    const values = columns.map((column, at) => Buffer.from(row[`k${at}`] ?? "", isBytes(column) ? "hex" : "utf8"));
    return { values, bound: values.map((value, at) => cellLiteral(columns[at] as Column, value)) };
  };

  return {
    columns,
    first: (conditions) => probe(conditions, "ASC"),
    last: (conditions) => probe(conditions, "DESC"),
    async nth(conditions, rows) {
      const where = conditions === null ? "" : ` WHERE ${conditions}`;
      const order = (direction: string): string => names.map((name) => `${name} ${direction}`).join(", ");
      const nearest = `SELECT ${names.join(", ")} FROM ${from} FORCE INDEX (${quoteName(key.index)})${where} ORDER BY ${order("ASC")} LIMIT ${rows}`;
      const [row] = await session.query(
        `SELECT ${list}, (SELECT COUNT(*) FROM (${nearest}) AS n) AS found FROM (${nearest}) AS k ORDER BY ${order("DESC")} LIMIT 1`,
      );
      return row === undefined || Number(row["found"]) < rows ? null : keyOf(row);
    },
    async estimate(range) {
      const predicate = rangePredicate(key.columns, range);
      // USE INDEX and no ORDER BY: under FORCE INDEX MySQL skips the look into the index that the estimate comes from.
      const [row] = await session.query(
        `EXPLAIN FORMAT=TRADITIONAL SELECT ${names.join(", ")} FROM ${from} USE INDEX (${quoteName(key.index)})` +
          (predicate === null ? "" : ` WHERE ${predicate}`),
      );
      return Number(row?.["rows"] ?? 0);
    },
  };
}

/** HEX of a BIT column is that of a number, without leading zeros and maybe of odd length; as binary it is its bytes. */
function hexed(column: Column): string {
  const name = quoteName(column.name);
  return column.kind === "bit" ? `CAST(${name} AS BINARY(${Math.ceil((column.length ?? 1) / 8)}))` : name;
}
