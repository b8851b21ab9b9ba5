import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { inject } from "vitest";
import { stringify } from "yaml";
import type { VindexJson } from "../../../src/sandbox/vschema-json.ts";
import { type CliOptions, type CliResult, vtpipe } from "../../support/cli.ts";
import {
  onEveryShard,
  type TargetTable,
  type TestDatabase,
  targetTables,
  testDatabase,
} from "../../support/database.ts";

/** A table to move: made on the source, and on the target under the name it has there. */
export interface MovedTable {
  /** `CREATE TABLE …` on the source, then what fills it. */
  readonly source: readonly string[];
  /** `CREATE TABLE …` on the target; default: the source's first statement. */
  readonly target?: string;
  /** Its place in the vschema; default: by `id` with hash. */
  readonly vschema?: TargetTable["vschema"];
}

/** A source database, target tables and a folder with a config, as a user has them who is about to move. */
export interface Migration extends AsyncDisposable {
  readonly source: TestDatabase;
  readonly folder: string;
  /** The run directory of the config. */
  readonly directory: string;
  readonly configFile: string;
  /** Writes the config anew: the usual one with these sections in place of its own. */
  configure(sections?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Runs `vtpipe VERB -c vtpipe.yaml …` in the folder, with the passwords in the environment. */
  run(verb: string, args?: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** Removes run directory and rows on the target. */
  clear(): Promise<void>;
}

export const byId: TargetTable["vschema"] = { column_vindexes: [{ column: "id", name: "run_hash" }] };

/** `tables` by their names on the target. Names must be the test's own: all tests share one keyspace. */
export async function newMigration(
  name: string,
  tables: Readonly<Record<string, MovedTable>>,
  vindexes: Readonly<Record<string, VindexJson>> = {},
): Promise<Migration> {
  const source = await testDatabase(name);
  for (const table of Object.values(tables)) for (const sql of table.source) await source.query(sql);
  const wanted = Object.entries(tables).map(([target, table]): [string, TargetTable] => [
    target,
    { create: table.target ?? table.source[0] ?? "", vschema: table.vschema ?? byId },
  ]);
  const target = await targetTables(Object.fromEntries(wanted), { run_hash: { type: "hash" }, ...vindexes });
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-run-"));
  const directory = join(folder, "run");
  const configFile = join(folder, "vtpipe.yaml");
  const configure = async (sections: Readonly<Record<string, unknown>> = {}): Promise<void> => {
    await writeFile(configFile, stringify({ ...usualConfig(name), ...sections }));
  };
  await configure();
  return {
    source,
    folder,
    directory,
    configFile,
    configure,
    run: (verb, args = [], options = {}) =>
      vtpipe([...verb.split(" "), ...(verb === "inspect" ? [] : ["-c", configFile]), ...args], {
        cwd: folder,
        ...options,
        env: { ...passwords(), ...options.env },
      }),
    async clear() {
      await rm(directory, { recursive: true, force: true });
      await onEveryShard(Object.keys(tables).map((table) => `DELETE FROM ${quoted(table)}`));
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
      await target[Symbol.asyncDispose]();
      await source[Symbol.asyncDispose]();
    },
  };
}

/** The smallest chunks there are, so that small tables have many. */
export function usualConfig(database: string): Record<string, unknown> {
  const { source, target } = urls(database);
  return {
    version: 1,
    source: { url: source, password: fromEnvironment("SOURCE_PASSWORD") },
    target: { url: target, password: fromEnvironment("TARGET_PASSWORD") },
    directory: "./run",
    workers: 2,
    chunkBytes: "64KiB",
  };
}

export const fromEnvironment = (variable: string): string => `\${${variable}}`;

export function urls(database: string): { source: string; target: string } {
  const from = inject("source");
  const to = inject("vtgate");
  return {
    source: `mysql://${from.user}@${from.host}:${from.port}/${database}`,
    target: `vtgate://${to.user}@${to.host}:${to.port}/${to.keyspace}`,
  };
}

export function passwords(): Record<string, string> {
  return { SOURCE_PASSWORD: inject("source").password, TARGET_PASSWORD: inject("vtgate").password };
}

/** Rows of a query against the server behind each shard, past the gate, as texts; all shards' together, sorted. */
export async function onShards(sql: string): Promise<string[]> {
  const found: string[] = [];
  for (const server of inject("shardServers")) {
    const connection = await createConnection({ ...login(server), ...exact });
    try {
      const [rows] = await connection.query<RowDataPacket[]>(sql);
      found.push(...rows.map(rowText));
    } finally {
      await connection.end();
    }
  }
  return found.sort();
}

/** The same of the source. */
export async function onSource(source: TestDatabase, sql: string): Promise<string[]> {
  return (await source.query(sql)).map(rowText).sort();
}

/** A row as the JSON of its values' texts; bytes as hex. */
export function rowText(row: RowDataPacket): string {
  const text = (value: unknown): string | null =>
    value === null ? null : Buffer.isBuffer(value) ? value.toString("hex") : String(value);
  return JSON.stringify(Object.values(row).map(text));
}

/** Runs a statement on the server behind one shard. */
export async function changeShard(shard: number, sql: string): Promise<number> {
  const server = inject("shardServers")[shard];
  if (server === undefined) throw new RangeError(`no shard ${shard}`);
  const connection = await createConnection({ ...login(server), ...exact });
  try {
    const [result] = await connection.query(sql);
    return (result as { affectedRows?: number }).affectedRows ?? 0;
  } finally {
    await connection.end();
  }
}

export const quoted = (name: string): string => `\`${name.replaceAll("`", "``")}\``;

const exact = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true, charset: "utf8mb4" } as const;

function login({ host, port, user, password, database }: ReturnType<typeof shardServer>) {
  return { host, port, user, password, database };
}

function shardServer() {
  return inject("shardServers")[0] as { host: string; port: number; user: string; password: string; database: string };
}
