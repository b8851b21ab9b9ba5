import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { recordsOf, vtpipe } from "../../support/cli.ts";
import { type Migration, newMigration, onShards } from "./migration.ts";

const accounts = 60;
const all = accounts * 2 * 100;
const database = "run_busy";
let migration: Migration;

/** What a writer knows of a transaction it has committed: money moved and the row that says so, all in one GTID. */
interface Transfer {
  readonly gtid: number;
  readonly log: string;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

beforeAll(async () => {
  const side = (name: string): string[] => [
    `CREATE TABLE ${name} (id INT NOT NULL PRIMARY KEY, money INT NOT NULL, filler VARCHAR(1000))`,
    `INSERT INTO ${name} VALUES ${Array.from({ length: accounts }, (_, id) => `(${id}, 100, REPEAT('x', 900))`).join(", ")}`,
  ];
  migration = await newMigration(database, {
    run_busy_left: { source: side("run_busy_left") },
    run_busy_right: { source: side("run_busy_right") },
    run_busy_log: { source: ["CREATE TABLE run_busy_log (id BIGINT NOT NULL PRIMARY KEY AUTO_INCREMENT)"] },
  });
});

afterAll(() => migration?.[Symbol.asyncDispose]());

/** Moves money from the left to the right until told to stop. */
async function write(transfers: Transfer[], stopped: () => boolean): Promise<void> {
  const { host, port, user, password } = inject("source");
  const connection = await createConnection({ host, port, user, password, database });
  const below = (limit: number): number => Math.floor(Math.random() * limit);
  try {
    await connection.query("SET SESSION session_track_gtids = OWN_GTID, innodb_lock_wait_timeout = 20");
    while (!stopped()) {
      const [from, to, amount] = [below(accounts), below(accounts), below(90) - 45];
      try {
        await connection.query("BEGIN");
        await connection.query(`UPDATE run_busy_left SET money = money - ${amount} WHERE id = ${from}`);
        const [logged] = await connection.query("INSERT INTO run_busy_log VALUES ()");
        await connection.query(`UPDATE run_busy_right SET money = money + ${amount} WHERE id = ${to}`);
        const [committed] = await connection.query("COMMIT");
        const gtid = (committed as { stateChanges?: { gtids?: string[] } }).stateChanges?.gtids?.[0] ?? "";
        const log = String((logged as { insertId: number }).insertId);
        transfers.push({ gtid: Number(gtid.split(":")[1]), log, from, to, amount });
      } catch (error) {
        if ((error as { errno?: number }).errno !== 1213) throw error;
        await connection.query("ROLLBACK");
      }
    }
  } finally {
    await connection.end();
  }
}

test("under four writers, files and target hold the source as of the reported position and of no other", async () => {
  const transfers: Transfer[] = [];
  let stop = false;
  const writers = Array.from({ length: 4 }, () => write(transfers, () => stop));
  const ran = await migration.run("run", ["--workers", "3"]);
  stop = true;
  await Promise.all(writers);
  expect(ran.error).toBeNull();
  expect(ran.exitCode).toBe(0);

  const inside = positionHas(ran.summary?.position ?? "");
  const visible = transfers.filter(({ gtid }) => inside(gtid));
  // Writers were at work before and after.
  expect(visible.length).toBeGreaterThan(0);
  expect(transfers.length).toBeGreaterThan(visible.length);

  const left = new Map(Array.from({ length: accounts }, (_, id) => [String(id), 100]));
  const right = new Map(left);
  for (const { from, to, amount } of visible) {
    left.set(String(from), (left.get(String(from)) ?? 0) - amount);
    right.set(String(to), (right.get(String(to)) ?? 0) + amount);
  }
  const inFiles = { left: await money("run_busy_left"), right: await money("run_busy_right") };
  expect(inFiles).toEqual({ left, right });
  expect([...inFiles.left.values(), ...inFiles.right.values()].reduce((sum, amount) => sum + amount, 0)).toBe(all);
  const logged = (await rowsInFiles("run_busy_log")).map(({ id }) => id);
  expect(logged.sort()).toEqual(visible.map(({ log }) => log).sort());

  const target = await onShards("SELECT id FROM run_busy_log");
  expect(target).toEqual(visible.map(({ log }) => JSON.stringify([log])).sort());
  expect(
    await onShards("SELECT SUM(money) FROM run_busy_left UNION ALL SELECT SUM(money) FROM run_busy_right"),
  ).toSatisfy((sums: string[]) => sums.reduce((sum, row) => sum + Number(JSON.parse(row)[0]), 0) === all);
});

/** The transaction numbers of the one server that writes: `MySQL56/uuid:1-5:7` has 1 to 5 and 7. */
function positionHas(position: string): (gtid: number) => boolean {
  expect(position).toMatch(/^MySQL56\/[0-9a-f-]{36}(:\d+(-\d+)?)+$/);
  const intervals = position.split(":").slice(1);
  return (gtid) =>
    intervals.some((interval) => {
      const [low = 0, high = low] = interval.split("-").map(Number);
      return gtid >= low && gtid <= high;
    });
}

async function money(table: string): Promise<Map<string, number>> {
  return new Map((await rowsInFiles(table)).map((row) => [row["id"] ?? "", Number(row["money"])]));
}

async function rowsInFiles(table: string): Promise<Record<string, string>[]> {
  const rows: Record<string, string>[] = [];
  for (const record of recordsOf(migration.directory)) {
    if (record.type !== "dumped" || record.dumped.table !== table) continue;
    const shown = await vtpipe(["inspect", join(migration.directory, record.dumped.file), "--format", "json"], {
      json: false,
    });
    expect(shown.exitCode).toBe(0);
    rows.push(...shown.stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)])));
  }
  return rows;
}
