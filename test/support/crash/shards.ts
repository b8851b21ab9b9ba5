import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { inject } from "vitest";
import { rowText } from "../../integration/run/migration.ts";

/** The servers behind the shards, asked past vtpipe and the gate. */
export interface Shards extends AsyncDisposable {
  /** Rows of all shards together, each as a text. */
  rows(sql: string): Promise<string[]>;
}

export async function openShards(): Promise<Shards> {
  const connections: Connection[] = [];
  for (const { host, port, user, password, database } of inject("shardServers")) {
    const login = { host, port, user, password, database, charset: "utf8mb4" };
    connections.push(
      await createConnection({ ...login, supportBigNumbers: true, bigNumberStrings: true, dateStrings: true }),
    );
  }
  return {
    async rows(sql) {
      const all = await Promise.all(connections.map((connection) => connection.query<RowDataPacket[]>(sql)));
      return all.flatMap(([rows]) => rows.map(rowText));
    },
    async [Symbol.asyncDispose]() {
      for (const connection of connections) await connection.end();
    },
  };
}
