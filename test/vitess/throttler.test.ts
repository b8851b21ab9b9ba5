import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import type { RunEvent } from "../../src/contracts/events.ts";
import { findVitess } from "../../src/sandbox/vitess-binaries.ts";
import { vtctldCommand } from "../../src/sandbox/vtctld-command.ts";
import { fromEnvironment, type Migration, newMigration, onShards, urls } from "../integration/run/migration.ts";
import { connectTarget } from "../support/database.ts";

const { kind, keyspace, vtctld, description } = inject("vtgate");
if (kind !== "vitess") process.stderr.write(`SKIPPED: Vitess's throttler; the target is the ${description}\n`);

const table = "run_vt_throttled";
const rows = 2000;

describe.skipIf(kind !== "vitess")("a load that asks Vitess's throttler", () => {
  let migration: Migration;
  const throttler = async (...args: string[]): Promise<void> => {
    const { binaries } = await findVitess();
    if (binaries === null || vtctld === null) throw new Error("no vtctld");
    const address = { vtctldclient: binaries.vtctldclient, server: vtctld };
    await vtctldCommand(address, "UpdateThrottlerConfig", ...args, keyspace);
  };

  beforeAll(async () => {
    migration = await newMigration(table, {
      [table]: {
        source: [
          `CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY, v VARCHAR(200) NOT NULL)`,
          "SET SESSION cte_max_recursion_depth = 10000",
          `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows}) SELECT n, REPEAT(n, 20) FROM r`,
          `ANALYZE TABLE ${table}`,
        ],
      },
    });
    await throttler("--enable", "--threshold=5");
  });
  afterAll(async () => {
    await throttler("--unthrottle-app=vtpipe").catch(() => {});
    await throttler("--disable").catch(() => {});
    await migration?.[Symbol.asyncDispose]();
  });
  beforeEach(() => migration.clear());

  test.each([
    { through: "vtctld", address: vtctld },
    { through: "vtgate alone", address: undefined },
  ])("waits while an operator throttles vtpipe, and goes on after: asked through $through", async ({ address }) => {
    const target = { url: urls(table).target, password: fromEnvironment("TARGET_PASSWORD") };
    await migration.configure({
      target: { ...target, ...(address ? { vtctld: address } : {}) },
      limits: { vitessThrottler: true },
    });
    expect((await migration.run("dump")).error).toBeNull();
    await throttler("--throttle-app=vtpipe", "--throttle-app-ratio=1", "--throttle-app-duration=1h");
    let released: Promise<void> | null = null;
    let loadedBefore = -1;
    const loaded = await migration.run("load", [migration.directory], {
      onEvent(event) {
        if (event.type !== "throttle" || event.state !== "paused") return;
        released ??= (async () => {
          loadedBefore = (await onShards(`SELECT id FROM ${table} LIMIT 1`)).length;
          await throttler("--unthrottle-app=vtpipe");
        })();
      },
    });
    await released;
    expect(loaded.error).toBeNull();
    const told = loaded.events.filter(
      (event): event is Extract<RunEvent, { type: "throttle" }> => event.type === "throttle",
    );
    expect(told.map(({ way, state, reason }) => `${way} ${state} ${reason}`)).toEqual([
      "loading paused vitess-throttler",
      "loading running vitess-throttler",
    ]);
    expect(loadedBefore).toBe(0);
    expect(loaded.summary?.tables).toMatchObject([{ rows, verified: true }]);
  });

  test("vtgate tells of replicas by the names that are looked for; this cluster has none", async () => {
    const connection = await connectTarget();
    try {
      const [found, fields] = await connection.query(`SHOW VITESS_REPLICATION_STATUS LIKE '${keyspace}/%'`);
      expect(found).toEqual([]);
      const names = fields.map(({ name }) => name);
      for (const name of ["Keyspace", "Shard", "Alias", "ReplicationLag", "ThrottlerStatus"])
        expect(names).toContain(name);
    } finally {
      await connection.end();
    }
  });
});
