import { newMigration } from "../../integration/run/migration.ts";
import type { CliResult } from "../cli.ts";
import { acknowledgedRows, expectNothingLeft, expectTrueStatus } from "./afterwards.ts";
import { expectSuccess } from "./kill.ts";
import { openShards, type Shards } from "./shards.ts";
import { movedTable, type StillTable, wantedRows } from "./still-tables.ts";
import type { consolidatedVerbs } from "./verbs.ts";
import type { World } from "./world.ts";

/** The same tables in each source, with the same keys, and one of them without a key. */
const tablesOf = (tenant: number): Readonly<Record<string, StillTable>> => ({
  orders: {
    columns: "id BIGINT NOT NULL PRIMARY KEY, note VARCHAR(700)",
    onTarget: "id BIGINT NOT NULL PRIMARY KEY, note VARCHAR(700), tenant INT NOT NULL",
    fill: "n, REPEAT(CONCAT('order ', n, ' '), 60)",
    rows: 800,
    twin: `id + ${tenant * 1_000_000}, note, ${tenant} AS tenant`,
  },
  visits: {
    columns: "id BIGINT NOT NULL, page VARCHAR(40)",
    onTarget: "id BIGINT NOT NULL, page VARCHAR(60), tenant INT NOT NULL",
    fill: "n % 500, CONCAT('page ', n % 9)",
    rows: 2500,
    twin: `id, CONCAT('t${tenant}/', page), ${tenant} AS tenant`,
  },
});

/** One source of several that become tenants of one keyspace, each with tables of its own there and a run of its own. */
async function tenantSource(tenant: number, name: string, shards: Shards) {
  const tables = tablesOf(tenant);
  const targetOf = (table: string): string => `${name}_${table}`;
  const moved = Object.entries(tables).map(
    ([table, still]) => [targetOf(table), movedTable(still, table, targetOf(table))] as const,
  );
  const migration = await newMigration(name, Object.fromEntries(moved));
  const set = { set: { column: "tenant", type: "int not null", value: tenant } };
  await migration.configure({
    tables: {
      rules: {
        orders: { as: targetOf("orders"), transforms: [{ offset: { column: "id", by: tenant * 1_000_000 } }, set] },
        visits: {
          as: targetOf("visits"),
          transforms: [{ prefix: { column: "page", prefix: `t${tenant}/` } }, set],
        },
      },
    },
  });
  const wanted = await wantedRows(migration.source, tables, targetOf, shards);
  return { migration, wanted, database: name };
}

/**
 * Two sources that are consolidated at the same time; the run of one is killed while the other's goes on, so that what they share, the
 * shards, must not be what they get in each other's way with.
 */
export async function consolidatedWorld(): Promise<World<keyof typeof consolidatedVerbs>> {
  const shards = await openShards();
  const east = await tenantSource(1, "crash_east", shards);
  const west = await tenantSource(2, "crash_west", shards);
  let beside: Promise<CliResult> | null = null;
  const { directory } = west.migration;
  return {
    directory,
    async begin() {
      await beside;
      beside = null;
      for (const { migration } of [east, west]) await migration.clear();
    },
    run(_, options) {
      beside ??= east.migration.run("run");
      return west.migration.run("run", [], options);
    },
    async expectAfterKill() {
      await expectTrueStatus(directory);
      await west.wanted.expectNoneDoubled(await acknowledgedRows(directory));
    },
    async expectDone() {
      if (beside !== null) expectSuccess("the run beside", await beside);
      for (const { migration, wanted, database } of [east, west]) {
        const { directory: own, folder, source } = migration;
        await wanted.expectAll();
        await expectNothingLeft({ directory: own, folder, connection: source.connection, database, shards });
      }
    },
    async [Symbol.asyncDispose]() {
      await beside;
      for (const { migration } of [east, west]) await migration[Symbol.asyncDispose]();
      await shards[Symbol.asyncDispose]();
    },
  };
}
