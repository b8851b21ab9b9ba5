import type { RowBatch } from "../../contracts/rows.ts";
import type { Column } from "../../contracts/schema.ts";
import { columnFromType } from "../../mysql/column-type.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import { BatchWriter } from "./batch-writer.ts";
import { RowRandom } from "./row-random.ts";

/** A kind of test table. Its primary key is the one integer column `id`, which is the row's number. */
export interface TableShape {
  readonly name: string;
  /** What is special about it, for people. */
  readonly description: string;
  readonly columns: readonly Column[];
  /** CREATE TABLE for a table of this name, without secondary keys. */
  createTable(table: string): string;
  /** Secondary keys as ALTER TABLE takes them after ADD; made once the rows are there. */
  readonly secondaryKeys: readonly string[];
  /** Rows `first` (from 1) to `first + count - 1`. Row n of a seed is the same in whatever batch it comes. */
  rows(seed: string, first: number, count: number): RowBatch;
}

/** Writes one cell of row `n`. May draw any number of random values: a row's start anew with it. */
export type WriteCell = (into: BatchWriter, random: RowRandom, n: number) => void;

/** A column and how its cells are made. */
export interface Recipe {
  /** As in CREATE TABLE, e.g. `int unsigned NOT NULL`. */
  readonly type: string;
  readonly write: WriteCell;
}

/** A shape whose columns are each made on their own, after `id`. */
export function tableShape(options: {
  readonly name: string;
  readonly description: string;
  readonly idType?: string;
  readonly recipes: Readonly<Record<string, Recipe>>;
}): TableShape {
  const { name, description, idType = "bigint NOT NULL", recipes } = options;
  const writers = Object.values(recipes).map(({ write }) => write);
  const types = [
    ["id", idType] as const,
    ...Object.entries(recipes).map(([column, { type }]) => [column, type] as const),
  ];
  return {
    name,
    description,
    columns: types.map(([column, type]) => columnFromType(column, type)),
    createTable: (table) => createTable(table, types),
    secondaryKeys: [],
    rows(seed, first, count) {
      const into = new BatchWriter(count);
      const random = new RowRandom(`${name}/${seed}`);
      for (let n = first; n < first + count; n++) {
        random.row(n);
        into.integer(n);
        for (const write of writers) write(into, random, n);
        into.endRow();
      }
      return into.batch();
    },
  };
}

/** CREATE TABLE with these columns and their types, and `id` as the primary key. */
export function createTable(table: string, types: readonly (readonly [column: string, type: string])[]): string {
  const lines = [...types.map(([column, type]) => `${quoteName(column)} ${type}`), "PRIMARY KEY (`id`)"];
  return `CREATE TABLE ${quoteName(table)} (\n  ${lines.join(",\n  ")}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`;
}
