import { cp, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Migration, newMigration, onShards, onSource } from "../integration/run/migration.ts";
import { afterRecords, type CliResult, recordsOf } from "../support/cli.ts";

const table = "run_ledger";
const rows = 1200;
let migration: Migration;

beforeAll(async () => {
  migration = await newMigration(table, {
    [table]: {
      source: [
        `CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY, v VARCHAR(700))`,
        `SET SESSION cte_max_recursion_depth = ${rows}`,
        `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows}) SELECT n, REPEAT(CONCAT('v', n, ' '), 90) FROM r`,
        `ANALYZE TABLE ${table}`,
      ],
    },
  });
});

afterAll(() => migration?.[Symbol.asyncDispose]());
beforeEach(() => migration.clear());

function expectDone(result: CliResult): void {
  expect(result.error).toBeNull();
  expect(result.exitCode).toBe(0);
}

const ledgerOf = (directory: string): string => join(directory, "ledger.jsonl");

/** Lengths at which the last record is cut: after its first byte, within its CRC, in the middle, before its end of line. */
function lengthsWithin(bytes: Buffer): number[] {
  const start = bytes.lastIndexOf("\n", bytes.length - 2) + 1;
  return [start + 1, start + 5, (start + bytes.length) >>> 1, bytes.length - 1];
}

const tornNote = { type: "note", text: "The ledger's last record is half-written: a run is at work, or was killed." };

test("a dump whose ledger is torn in its last record goes on from the record before", async () => {
  const { directory } = migration;
  const moment = afterRecords(directory, "dumped", 4);
  const killed = await migration.run("dump", [], { signals: [{ signal: "SIGKILL", when: moment }] });
  expect(killed.signal).toBe("SIGKILL");
  const bytes = await readFile(ledgerOf(directory));
  const whole = recordsOf(directory).length;
  const copies = lengthsWithin(bytes).map((length) => ({ copy: join(migration.folder, `torn-${length}`), length }));
  for (const { copy } of copies) await cp(directory, copy, { recursive: true });
  for (const { copy, length } of copies) {
    await truncate(ledgerOf(copy), length);
    const status = await migration.run("status", [copy]);
    expectDone(status);
    expect(status.events).toContainEqual(tornNote);
    const dumped = await migration.run("dump", ["--directory", copy]);
    expectDone(dumped);
    expect(dumped.summary?.tables).toMatchObject([{ rows }]);
    expect(recordsOf(copy).length).toBeGreaterThanOrEqual(whole);
    await migration.clear();
    expectDone(await migration.run("load", [copy]));
    expect(await onShards(`SELECT * FROM ${table}`)).toEqual(
      await onSource(migration.source, `SELECT * FROM ${table}`),
    );
  }
});

test("a load whose ledger is torn in its last record looks for the rows of that chunk", async () => {
  const { directory } = migration;
  expectDone(await migration.run("dump"));
  expectDone(await migration.run("load", [directory, "--no-verify"]));
  expect(recordsOf(directory).at(-1)?.type).toBe("loaded");
  const bytes = await readFile(ledgerOf(directory));
  for (const length of lengthsWithin(bytes)) {
    await writeFile(ledgerOf(directory), bytes.subarray(0, length));
    expect((await migration.run("status", [directory])).events).toContainEqual(tornNote);
    expectDone(await migration.run("load", [directory, "--no-verify"]));
    expect(recordsOf(directory).at(-1)?.type).toBe("loaded");
    expect(await onShards(`SELECT * FROM ${table}`)).toEqual(
      await onSource(migration.source, `SELECT * FROM ${table}`),
    );
  }
});

test("a ledger that is damaged before its last record is refused by every command, with what to do, and nothing is touched", async () => {
  const { directory } = migration;
  expectDone(await migration.run("run"));
  const bytes = await readFile(ledgerOf(directory));
  const line = bytes
    .subarray(0, bytes.length >>> 1)
    .toString("latin1")
    .split("\n").length;
  bytes[bytes.length >>> 1] = (bytes[bytes.length >>> 1] ?? 0) ^ 4;
  await writeFile(ledgerOf(directory), bytes);
  const before = await onShards(`SELECT * FROM ${table}`);
  for (const [verb, ...args] of [
    ["status", directory],
    ["dump"],
    ["run"],
    ["load", directory],
    ["verify"],
    ["follow"],
  ]) {
    const refused = await migration.run(verb ?? "", args);
    expect(refused.exitCode, verb).toBe(1);
    expect(refused.error, verb).toMatchObject({
      code: "files",
      message: expect.stringContaining(`is damaged in line ${line}: `),
      now: expect.stringContaining("Nothing was changed."),
      todo: expect.stringContaining("Restore the ledger from a copy."),
    });
  }
  expect(await readFile(ledgerOf(directory))).toEqual(bytes);
  expect(await onShards(`SELECT * FROM ${table}`)).toEqual(before);
});

test("a chunk without a key that is begun, and no table on a shard to tell of its rows: refused by name, and none is sent twice", async () => {
  const keyless = `${table}_keyless`;
  await using own = await newMigration(keyless, {
    [keyless]: {
      source: [
        `CREATE TABLE ${keyless} (id INT NOT NULL, v VARCHAR(20))`,
        `INSERT INTO ${keyless} VALUES (1, 'a'), (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')`,
      ],
    },
  });
  const { directory } = own;
  expectDone(await own.run("dump"));
  // Its end takes the tables off the shards; without its last record the chunk is only begun.
  expectDone(await own.run("load", [directory, "--no-verify"]));
  expect(recordsOf(directory).at(-1)?.type).toBe("loaded");
  const lines = (await readFile(ledgerOf(directory), "latin1")).split("\n");
  await writeFile(ledgerOf(directory), `${lines.slice(0, -2).join("\n")}\n`);
  const before = await onShards(`SELECT * FROM ${keyless}`);
  expect(before).toHaveLength(5);
  const refused = await own.run("load", [directory]);
  expect(refused.exitCode).toBe(1);
  expect(refused.error).toMatchObject({
    code: "target",
    message: expect.stringMatching(
      /^The table _vtpipe_ledger_\w{12} is gone from shard \S+: it told which rows of table run_ledger_keyless, which has no key, are there\.$/,
    ),
    now: expect.stringContaining("may be on the target; nothing was changed."),
    todo: expect.stringContaining(`Empty ${keyless} on the target`),
  });
  expect(await onShards(`SELECT * FROM ${keyless}`)).toEqual(before);
  expect(await onShards("SHOW TABLES LIKE '%vtpipe%'")).toEqual([]);
});
