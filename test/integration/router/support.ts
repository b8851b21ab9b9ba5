import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { inject } from "vitest";
import type { RouterConfig } from "../../../src/sandbox/router/config.ts";
import { type Router, startRouter } from "../../../src/sandbox/router/router.ts";

/** A router of the test's own, in this process, over two databases of the test's own on a shard's mysqld. */
export interface RouterFixture extends AsyncDisposable {
  readonly config: RouterConfig;
  readonly router: Router;
  /** Through the router; `target` as in USE, "" for none. */
  connect(target?: string, options?: object): Promise<Connection>;
  /** To a shard's mysqld itself, in its database. */
  direct(shard: number, options?: object): Promise<Connection>;
  /** Cuts the connections that were made so far: after each test, so that what it leaves open is none of ours. */
  cutConnections(): void;
}

export const exact = {
  supportBigNumbers: true,
  dateStrings: true,
  charset: "utf8mb4_0900_ai_ci",
} as const;

export async function routerFixture(
  name: string,
  vschema: object,
  overrides: Partial<RouterConfig> = {},
): Promise<RouterFixture> {
  const [server] = inject("shardServers");
  if (server === undefined) throw new Error("there are no shards");
  const { host, port, user, password } = server;
  const databases = [`router_${name}_0`, `router_${name}_1`];
  const root = await createConnection({ host, port, user, password });
  for (const database of databases) {
    await root.query(`DROP DATABASE IF EXISTS ${database}`);
    await root.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
  }
  const shards = ["-80", "80-"].map((shard, i) => ({
    name: shard,
    host,
    port,
    user,
    password,
    database: databases[i] ?? "",
  }));
  const config: RouterConfig = {
    host: "127.0.0.1",
    port: 0,
    user: null,
    password: null,
    keyspace: "ks",
    shards,
    vschema,
    ...overrides,
  };
  const router = await startRouter(config);
  const open: Connection[] = [];
  const keep = (connection: Connection): Connection => {
    open.push(connection);
    return connection;
  };
  const cutConnections = (): void => {
    for (const connection of open.splice(0)) connection.destroy();
  };
  return {
    config,
    router,
    connect: async (target = "ks", options = {}) =>
      keep(
        await createConnection({
          host: "127.0.0.1",
          port: router.port,
          user: "any",
          database: target,
          ...exact,
          ...options,
        }),
      ),
    direct: async (shard, options = {}) =>
      keep(
        await createConnection({ host, port, user, password, database: databases[shard] ?? "", ...exact, ...options }),
      ),
    cutConnections,
    [Symbol.asyncDispose]: async () => {
      cutConnections();
      await router.close();
      for (const database of databases) await root.query(`DROP DATABASE IF EXISTS ${database}`);
      await root.end();
    },
  };
}

export async function rowsOf(connection: Connection, sql: string): Promise<unknown[][]> {
  const [rows] = await connection.query<RowDataPacket[]>({ sql, rowsAsArray: true });
  return rows as unknown as unknown[][];
}

/** What a statement is refused with. */
export async function errorOf(run: Promise<unknown>): Promise<{ errno: number; sqlState: string; message: string }> {
  try {
    await run;
  } catch (error) {
    const { errno, sqlState, sqlMessage, message } = error as Record<string, unknown>;
    return { errno: Number(errno), sqlState: String(sqlState), message: String(sqlMessage ?? message) };
  }
  throw new Error("nothing was refused");
}
