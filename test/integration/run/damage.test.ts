import { spawnSync } from "node:child_process";
import { appendFile, cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from "vitest";
import type { RunEvent } from "../../../src/contracts/events.ts";
import type { Manifest } from "../../../src/contracts/manifest.ts";
import type { CliResult } from "../../support/cli.ts";
import { type AnyManifest, editManifest } from "../../support/edit-manifest.ts";
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

/** `load` ends with a `files` error that names all of this, and nothing of the table is on the target. */
async function expectNothingLoaded(loaded: CliResult, ...named: string[]): Promise<void> {
  expect([loaded.exitCode, loaded.error?.code]).toEqual([1, "files"]);
  for (const name of named) expect(loaded.error?.message).toContain(name);
  expect(loaded.error?.now).toMatch(/^[A-Z].*\.$/);
  expect(loaded.error?.todo).toMatch(/^[A-Z].*\.$/);
  expect(await rowsThere()).toEqual([]);
}

const load = (): Promise<CliResult> => migration.run("load", [copy]);

describe("a manifest that was edited", () => {
  const edits: Readonly<Record<string, (manifest: AnyManifest) => void>> = {
    "a chunk taken out": ({ chunks }) => chunks.pop(),
    "another range": ({ chunks }) => {
      chunks[0].range.upTo = ["7"];
    },
    "other rows": ({ chunks }) => {
      chunks[0].checksum.rows += 1;
    },
    "another key": ({ tables }) => {
      tables[0].key = null;
    },
    "another definition": ({ tables }) => {
      tables[0].createStatement = "DROP TABLE x";
    },
    "complete turned over": (manifest) => {
      manifest.complete = false;
    },
    "an absolute path": ({ chunks }) => {
      chunks[0].file = "/etc/passwd";
    },
  };

  test.each(Object.entries(edits))("by hand: %s", async (_, edit) => {
    const file = join(copy, "manifest.json");
    const manifest = JSON.parse(await readFile(file, "utf8")) as AnyManifest;
    edit(manifest);
    await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
    for (const verb of ["load", "verify", "status"]) {
      const refused = await migration.run(verb, [copy]);
      await expectNothingLoaded(refused, `${file} was changed outside of vtpipe: its seal does not fit`);
    }
  });

  const chunkEdit =
    (changes: object) =>
    ({ chunks }: AnyManifest): void => {
      chunks[0] = { ...chunks[0], ...changes };
    };

  test.each<[string, (manifest: AnyManifest) => void, string]>([
    ["a chunk taken out", ({ chunks }) => chunks.splice(1, 1), `do not hold all of table ${table}`],
    ["the last chunk taken out", ({ chunks }) => chunks.pop(), `do not hold all of table ${table}`],
    ["all chunks taken out", ({ chunks }) => chunks.splice(0), "no chunk has been read"],
    ["a chunk twice", ({ chunks }) => chunks.push({ ...chunks[0], chunk: "0001-000099" }), "both begin after"],
    ["SQL in a range", chunkEdit({ range: { after: null, upTo: ["1 OR (SELECT SLEEP(9))"] } }), "is no SQL literal"],
    ["a path out", chunkEdit({ file: "../run/manifest.json" }), "is no path inside"],
    ["another file of the directory", chunkEdit({ file: "manifest.json" }), "manifest.json has"],
    ["another checksum", chunkEdit({ checksum: { rows: 1, xor: 1, sum: "1" } }), "another row checksum in its trailer"],
    [
      "another table's name",
      ({ tables, chunks }) => {
        tables[0].source = "users";
        for (const chunk of chunks) chunk.table = "users";
      },
      `holds rows of table \`${table}\` instead of \`users\``,
    ],
    [
      "another fingerprint",
      ({ tables }) => {
        tables[0].fingerprint = "0";
      },
      "made by another select list",
    ],
  ])("and sealed anew, so that only what it says can tell: %s", async (_, edit, message) => {
    await editManifest(copy, edit);
    const loaded = await load();
    expect([loaded.exitCode, loaded.error?.code]).toEqual([1, "files"]);
    expect(loaded.error?.message).toContain(message);
  });

  test("is made anew from a whole ledger by the same dump", async () => {
    const directory = join(migration.folder, "anew");
    await cp(migration.directory, directory, { recursive: true });
    const file = join(directory, "manifest.json");
    await appendFile(file, " ");
    const refused = await migration.run("dump", ["--directory", directory]);
    expect([refused.error?.code, refused.error?.todo]).toEqual([
      "files",
      expect.stringContaining("take the manifest away"),
    ]);
    await rm(file);
    const dumped = await migration.run("dump", ["--directory", directory]);
    expect([dumped.error, dumped.summary?.tables.map(({ rows }) => rows)]).toEqual([null, [1200]]);
    const loaded = await migration.run("load", [directory]);
    expect([loaded.error, await rowsThere()]).toEqual([null, expect.objectContaining({ length: 1200 })]);
  });
});

describe("a ledger", () => {
  const ledgerOf = (directory: string): string => join(directory, "ledger.jsonl");
  const lines = async (): Promise<string[]> => (await readFile(ledgerOf(migration.directory), "utf8")).split(/(?<=\n)/);

  test("that lost its last lines is not taken for all there is", async () => {
    const whole = await lines();
    const last = whole.findLastIndex((line) => line.includes('"type":"dumped"'));
    await writeFile(ledgerOf(copy), whole.slice(0, last).join(""));
    await expectNothingLoaded(await load(), `do not hold all of table ${table}`);
  });

  test("with lines that were swapped, doubled or taken out is refused by line", async () => {
    const whole = await lines();
    const first = whole.findIndex((line) => line.includes('"type":"dumped"'));
    const dumped = whole[first] ?? "";
    const snapshot = whole.findIndex((line) => line.includes('"type":"snapshot"'));
    for (const [changed, message] of [
      [whole.toSpliced(first, 0, dumped), `in line ${first + 2}: chunk`],
      [whole.toSpliced(snapshot, 1), "which was not taken"],
      [whole.toSpliced(1, whole.length, dumped), "in line 2: chunk"],
    ] as const) {
      await writeFile(ledgerOf(copy), changed.join(""));
      await expectNothingLoaded(await load(), message);
    }
  });

  test("of another run is refused", async () => {
    const other = join(migration.folder, "other");
    const dumped = await migration.run("dump", ["--include", long, "--directory", other]);
    expect(dumped.error).toBeNull();
    await cp(ledgerOf(other), ledgerOf(copy));
    await expectNothingLoaded(await load(), ledgerOf(copy), "in line 1: it is the ledger of another plan");
  });
});

describe("what is no file of its own", () => {
  test("a named pipe in place of a chunk file, the manifest or the ledger is not waited for", async () => {
    const [chunk] = (await manifestOf()).chunks;
    for (const name of [chunk?.file ?? "", "manifest.json", "ledger.jsonl"]) {
      const file = join(copy, name);
      await rm(file, { force: true });
      expect(spawnSync("/usr/bin/mkfifo", [file]).status).toBe(0);
      const loaded = await load();
      expect([loaded.exitCode, loaded.error?.code]).toEqual([1, "files"]);
      expect(loaded.error?.message).toBe(`Cannot read ${file}: it is a named pipe and no file.`);
    }
  });

  test("chunks that lie elsewhere, behind links, are not read", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "vtpipe-elsewhere-"));
    onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
    const [chunk] = (await manifestOf()).chunks;
    const file = join(copy, chunk?.file ?? "");
    await rename(file, join(elsewhere, "chunk.zst"));
    await symlink(join(elsewhere, "chunk.zst"), file);
    const loaded = await load();
    expect([loaded.exitCode, loaded.error?.code]).toEqual([1, "files"]);
    expect(loaded.error?.message).toContain(`${JSON.stringify(chunk?.file)} does not stay inside the run directory`);

    await rename(join(copy, "chunks"), join(elsewhere, "chunks"));
    await symlink(join(elsewhere, "chunks"), join(copy, "chunks"));
    const refused = await load();
    expect(refused.error?.message).toContain("does not stay inside the run directory");
  });
});
