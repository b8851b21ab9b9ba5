import type { TableClass } from "./manifest.ts";

/**
 * Which way a table goes: `move-tables` into a MoveTables workflow, which Vitess itself switches and reverses; `streams`
 * into streams whose filter is a SELECT of ours; `still` nowhere, because VReplication could not carry it on and its
 * source takes no writes, so that there is nothing to carry on.
 */
export type Lane = "move-tables" | "streams" | "still";

/** A table with the lane it goes. */
export interface HandedTable {
  readonly source: string;
  readonly target: string;
  readonly lane: Lane;
}

/** Where a target column's value comes from, in SQL over the source's columns. */
export interface SelectedColumn {
  /** On the target. */
  readonly name: string;
  readonly expression: string;
}

/** What the handoff has to know of a table that moves. Plain data. */
export interface HandoffTable {
  /** Table name on the source. */
  readonly source: string;
  readonly target: string;
  readonly class: TableClass;
  /** The first step that makes the table what its class says; null for identity. */
  readonly decidedBy: string | null;
  /** Is every row on the target, column for column, the source's row under the same table name? */
  readonly verbatim: boolean;
  /** The columns that are not generated, in the order of the rows; empty for js-only tables. */
  readonly columns: readonly SelectedColumn[];
  /** Which rows move, in the words VReplication's source understands; null: all. */
  readonly filter: string | null;
  /** The config's condition in MySQL's own words, which VReplication need not understand; null: none. */
  readonly where: string | null;
  /** By target column name the source column whose bytes it carries unchanged. */
  readonly untouched: Readonly<Record<string, string>>;
  /** The chunk key's columns on the source, with whether each is an integer; empty without a key. */
  readonly key: readonly { readonly name: string; readonly integer: boolean }[];
}

/** Where the target's rows of a table are placed; null: one shard, or a copy on every shard. */
export interface Sharding {
  /** The vindex as a filter names it, `keyspace.vindex`. */
  readonly vindex: string;
  /** Target column names, in the vindex's order. */
  readonly columns: readonly string[];
}
