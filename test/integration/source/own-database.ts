import { inject } from "vitest";
import type { TableSchema } from "../../../src/contracts/schema.ts";
import { noTls, type ServerAddress } from "../../../src/mysql/server-url.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { inspectTables } from "../../../src/source/inspect.ts";

type Account = Pick<ServerAddress, "user" | "password">;

/** The real MySQL of the test run. */
export function sourceAddress(account: Partial<Account> = {}): ServerAddress {
  const { host, port, user, password } = inject("source");
  const none = { scheme: "mysql", socketPath: null, database: "", tls: noTls } as const;
  return { ...none, host, port, user, password, ...account };
}

/** Gives the test a database of its own, as the session's default, and drops it in the end. */
export async function inOwnDatabase(
  name: string,
  work: (session: Session, database: string) => Promise<void>,
  address: ServerAddress = sourceAddress(),
): Promise<void> {
  await using session = await openSession(address, { purpose: "control" });
  await session.run(`DROP DATABASE IF EXISTS ${name}`);
  await session.run(`CREATE DATABASE ${name}`);
  await session.run(`USE ${name}`);
  try {
    await work(session, name);
  } finally {
    await session.run(`DROP DATABASE ${name}`);
  }
}

export async function inspectOne(session: Session, database: string, table: string): Promise<TableSchema> {
  const [schema] = await inspectTables(session, database, [table]);
  if (schema === undefined) throw new Error(`no table ${table}`);
  return schema;
}

/** `numbers` as a derived table of `count` rows with a column n from 0. */
export function numbers(count: number): string {
  return `(WITH RECURSIVE r (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM r WHERE n < ${count - 1}) SELECT n FROM r) AS numbers`;
}

export const deepRecursion = "SET SESSION cte_max_recursion_depth = 100000";
