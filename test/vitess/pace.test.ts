import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, createConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { RunEvent } from "../../src/contracts/events.ts";
import { type Migration, newMigration, onShards, usualConfig } from "../integration/run/migration.ts";
import { eventually } from "../support/process-command.ts";

const { kind, keyspace, shards, description } = inject("vtgate");
if (kind !== "vitess") process.stderr.write(`SKIPPED: a full transaction pool; the target is the ${description}\n`);

const table = "run_vt_paced";
const rows = 40_000;
/** Of a tablet's transaction pool, unless it is told otherwise. */
const places = 20;

type PaceEvent = Extract<RunEvent, { type: "pace" }>;

describe.skipIf(kind !== "vitess")("a shard without a place for a transaction", () => {
  let migration: Migration;

  beforeAll(async () => {
    migration = await newMigration("run_vt_pace", {
      [table]: {
        source: [
          `CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY, v VARCHAR(60) NOT NULL)`,
          "SET SESSION cte_max_recursion_depth = 100000",
          `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows})
             SELECT n, CONCAT('value ', n) FROM r`,
          `ANALYZE TABLE ${table}`,
        ],
      },
    });
    // Many small statements, so that a small table is enough for the way down and up again.
    const load = { sessions: 2, statementRows: { min: 10, max: 50 } };
    await migration.configure({ ...usualConfig("run_vt_pace"), workers: 1, chunkBytes: "1MiB", load });
  });
  afterAll(() => migration?.[Symbol.asyncDispose]());

  test("gets fewer statements at once, and as many as before once there is room; every row arrives once", async () => {
    const [full = ""] = shards;
    const holders = await Promise.all(Array.from({ length: places }, () => gateSession(full)));
    const events: RunEvent[] = [];
    let filled: Promise<unknown> | null = null;
    const running = migration.run("run", [], {
      onEvent(event) {
        events.push(event as RunEvent);
        if (event.type === "snapshot") filled = Promise.all(holders.map(holdPlace));
      },
    });
    try {
      await eventually("rows arrive", async () => (await onShards(`SELECT id FROM ${table} LIMIT 1`)).length > 0);
      await filled;
      // A tablet lets a statement wait for a second before it refuses it.
      await sleep(3000);
    } finally {
      for (const holder of holders) await holder.end();
    }
    const { error, exitCode } = await running;
    expect(error).toBeNull();
    expect(exitCode).toBe(0);

    const paces = events.filter((event): event is PaceEvent => event.type === "pace" && event.shard === full);
    expect(paces[0]).toMatchObject({ table, worker: 0, sessions: 1, rowsPerStatement: 50, because: "refused" });
    expect(paces.find(({ because }) => because === "calm")).toMatchObject({ sessions: 2 });
    expect(events.filter(({ type }) => type === "pace").every((event) => (event as PaceEvent).shard === full)).toBe(
      true,
    );
    expect(events.filter((event) => event.type === "note" && event.text.includes("pushes back"))).toHaveLength(1);
    expect(events).toContainEqual({ type: "table:verified", table, equal: true, rows });
    const counts = await onShards(`SELECT COUNT(*), COUNT(DISTINCT id) FROM ${table}`);
    const total = counts.map((text) => JSON.parse(text) as [string, string]);
    expect(total.reduce((sum, [all]) => sum + Number(all), 0)).toBe(rows);
  });
});

/** A tablet has a pool of its own for sessions that count found rows, which mysql2's do unless told. */
function gateSession(shard: string): Promise<Connection> {
  const { host, port, user, password } = inject("vtgate");
  return createConnection({
    host,
    port,
    user,
    password,
    database: `${keyspace}:${shard}@primary`,
    flags: ["-FOUND_ROWS"],
  });
}

/** Takes one of a shard's places until the session ends. */
async function holdPlace(session: Connection): Promise<void> {
  await session.query("BEGIN");
  await session.query(`SELECT id FROM ${table} LIMIT 1`);
}
