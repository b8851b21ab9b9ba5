import { afterAll, beforeAll, expect, test } from "vitest";
import { type BusyFollow, executed, newBusyFollow } from "../../support/busy-follow.ts";
import { busyNames } from "../../support/busy-tables.ts";
import { afterRecords, recordsOf } from "../../support/cli.ts";
import { testDatabase } from "../../support/database.ts";
import { changeShard, onShards } from "../run/migration.ts";

const name = "fl_ends";
const t = (table: string): string => `${name}_${table}`;
let follow: BusyFollow;
beforeAll(async () => {
  follow = await newBusyFollow(name, 6000);
});
afterAll(() => follow?.[Symbol.asyncDispose]());

/** Changes of every kind that leave no value in two rows at once, whichever chunks see them. */
async function change(round: number): Promise<void> {
  const { query } = follow.database;
  await query("BEGIN");
  await query(`UPDATE ${t("payments")} SET order_id = order_id + 1, amount = amount + ${round} WHERE id % 3 = 0`);
  await query(`DELETE FROM ${t("payments")} WHERE id % 7 = ${round}`);
  await query("COMMIT");
  await query(`UPDATE ${t("stock")} SET warehouse = (warehouse + 1) % 16 WHERE amount % 2 = 0`);
  await query(`UPDATE ${t("pages")} SET slug = CONCAT(slug, '-${round}') WHERE visits % 2 = 0`);
  await query(`UPDATE ${t("orders")} SET note = CONCAT('round ${round} ', customer) WHERE id % 4 = 0`);
  await query(`UPDATE ${t("people")} SET phone = IF(phone IS NULL, '+1 ${round}', NULL) WHERE id % 6 = 0`);
  await query(`DELETE FROM ${t("things")} WHERE id % 10 = ${round * 2}`);
  await query(
    `INSERT INTO ${t("orders")} WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 500)
     SELECT ${round} * 1000000 + n, n, 0, NULL, NOW(6) FROM s`,
  );
}

test("an interrupted dump that went on at a newer snapshot is brought to exactly that one, and carried on from there", async () => {
  const killed = await follow.run(["dump"], {
    signals: [{ signal: "SIGKILL", when: afterRecords(follow.directory, "dumped", 4) }],
  });
  expect(killed.signal).toBe("SIGKILL");
  await change(1);
  await follow.succeeds("run", "--no-verify");
  const snapshots = recordsOf(follow.directory).filter((record) => record.type === "snapshot");
  expect(snapshots.length).toBe(2);
  await using then = await testDatabase(`${name}_then`);
  for (const table of busyNames) {
    await then.query(`CREATE TABLE ${t(table)} LIKE ${name}.${t(table)}`);
    await then.query(`SET sql_mode = ''`);
    await then.query(`INSERT INTO ${t(table)} SELECT * FROM ${name}.${t(table)}`);
  }
  // What comes later must not come along.
  await change(2);
  await follow.succeeds("follow", "--until-snapshot");
  const newest = snapshots.at(-1)?.snapshot.position;
  expect(recordsOf(follow.directory).at(-1)).toMatchObject({ type: "follow", event: "stopped", position: newest });
  await follow.same(0, then.name);
  const again = await follow.succeeds("follow", "--until-snapshot");
  expect(again.summary?.position).toBe(newest);

  const position = await executed();
  await change(3);
  const ended = await follow.succeeds("follow", "--until", position);
  expect(ended.summary?.position).toBe(`MySQL56/${position}`);
  const beyond = await follow.run(["follow", "--until-snapshot"]);
  expect(beyond.error?.message).toContain("is beyond");
  await follow.succeeds("follow", "--until-caught-up");
  await follow.same(0);
}, 600_000);

test("a row that is not there any more ends it by name, with exit code 3, until it is put right", async () => {
  const [[id = ""] = []] = (await follow.database.query(`SELECT MAX(id) FROM ${t("orders")} WHERE id < 4000`)).map(
    (row) => Object.values(row).map(String),
  );
  const deleted = [0, 1].map((shard) => changeShard(shard, `DELETE FROM ${t("orders")} WHERE id = ${id}`));
  const shard = (await Promise.all(deleted)).indexOf(1);
  expect(shard).not.toBe(-1);
  await follow.database.query(`UPDATE ${t("orders")} SET customer = customer + 1 WHERE id <= ${id}`);
  const { error, exitCode } = await follow.run(["follow", "--until-caught-up"]);
  expect(error).toMatchObject({ code: "differ", context: { table: t("orders"), key: `id = ${id}` } });
  expect(exitCode).toBe(3);
  await changeShard(shard, `INSERT INTO ${t("orders")} VALUES (${id}, 1, 0, NULL, NOW(6), NULL)`);
  await follow.succeeds("follow", "--until-caught-up");
  await follow.same(0);
}, 600_000);

test("a row that is there already ends it by name", async () => {
  for (const shard of [0, 1]) await changeShard(shard, `INSERT INTO ${t("payments")} VALUES (77777, 1, 1)`);
  await follow.database.query(`INSERT INTO ${t("payments")} VALUES (77777, 1, 1)`);
  const { error, exitCode } = await follow.run(["follow", "--until-caught-up"]);
  const key = `${t("payments")}.PRIMARY = '77777'`;
  expect(error).toMatchObject({
    code: "differ",
    message: expect.stringContaining("is there already"),
    context: { key },
  });
  expect(exitCode).toBe(3);
  for (const shard of [0, 1]) await changeShard(shard, `DELETE FROM ${t("payments")} WHERE id = 77777`);
  await follow.succeeds("follow", "--until-caught-up");
  await follow.same(0);
}, 600_000);

test("an index made on the source is told and passed, a table emptied there ends it", async () => {
  await follow.database.query(`CREATE INDEX extra ON ${t("pages")} (visits)`);
  const passed = await follow.succeeds("follow", "--until-caught-up");
  expect(passed.events).toContainEqual({ type: "note", text: expect.stringContaining("CREATE INDEX extra") });
  await follow.database.query(`UPDATE ${t("pages")} SET visits = visits + 1`);
  await follow.database.query(`TRUNCATE TABLE ${t("stock")}`);
  const { error, exitCode } = await follow.run(["follow", "--until-caught-up"]);
  expect(error).toMatchObject({ code: "source", message: expect.stringContaining(`TRUNCATE TABLE ${t("stock")}`) });
  expect(exitCode).toBe(1);
}, 600_000);

test("--finish takes the positions off the target, and nothing is followed afterwards", async () => {
  const table = await follow.followTable();
  const there = `SELECT table_name FROM information_schema.tables WHERE table_name = '${table}'`;
  expect(await onShards(there)).not.toEqual([]);
  await follow.succeeds("follow", "--finish");
  expect(await onShards(there)).toEqual([]);
  const { error } = await follow.run(["follow"]);
  expect(error?.message).toContain("was finished");
}, 600_000);
