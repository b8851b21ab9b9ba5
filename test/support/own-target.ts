import { type Connection, createConnection } from "mysql2/promise";
import { startRouter } from "../../src/sandbox/router/router.ts";
import { type OwnServer, startOwnServer } from "../integration/source/own-server.ts";

/** An unsharded target of one test file, to be damaged: a MySQL server of its own behind the stand-in. Not Vitess. */
export interface OwnTarget extends AsyncDisposable {
  readonly server: OwnServer;
  /** For `target.url`. */
  readonly url: string;
  readonly database: string;
  /** To the server itself, as root. */
  connect(): Promise<Connection>;
}

/** `tables`: by name, its `CREATE TABLE …`. */
export async function startOwnTarget(
  name: string,
  tables: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<OwnTarget> {
  const server = await startOwnServer(name, flags);
  const { host, port, user } = server.address;
  const database = "own";
  const connect = (): Promise<Connection> => createConnection({ host, port, user });
  const root = await connect();
  await root.query(`CREATE DATABASE ${database}`);
  await root.query(`USE ${database}`);
  for (const create of Object.values(tables)) await root.query(create);
  await root.end();
  const router = await startRouter({
    host: "127.0.0.1",
    port: 0,
    user: null,
    password: null,
    keyspace: database,
    shards: [{ name: "0", host, port, user, password: "", database }],
    vschema: { sharded: false, tables: Object.fromEntries(Object.keys(tables).map((table) => [table, {}])) },
  });
  return {
    server,
    url: `vtgate://loader@127.0.0.1:${router.port}/${database}`,
    database,
    async connect() {
      const connection = await connect();
      await connection.query(`USE ${database}`);
      return connection;
    },
    async [Symbol.asyncDispose]() {
      await router.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
