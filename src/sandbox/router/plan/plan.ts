import type { Aggregate } from "./aggregates.ts";

/** What to do for a statement of an untargeted session. Deciding is pure; {@link runPlan} does it. */
export type Plan =
  /** One shard, its answer handed over as it is. `anyShard`: the answer is the same everywhere, so no transaction matters. */
  | {
      readonly kind: "shard";
      readonly shard: string;
      readonly sql: string;
      readonly writes: boolean;
      readonly anyShard?: true;
    }
  /** A write on several shards, each with its own statement; counts are added up. */
  | { readonly kind: "write"; readonly statements: ReadonlyMap<string, string> }
  /** Rows of all shards, one shard's after the other's, at most `limit`. */
  | { readonly kind: "rows"; readonly shards: readonly string[]; readonly sql: string; readonly limit: number | null }
  /** One row of every shard, merged column by column. */
  | {
      readonly kind: "aggregate";
      readonly shards: readonly string[];
      readonly sql: string;
      readonly columns: readonly Aggregate[];
    }
  /** The same statement on every shard, one after the other. */
  | { readonly kind: "ddl"; readonly sql: string }
  /** SHOW TABLES: the first shard's answer under the keyspace's name. */
  | { readonly kind: "renamed"; readonly shard: string; readonly sql: string; readonly column: string }
  /** Rows the router knows itself. */
  | LocalRows
  /** Statements without any effect here. */
  | { readonly kind: "nothing" };

export interface LocalRows {
  readonly kind: "local";
  readonly columns: readonly string[];
  readonly type: "varchar" | "varbinary";
  readonly rows: readonly (readonly (Uint8Array | string | null)[])[];
}

export function localRows(columns: readonly string[], rows: LocalRows["rows"]): LocalRows {
  return { kind: "local", columns, type: "varchar", rows };
}
