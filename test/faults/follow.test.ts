import { cp } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { onShards } from "../integration/run/migration.ts";
import { type BusyFollow, executed, followBegun, newBusyFollow } from "../support/busy-follow.ts";
import { startWriter } from "../support/busy-writer.ts";
import { afterEvents, later } from "../support/cli.ts";
import { eventually } from "../support/process-command.ts";
import { randomNumbers } from "../support/random-numbers.ts";
import { numberOf } from "../support/same-rows.ts";

const partialOf = (table: string): string => `SELECT partial_done FROM ${table} WHERE partial_gtid IS NOT NULL`;

let follow: BusyFollow;
beforeAll(async () => {
  follow = await newBusyFollow("fl_kill");
});
afterAll(() => follow?.[Symbol.asyncDispose]());
beforeEach(() => follow.again());

test("killed twenty times at any moment under a writer, it loses nothing and does nothing twice", async () => {
  const random = randomNumbers(5);
  await using writer = await startWriter({ ...follow.busy, seed: "killed", sessions: 4, perSecond: 60 });
  await writer.more(20);
  await follow.succeeds("run", "--no-verify");
  let killed = 0;
  for (let round = 0; round < 20; round++) {
    const { signal, error } = await follow.run(["follow"], {
      signals: [{ signal: "SIGKILL", when: later(random() * 2000, followBegun) }],
    });
    if (signal === "SIGKILL") killed++;
    else expect(error).toBeNull();
  }
  expect(killed).toBe(20);
  const { transactions } = await writer.stop();
  expect(transactions).toBeGreaterThan(200);
  await follow.succeeds("follow", "--until-caught-up");
  await follow.same(0);
}, 600_000);

test("a transaction of 20,000 rows is applied in parts, and killed between two of them goes on after the last", async () => {
  await follow.succeeds("run", "--no-verify");
  const payments = "fl_kill_payments";
  await follow.database.query("SET SESSION cte_max_recursion_depth = 100000");
  await follow.database.query("BEGIN");
  await follow.database.query(
    `INSERT INTO ${payments} WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 20000)
     SELECT 5000000 + n, n, n / 8 FROM s`,
  );
  await follow.database.query(`UPDATE ${payments} SET order_id = order_id + 1 WHERE id > 5010000`);
  await follow.database.query("COMMIT");
  let inside = false;
  let ended = false;
  const running = follow.run(["follow"], { signals: [{ signal: "SIGKILL", when: () => inside }] }).finally(() => {
    ended = true;
  });
  const table = async (): Promise<string> => (await follow.followTable()) ?? "not_there_yet";
  const deadline = Date.now() + 90_000;
  while (!ended && Date.now() < deadline && !inside) {
    inside = (await onShards(partialOf(await table())).catch(() => [])).length > 0;
    await delay(2);
  }
  expect(inside).toBe(true);
  expect((await running).signal).toBe("SIGKILL");
  const partial = partialOf(await table());
  const done = await onShards(partial);
  expect(done.length).toBeGreaterThan(0);
  await follow.succeeds("follow", "--until-caught-up");
  expect(await onShards(partial)).toEqual([]);
  await follow.same(0);
}, 300_000);

test("a transaction of a killed one that is committed while the next one begins is not applied once more", async () => {
  await follow.succeeds("run", "--no-verify");
  await follow.succeeds("follow", "--until-caught-up");
  const table = (await follow.followTable()) ?? expect.fail();
  const payments = "fl_kill_payments";
  const [id] = (await onShards(`SELECT id FROM ${payments} LIMIT 1`)).map((row) => (JSON.parse(row) as string[])[0]);
  await follow.database.query(`DELETE FROM ${payments} WHERE id = ${id}`);
  const position = await executed();
  // What the killed one has sent: the change with its position, not committed yet.
  const { host, port, user, password, database } = (await shardOf(payments, `${id}`)) ?? expect.fail();
  const late = await createConnection({ host, port, user, password, database });
  try {
    await late.query("BEGIN");
    await late.query(`UPDATE ${table} SET position = ?, step = step + 1`, [position]);
    await late.query(`DELETE FROM ${payments} WHERE id = ${id}`);
    const next = follow.run(["follow", "--until-caught-up"]);
    // vtgate puts the session's settings into the statement.
    const waiting = `SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'update%${table} set writer%'`;
    await eventually("the next one waits for the line", async () => (await onShards(waiting)).length > 0, 30, 20);
    await late.query("COMMIT");
    expect((await next).error).toBeNull();
  } finally {
    await late.end();
  }
  await follow.same(0);
}, 300_000);

/** The server of the shard that has the row. */
async function shardOf(table: string, id: string) {
  for (const server of inject("shardServers")) {
    if ((await numberOf(server, `SELECT COUNT(*) FROM ${table} WHERE id = ${id}`)) > 0) return server;
  }
  return null;
}

test("two at once: on one host the lock refuses the second, on two the newer one takes over and the older says so", async () => {
  await follow.succeeds("run", "--no-verify");
  let stop = false;
  let toldByOlder = 0;
  const older = follow.run(["follow"], {
    signals: [{ signal: "SIGKILL", when: later(90_000, followBegun) }],
    onEvent: (event) => {
      if (event.type === "follow") toldByOlder++;
    },
  });
  while (toldByOlder === 0) await delay(50);
  const second = await follow.run(["follow", "--until-caught-up"]);
  expect(second.error).toMatchObject({ code: "busy" });

  const elsewhere = `${follow.folder}/elsewhere`;
  await cp(follow.directory, elsewhere, { recursive: true, filter: (path) => !path.endsWith("/lock") });
  let newerAtWork = false;
  const newer = follow.run(["follow", "--directory", elsewhere], {
    signals: [{ signal: "SIGINT", when: () => stop }],
    onEvent: (event) => {
      if (event.type === "follow") newerAtWork = true;
    },
  });
  while (!newerAtWork) await delay(50);
  await follow.database.query("UPDATE fl_kill_payments SET amount = amount + 1");
  const { error, exitCode } = await older;
  expect(error).toMatchObject({ code: "busy", message: expect.stringContaining("has taken over on shard") });
  expect(exitCode).toBe(1);
  await follow.same(60);
  stop = true;
  expect((await newer).exitCode).toBe(130);
}, 300_000);

test("once more Ctrl-C ends it at once, and the next goes on", async () => {
  await using writer = await startWriter({ ...follow.busy, seed: "twice", sessions: 2, perSecond: 100 });
  await follow.succeeds("run", "--no-verify");
  const twice = await follow.run(["follow"], {
    signals: [
      { signal: "SIGINT", when: afterEvents("follow", 1) },
      { signal: "SIGINT", when: () => true },
    ],
  });
  expect(twice.exitCode).toBe(130);
  await writer.stop();
  await follow.succeeds("follow", "--until-caught-up");
  await follow.same(0);
}, 300_000);
