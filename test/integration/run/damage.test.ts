import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import type { RunEvent } from "../../../src/contracts/events.ts";
import type { Manifest } from "../../../src/contracts/manifest.ts";
import { changeShard, type Migration, newMigration, onShards } from "./migration.ts";

const table = "run_damage";
const long = "run_damage_long";
let migration: Migration;
let copy: string;

beforeAll(async () => {
  const rows = Array.from({ length: 1200 }, (_, id) => `(${id}, 'name ${id}', REPEAT('text of ${id} ', 12), ${id}.5)`);
  migration = await newMigration(table, {
    [table]: {
      source: [
        `CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY, name VARCHAR(40), txt TEXT, price DECIMAL(9,2))`,
        `INSERT INTO ${table} VALUES ${rows.join(", ")}`,
        `ANALYZE TABLE ${table}`,
      ],
    },
    [long]: {
      source: [
        `CREATE TABLE ${long} (id INT NOT NULL PRIMARY KEY, bytes VARBINARY(4000))`,
        `INSERT INTO ${long} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 900) SELECT n, REPEAT(RANDOM_BYTES(500), 8) FROM r`,
      ],
    },
  });
  await migration.configure({ tables: { include: [table] } });
  const dumped = await migration.run("dump");
  expect(dumped.error).toBeNull();
  expect(dumped.exitCode).toBe(0);
  copy = join(migration.folder, "copy");
});

afterAll(() => migration?.[Symbol.asyncDispose]());

/** The run directory as it would be on another host: without the ledger and with nothing of it loaded. */
beforeEach(async () => {
  await rm(copy, { recursive: true, force: true });
  await cp(migration.directory, copy, { recursive: true });
  await rm(join(copy, "ledger.jsonl"));
  for (const shard of inject("shardServers").keys()) await changeShard(shard, `DELETE FROM ${table}`);
});

const manifestOf = async (): Promise<Manifest> => JSON.parse(await readFile(join(copy, "manifest.json"), "utf8"));

const rowsThere = (): Promise<string[]> => onShards(`SELECT id FROM ${table}`);

/** Where in a file of this length a byte is turned over: in the header, in a frame, in the trailer. */
const places: Readonly<Record<string, (length: number) => number>> = {
  "the first byte": () => 0,
  "the header": () => 40,
  "a frame": (length) => Math.floor(length / 2),
  "the trailer": (length) => length - 20,
  "the last byte": (length) => length - 1,
};

