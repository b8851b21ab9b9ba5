import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { CliResult } from "../../support/cli.ts";
import { changeShard, type Migration, newMigration, onShards } from "./migration.ts";

const table = "run_keys";
const keys = ["KEY `by_name` (`name`(10) DESC,`amount`)", "KEY `by_sum` (((`amount` + 1)))"];
let migration: Migration;

beforeAll(async () => {
  const values = Array.from({ length: 3000 }, (_, i) => `(${i}, 'name ${i % 77}', ${i}, 'u${i}', REPEAT('x', 100))`);
  migration = await newMigration("run_keys", {
    [table]: {
      source: [
        `CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY, name VARCHAR(40), amount INT, code VARCHAR(20), filler VARCHAR(200), ${keys.join(", ")}, UNIQUE KEY by_code (code), FULLTEXT KEY words (filler))`,
        `INSERT INTO ${table} VALUES ${values.join(", ")}`,
        `ANALYZE TABLE ${table}`,
      ],
    },
  });
});

afterAll(() => migration?.[Symbol.asyncDispose]());

beforeEach(async () => {
  await migration.clear();
  await configure("always");
});

const configure = (deferSecondaryKeys: string): Promise<void> => migration.configure({ load: { deferSecondaryKeys } });

/** Right after they were dropped, before the first row. */
const dropped = (events: CliResult["events"]): boolean =>
  events.some((event) => event.type === "note" && event.text.includes("built after its rows"));

async function keysOfShards(): Promise<string[][]> {
  const created = await onShards(`SHOW CREATE TABLE ${table}`);
  return created.map((row) =>
    [...(JSON.parse(row)[1] as string).matchAll(/^ {2}(KEY .*?),?$/gm)].map(([, key = ""]) => key),
  );
}

const notes = ({ events }: CliResult): string[] =>
  events.flatMap((event) => (event.type === "note" ? [event.text] : []));

async function keyRecords(): Promise<string[]> {
  const ledger = await readFile(join(migration.directory, "ledger.jsonl"), "utf8");
  return ledger
    .split("\n")
    .filter((line) => line.includes('"type":"keys"'))
    .map((line) => JSON.parse(line.slice(9)).event);
}

test("keys that are not unique are gone while rows come, and there as they were afterwards", async () => {
  const during: Promise<string[][]>[] = [];
  const done = await migration.run("run", [], {
    onEvent: (event) => {
      if (event.type === "table:dumped") during.push(keysOfShards());
    },
  });
  expect(done.error).toBeNull();
  expect(await Promise.all(during)).toEqual([[[], []]]);
  expect(await keysOfShards()).toEqual([keys, keys]);
  expect(await keyRecords()).toEqual(["deferred", "built"]);
  expect(notes(done)).toContain(`${table}: keys by_name, by_sum are built after its rows.`);
  expect(done.summary?.tables[0]?.verified).toBe(true);
});

test("small tables keep their keys by default, and all do with never", async () => {
  for (const when of ["auto", "never"]) {
    await migration.clear();
    await configure(when);
    expect((await migration.run("run")).error).toBeNull();
    expect(await keyRecords()).toEqual([]);
    expect(await keysOfShards()).toEqual([keys, keys]);
  }
});

test("killed while rows come, or before the keys are built, the same command builds them", async () => {
  for (const moment of ["table:dumped", "table:loaded"]) {
    await migration.clear();
    const killed = await migration.run("run", [], {
      signals: [{ signal: "SIGKILL", when: (events) => events.some(({ type }) => type === moment) }],
    });
    expect(killed.signal).toBe("SIGKILL");
    // Even when the config says otherwise by then.
    await configure("never");
    const again = await migration.run("run");
    expect(again.error).toBeNull();
    expect(again.summary?.tables[0]?.verified).toBe(true);
    expect(await keysOfShards()).toEqual([keys, keys]);
    await configure("always");
  }
});

test("a run that is stopped says which keys are missing, and what somebody else built is not built twice", async () => {
  const stopped = await migration.run("run", [], { signals: [{ signal: "SIGINT", when: dropped }] });
  expect(stopped.error?.code).toBe("interrupted");
  expect(notes(stopped)).toContain(
    `Still without keys on the target, until the same command has come to its end: ${table} (keys by_name, by_sum).`,
  );
  expect(await keysOfShards()).toEqual([[], []]);
  await changeShard(0, `ALTER TABLE ${table} ADD ${keys[0]}`);
  expect((await migration.run("run")).error).toBeNull();
  expect(await keysOfShards()).toEqual([keys, keys]);
});

test("a key of the same name that is another one is refused by name", async () => {
  const killed = await migration.run("run", [], { signals: [{ signal: "SIGKILL", when: dropped }] });
  expect(killed.signal).toBe("SIGKILL");
  await changeShard(1, `ALTER TABLE ${table} ADD KEY by_sum (amount)`);
  const again = await migration.run("run");
  expect(again.error?.message).toMatch(/by_sum is there, but not as/);
  expect(again.error?.now).toContain("All rows of the table are there");
  await changeShard(1, `ALTER TABLE ${table} DROP KEY by_sum`);
  expect((await migration.run("run")).error).toBeNull();
  expect(await keysOfShards()).toEqual([keys, keys]);
});
