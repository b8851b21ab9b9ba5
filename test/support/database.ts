import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { inject } from "vitest";
import { readState } from "../../src/sandbox/state-file.ts";
import { changeVschema } from "../../src/sandbox/target-vschema.ts";
import { mergeVschema, type TableJson, type VindexJson } from "../../src/sandbox/vschema-json.ts";

/** A database of a test's own on the source; dropped when disposed of. */
export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  /** As root, with the database as default. */
  readonly connection: Connection;
  /** Runs a statement and returns its rows, BIGINT, DECIMAL and dates as text. */
  query(sql: string, values?: unknown[]): Promise<RowDataPacket[]>;
}

/** Creates the database of that name on the source, in place of one an earlier run may have left. */
export async function testDatabase(name: string): Promise<TestDatabase> {
  const { host, port, user, password } = inject("source");
  const connection = await createConnection({ host, port, user, password, ...exact });
  await connection.query(`DROP DATABASE IF EXISTS \`${name}\``);
  await connection.query(`CREATE DATABASE \`${name}\``);
  await connection.query(`USE \`${name}\``);
  return {
    name,
    connection,
    query: async (sql, values) => (await connection.query<RowDataPacket[]>(sql, values))[0],
    [Symbol.asyncDispose]: async () => {
      await connection.query(`DROP DATABASE IF EXISTS \`${name}\``);
      await connection.end();
    },
  };
}

const exact = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true, charset: "utf8mb4" } as const;

/** A table to be made on every shard and in the keyspace's vschema. */
export interface TargetTable {
  /** `CREATE TABLE …` without a database. */
  readonly create: string;
  readonly vschema: TableJson;
}

/**
 * Makes tables in the target keyspace: on every shard through the gate, so that tablets know them, and in the vschema
 * together with the vindexes they use. Dropped from both when disposed of. Names must be the test's own.
 */
export async function targetTables(
  tables: Readonly<Record<string, TargetTable>>,
  vindexes: Readonly<Record<string, VindexJson>> = {},
): Promise<AsyncDisposable> {
  const names = Object.keys(tables);
  const drop = names.map((name) => `DROP TABLE IF EXISTS \`${name.replaceAll("`", "``")}\``);
  await onEveryShard([...drop, ...Object.values(tables).map(({ create }) => create)]);
  const added = Object.fromEntries(Object.entries(tables).map(([name, { vschema }]) => [name, vschema]));
  const state = await stateOfSandbox();
  await changeVschema(state, (now) => mergeVschema(now, { vindexes, tables: added }));
  return {
    [Symbol.asyncDispose]: async () => {
      // In this order: the gate lists tables that are on the shards whatever its vschema says.
      await onEveryShard(drop);
      await changeVschema(state, (now) => ({
        ...now,
        tables: Object.fromEntries(Object.entries(now.tables).filter(([name]) => !names.includes(name))),
      }));
    },
  };
}

/** Runs statements in a session targeted at each shard's primary in turn. */
export async function onEveryShard(statements: readonly string[]): Promise<void> {
  for (const shard of inject("vtgate").shards) {
    const connection = await connectTarget(shard);
    try {
      for (const sql of statements) await connection.query(sql);
    } finally {
      await connection.end();
    }
  }
}

/** A session on the target: of one shard's primary, or of the whole keyspace. */
export async function connectTarget(shard: string | null = null): Promise<Connection> {
  const { host, port, user, password, keyspace } = inject("vtgate");
  const database = shard === null ? keyspace : `${keyspace}:${shard}@primary`;
  return createConnection({ host, port, user, password, database, ...exact });
}

async function stateOfSandbox(): ReturnType<typeof requireState> {
  return requireState(inject("sandbox"));
}

async function requireState(directory: string): Promise<NonNullable<Awaited<ReturnType<typeof readState>>>> {
  const state = await readState(directory);
  if (state === null) throw new Error(`no sandbox in ${directory}`);
  return state;
}