test.each(Object.entries(places))(
  "one byte of %s turned over: load names the file and sends nothing of it",
  async (_, place) => {
    const chunks = (await manifestOf()).chunks;
    expect(chunks.length).toBeGreaterThan(2);
    const chunk = chunks.at(-1) ?? expect.fail();
    const file = join(copy, chunk.file);
    const bytes = await readFile(file);
    const at = place(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    await writeFile(file, bytes);

    const loaded = await migration.run("load", [copy]);
    expect(loaded.exitCode).toBe(1);
    expect(loaded.error).toMatchObject({
      code: "files",
      now: expect.stringMatching(/./),
      todo: expect.stringMatching(/./),
    });
    expect(loaded.error?.message).toContain(chunk.file);
    const spoiled = await idsOf(chunk.file);
    const there = await rowsThere();
    expect(there.filter((row) => spoiled.has(row))).toEqual([]);
    expect(spoiled.size).toBe(chunk.checksum.rows);
  },
);

test("of a file of several frames with damage in the last one, not even the first frame is sent", async () => {
  const directory = join(migration.folder, "long");
  const whole = ["--chunk-bytes", "32MiB", "--workers", "1"];
  const dumped = await migration.run("dump", ["--include", long, "--directory", directory, ...whole]);
  expect(dumped.summary?.tables).toMatchObject([{ chunks: 1, rows: 900 }]);
  const { chunks } = JSON.parse(await readFile(join(directory, "manifest.json"), "utf8")) as Manifest;
  const file = join(directory, chunks[0]?.file ?? expect.fail());
  const bytes = await readFile(file);
  const frames = bytes.toString("latin1").split("vtpF").length - 1;
  expect(frames).toBeGreaterThan(2);
  const at = bytes.lastIndexOf("vtpF") + 1000;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
  const loaded = await migration.run("load", [directory]);
  expect(loaded.error).toMatchObject({ code: "files", message: expect.stringContaining(chunks[0]?.file ?? "") });
  expect(await onShards(`SELECT id FROM ${long}`)).toEqual([]);
});

test("a chunk file that is cut short, one that is gone and one of another chunk are refused by name", async () => {
  const [first, second] = (await manifestOf()).chunks;
  if (first === undefined || second === undefined) expect.fail();
  const file = join(copy, first.file);
  const whole = await readFile(file);
  const harms = [
    () => writeFile(file, whole.subarray(0, whole.length - 7)),
    () => rm(file),
    async () => writeFile(file, await readFile(join(copy, second.file))),
  ];
  for (const harm of harms) {
    await harm();
    const loaded = await migration.run("load", [copy]);
    expect(loaded.error?.code).toBe("files");
    expect(loaded.error?.message).toContain(first.file);
  }
  const spoiled = await idsOf(first.file);
  expect((await rowsThere()).filter((row) => spoiled.has(row))).toEqual([]);
});

test("a directory copied without its ledger loads where the source cannot be reached, and once", async () => {
  const env = { SOURCE_PASSWORD: "not needed" };
  const loaded = await migration.run("load", [copy], { env });
  expect(loaded.error).toBeNull();
  expect(loaded.exitCode).toBe(0);
  expect(loaded.summary).toMatchObject({ command: "load", ok: true, tables: [{ rows: 1200, verified: true }] });
  expect(await rowsThere()).toHaveLength(1200);

  const again = await migration.run("load", [copy], { env });
  expect(again.exitCode).toBe(0);
  expect(await rowsThere()).toHaveLength(1200);

  await rm(join(copy, "ledger.jsonl"));
  const refused = await migration.run("load", [copy], { env });
  expect(refused.exitCode).toBe(1);
  expect(refused.error?.message).toContain(`Table ${table} on shard`);
  expect(refused.error?.message).toContain("is not empty");
  expect(await rowsThere()).toHaveLength(1200);
});

test("verify names a changed cell by key and column, a missing row and an extra one, and ends with 3", async () => {
  expect((await migration.run("load", [copy])).exitCode).toBe(0);
  expect((await migration.run("verify", [copy])).exitCode).toBe(0);

  const anywhere = async (sql: string): Promise<void> => {
    let changed = 0;
    for (const shard of inject("shardServers").keys()) changed += await changeShard(shard, sql);
    expect(changed).toBe(1);
  };
  await anywhere(`UPDATE ${table} SET price = price + 0.01 WHERE id = 77`);
  await anywhere(`UPDATE ${table} SET name = CONCAT(name, ' ') WHERE id = 900`);
  await anywhere(`DELETE FROM ${table} WHERE id = 500`);
  await changeShard(0, `INSERT INTO ${table} VALUES (5000, 'more', '', 0)`);

  const verified = await migration.run("verify", [copy]);
  expect(verified.exitCode).toBe(3);
  const differences = verified.events.filter((event): event is Difference => event.type === "difference");
  const found = differences.map(({ key, what, columns }) => `${key} ${what} ${columns.join()}`).sort();
  expect(found).toEqual(["5000 extra ", "500 missing ", "77 different price", "900 different name"].sort());
  expect(verified.summary).toMatchObject({ ok: false, tables: [{ verified: false }] });
  expect(verified.error).toMatchObject({ code: "differ", context: { table } });
  expect(verified.error?.message).toContain(`${table} (1 missing, 2 different, 1 extra)`);

  const plain = await migration.run("verify", [copy], { json: false });
  expect(plain.exitCode).toBe(3);
  expect(plain.stdout).toContain(`${table}: row 77 is different in price`);
  expect(plain.stderr).toContain("vtpipe: differ:");
});

type Difference = Extract<RunEvent, { type: "difference" }>;

/** Ids of the rows in a chunk file of the run directory, which is whole. */
async function idsOf(file: string): Promise<Set<string>> {
  const shown = await migration.run("inspect", [join(migration.directory, file), "--format", "json"], { json: false });
  expect(shown.exitCode).toBe(0);
  const lines = shown.stdout.trim().split("\n");
  return new Set(lines.map((line) => JSON.stringify([(JSON.parse(line) as { id: string }).id])));
}
