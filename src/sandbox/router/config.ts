import { readFile } from "node:fs/promises";
import { z } from "zod";

/** Where a shard's rows really are. */
export interface ShardConfig {
  /** Key range name as Vitess writes it: "-80", "80-", "0" or "-" for an unsharded keyspace. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface ColumnVindex {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface VschemaTableConfig {
  readonly type: string;
  readonly columnVindexes: readonly ColumnVindex[];
  readonly autoIncrementColumn: string | null;
}

export interface VindexConfig {
  readonly type: string;
  readonly params: Readonly<Record<string, string>>;
  readonly owner: string;
}

/** A keyspace's VSchema, as `vtctldclient GetVSchema` prints it, in one shape. */
export interface Vschema {
  readonly sharded: boolean;
  readonly vindexes: ReadonlyMap<string, VindexConfig>;
  readonly tables: ReadonlyMap<string, VschemaTableConfig>;
}

/** What a client may hand to {@link startRouter}, and what main.ts reads from its JSON file. */
export interface RouterConfig {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** null: anybody may log in, as with vtgate's `--mysql-auth-server-impl none`. */
  readonly user: string | null;
  readonly password: string | null;
  readonly keyspace: string;
  readonly shards: readonly ShardConfig[];
  /** Vitess's own JSON. */
  readonly vschema: unknown;
}

const columnVindex = z.object({
  column: z.string().optional(),
  columns: z.array(z.string()).optional(),
  name: z.string(),
});
const vschemaForm = z.object({
  sharded: z.boolean().default(false),
  vindexes: z
    .record(
      z.string(),
      z.object({
        type: z.string(),
        params: z.record(z.string(), z.string()).default({}),
        owner: z.string().default(""),
      }),
    )
    .default({}),
  tables: z
    .record(
      z.string(),
      z.object({
        type: z.string().default(""),
        column_vindexes: z.array(columnVindex).default([]),
        auto_increment: z.object({ column: z.string(), sequence: z.string() }).optional(),
      }),
    )
    .default({}),
});
const shardForm = z.object({
  name: z.string().min(1),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535),
  user: z.string(),
  password: z.string(),
  database: z.string().min(1),
});
const configForm = z.object({
  host: z.string().min(1),
  port: z.number().int().min(0).max(65_535),
  user: z.string().nullable().default(null),
  password: z.string().nullable().default(null),
  keyspace: z.string().min(1),
  shards: z.array(shardForm).min(1),
  vschema: z.unknown(),
});

export async function readConfigFile(path: string): Promise<RouterConfig> {
  return configForm.parse(JSON.parse(await readFile(path, "utf8")));
}

export function parseVschema(json: unknown): Vschema {
  const form = vschemaForm.parse(json);
  return {
    sharded: form.sharded,
    vindexes: new Map(Object.entries(form.vindexes)),
    tables: new Map(
      Object.entries(form.tables).map(([name, table]) => [
        name,
        {
          type: table.type,
          columnVindexes: table.column_vindexes.map((vindex) => ({
            name: vindex.name,
            columns: vindex.columns ?? (vindex.column === undefined ? [] : [vindex.column]),
          })),
          autoIncrementColumn: table.auto_increment?.column ?? null,
        },
      ]),
    ),
  };
}
