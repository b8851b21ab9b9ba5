import { type MovedTable, onSource } from "../../integration/run/migration.ts";
import type { TestDatabase } from "../database.ts";
import { expectNoneTooMany, expectSameBag, Fault } from "./fault.ts";
import type { Shards } from "./shards.ts";

/** A table of a source that does not change, and what the target must hold of it. */
export interface StillTable {
  readonly columns: string;
  /** SELECT list of the fill, with `n` from 1 to `rows`. */
  readonly fill: string;
  readonly rows: number;
  /** Columns and keys on the target, where they are others. */
  readonly onTarget?: string;
  /** The target's rows in SQL over the source's; default: the same. */
  readonly twin?: string;
}

/** The table as a migration makes it, with its names on source and target. */
export function movedTable({ columns, fill, rows, onTarget }: StillTable, source: string, target: string): MovedTable {
  const numbers = `WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows})`;
  return {
    source: [
      `CREATE TABLE ${source} (${columns})`,
      `SET SESSION cte_max_recursion_depth = ${rows}`,
      `INSERT INTO ${source} ${numbers} SELECT ${fill} FROM r`,
      `ANALYZE TABLE ${source}`,
    ],
    target: `CREATE TABLE ${target} (${onTarget ?? columns})`,
  };
}

/** What the target has to hold; read once, as the source does not change. */
export interface WantedRows {
  /** No row is there more often than on the source, and by source table at least as many as the ledger has as acknowledged. */
  expectNoneDoubled(acknowledged: ReadonlyMap<string, number>): Promise<void>;
  /** The target's rows are the source's. */
  expectAll(): Promise<void>;
}

/** `targetOf` a source table is its name on the target. */
export async function wantedRows(
  source: TestDatabase,
  tables: Readonly<Record<string, StillTable>>,
  targetOf: (table: string) => string,
  shards: Shards,
): Promise<WantedRows> {
  const wanted = new Map<string, readonly string[]>();
  for (const [table, { twin = "*" }] of Object.entries(tables)) {
    wanted.set(table, await onSource(source, `SELECT ${twin} FROM ${table}`));
  }
  const found = (table: string): Promise<string[]> => shards.rows(`SELECT * FROM ${targetOf(table)}`);
  return {
    async expectNoneDoubled(acknowledged) {
      for (const [table, rows] of wanted) {
        const there = await found(table);
        expectNoneTooMany(targetOf(table), rows, there);
        const lost = (acknowledged.get(table) ?? 0) - there.length;
        if (lost > 0)
          throw new Fault("lost", `${targetOf(table)} lacks ${lost} rows that are recorded as loaded`, lost);
      }
    },
    async expectAll() {
      for (const [table, rows] of wanted) expectSameBag(targetOf(table), rows, await found(table));
    },
  };
}
