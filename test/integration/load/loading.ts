import { inject } from "vitest";
import type { RowBatch } from "../../../src/contracts/rows.ts";
import type { Column, Key } from "../../../src/contracts/schema.ts";
import type { RoutingPlan } from "../../../src/load/routing.ts";
import { createSessionPool, type SessionPool } from "../../../src/load/session-pool.ts";
import type { LoadTable } from "../../../src/load/table.ts";
import { createTableLoader, type TableLoader, type TableLoaderOptions } from "../../../src/load/table-loader.ts";
import { noTls, type ServerAddress } from "../../../src/mysql/server-url.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { openLoadSession, prepareForLoading } from "../../../src/vitess/shard-session.ts";

export const onlyShard: RoutingPlan = { kind: "one", why: "a plain MySQL database is one shard" };

/** Sessions for loading straight into a MySQL database. */
export function plainPool(address: ServerAddress, perDestination = 2): SessionPool {
  return createSessionPool({
    places: () => perDestination,
    async open() {
      const session = await openSession(address, { purpose: "target" });
      await prepareForLoading(session);
      return session;
    },
  });
}

/** The gate of the test run. */
export function gateAddress(): ServerAddress {
  const { host, port, user, password, keyspace } = inject("vtgate");
  return {
    scheme: "vtgate",
    host,
    port,
    socketPath: null,
    user,
    password,
    database: keyspace,
    tls: noTls,
  };
}

/** Shard-targeted sessions through the gate; destination -1 is vtgate's own routing. */
export function gatePool(perDestination = 2): SessionPool {
  const { keyspace, shards } = inject("vtgate");
  return createSessionPool({
    places: () => perDestination,
    open: (destination) => openLoadSession(gateAddress(), { keyspace, shard: shards[destination] ?? null }, {}),
  });
}

export function primary(...columns: string[]): Key {
  return { index: "PRIMARY", columns };
}

export function loadTable(name: string, columns: readonly Column[], key: Key | null): LoadTable {
  return { name, columns, key };
}

/** A loader with small limits, so that a test that fails does not wait for minutes. */
export function loaderFor(table: LoadTable, pool: SessionPool, more: Partial<TableLoaderOptions> = {}): TableLoader {
  return createTableLoader({
    table,
    pool,
    plan: onlyShard,
    router: null,
    shards: 1,
    run: "test",
    limits: { attempts: 6, seconds: 30 },
    ...more,
  });
}

export async function* batches(...all: RowBatch[]): AsyncGenerator<RowBatch> {
  yield* all;
}

/** All rows of a query, in one list of batches. */
export async function readAll(session: Session, sql: string, batchBytes = 1 << 16): Promise<RowBatch[]> {
  const all: RowBatch[] = [];
  for await (const batch of session.readRows(sql, { batchBytes })) all.push(batch);
  return all;
}
