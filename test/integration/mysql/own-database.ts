import { inject } from "vitest";
import { noTls, type ServerAddress } from "../../../src/mysql/server-url.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";

/** The real MySQL of the test run. */
export function serverAddress(database = ""): ServerAddress {
  const { host, port, user, password } = inject("source");
  return { scheme: "mysql", host, port, socketPath: null, user, password, database, tls: noTls };
}

/** Runs `work` with a session that may write, inside a database of its own that is dropped afterwards. */
export async function inOwnDatabase(
  name: string,
  work: (session: Session, address: ServerAddress) => Promise<void>,
): Promise<void> {
  await using session = await openSession(serverAddress(), { purpose: "target" });
  await session.run(`DROP DATABASE IF EXISTS ${name}`);
  await session.run(`CREATE DATABASE ${name}`);
  await session.run(`USE ${name}`);
  await session.run("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
  try {
    await work(session, serverAddress(name));
  } finally {
    await session.run(`DROP DATABASE ${name}`);
  }
}

/** Each row of a result as hex. */
export async function hexRows(session: Session, sql: string, batchBytes?: number): Promise<string[]> {
  const rows: string[] = [];
  for await (const batch of session.readRows(sql, batchBytes === undefined ? {} : { batchBytes })) {
    for (let row = 0; row < batch.rows; row++) {
      rows.push(batch.bytes.toString("hex", batch.offsets[row], batch.offsets[row + 1]));
    }
  }
  return rows;
}
