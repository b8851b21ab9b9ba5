import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Manifest } from "../../../src/contracts/manifest.ts";
import { unmovedKinds } from "../../../src/contracts/schema.ts";
import { readManifest, writeManifest } from "../../../src/store/manifest-file.ts";
import { columnsOf, refusalOf, temporaryFolder } from "./make.ts";

const chunk = {
  chunk: "1-1",
  table: "people",
  range: { after: null, upTo: null },
  exhausted: true,
  file: "chunks/0001-people/1-1.zst",
  rowsRead: 3,
  checksum: { rows: 3, xor: 7, sum: "7" },
  bytesRead: 30,
  bytesRaw: 30,
  bytesFile: 20,
  sha256: "0".repeat(64),
  largeRow: { row: "7", statementBytes: 9_000_000 },
  snapshot: 1,
};
const manifest: Manifest = {
  format: 2,
  vtpipe: "0.1.0",
  plan: "p",
  createdAt: "2026-11-23T00:00:00Z",
  database: "commerce",
  tables: [
    {
      source: "people",
      target: "persons",
      folder: "chunks/0001-people",
      columns: columnsOf("id bigint unsigned not null", "kind enum('a','b')", "at timestamp(6)"),
      key: { index: "PRIMARY", columns: ["id"] },
      rangesHold: true,
      rangeColumns: ["id"],
      class: "identity",
      fingerprint: "f",
      createStatement: "CREATE TABLE `persons` …",
    },
  ],
  unmoved: unmovedKinds.map((what) => ({ what, name: "n", why: "it does not move" })),
  complete: true,
  snapshots: [
    {
      id: 1,
      position: "MySQL56/x:1-5",
      method: "global read lock",
      lockMs: 12.5,
      takenAt: "2026-11-23T00:00:00Z",
      serverUuid: "u",
      serverVersion: "9.7.4",
    },
  ],
  chunks: [chunk],
};

const withRange = (range: Manifest["chunks"][number]["range"]): Manifest => ({
  ...manifest,
  chunks: [{ ...chunk, range }],
});

test("a manifest comes back as it went, readable by its owner only", async () => {
  const path = join(await temporaryFolder(), "manifest.json");
  expect(await readManifest(path)).toBeNull();
  await writeManifest(path, { ...manifest, complete: false });
  await writeManifest(path, manifest);
  expect(await readManifest(path)).toEqual(manifest);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a write that fails leaves the old manifest and no rest of the new one", async ({ skip }) => {
  if (process.getuid?.() === 0) skip("root may write everywhere");
  const folder = await temporaryFolder();
  const path = join(folder, "manifest.json");
  await writeManifest(path, manifest);
  await chmod(folder, 0o500);
  const error = await refusalOf(() => writeManifest(path, { ...manifest, complete: false }));
  expect(error.code).toBe("disk");
  expect(error.now).toContain("as it was before");
  await chmod(folder, 0o700);
  expect(await readManifest(path)).toEqual(manifest);
  expect(await readdir(folder)).toEqual(["manifest.json"]);
});

test.each<[string, unknown, string]>([
  [
    "a later format",
    { ...manifest, format: 4, chunks: {} },
    "has format 4; this version of vtpipe reads format 2 and, encrypted, format 3",
  ],
  ["the format without a seal", { ...manifest, format: 1 }, "has format 1; this version of vtpipe reads format 2"],
  ["an unknown field", { ...manifest, colour: "red" }, 'does not fit: the whole: Unrecognized key: "colour"'],
  ["a missing field", { ...manifest, plan: undefined }, "does not fit: plan: "],
  ["no object", [], "is damaged"],
  ["a path out", { ...manifest, chunks: [{ ...chunk, file: "../x" }] }, "chunks[0].file: is no path inside"],
  ["a folder out", { ...manifest, tables: [{ ...manifest.tables[0], folder: "/x" }] }, "tables[0].folder: is no path"],
  ["a negative count", { ...manifest, chunks: [{ ...chunk, rowsRead: -1 }] }, "chunks[0].rowsRead"],
  ["a chunk twice", { ...manifest, chunks: [chunk, chunk] }, "contradicts itself: it lists chunk 1-1 twice"],
  ["a table twice", { ...manifest, tables: [...manifest.tables, ...manifest.tables] }, "lists table `people` twice"],
  ["a strange table", { ...manifest, tables: [] }, "chunk 1-1 is of table `people`, which it does not list"],
  ["a strange snapshot", { ...manifest, snapshots: [] }, "chunk 1-1 is of snapshot 1, which it does not list"],
  [
    "a strange range column",
    { ...manifest, tables: [{ ...manifest.tables[0], rangeColumns: ["no"] }] },
    "has no column `no` to cut ranges by",
  ],
  ["SQL in a bound", withRange({ after: ["1) OR (1=1"], upTo: null }), "chunks[0].range.after[0]: is no SQL literal"],
  [
    "a chunk id that is a path",
    { ...manifest, chunks: [{ ...chunk, chunk: "../1-1" }] },
    "chunks[0].chunk: is no chunk",
  ],
])("%s is refused, though its seal fits", async (_, value, message) => {
  const path = join(await temporaryFolder(), "manifest.json");
  await writeManifest(path, value as Manifest);
  const error = await refusalOf(() => readManifest(path));
  expect(error.code).toBe("files");
  expect(error.message).toContain(path);
  expect(error.message).toContain(message);
});

test("a manifest cut short at any length is refused", async () => {
  const path = join(await temporaryFolder(), "manifest.json");
  await writeManifest(path, manifest);
  const good = await readFile(path);
  for (let length = 0; length < good.length - 2; length += 7) {
    await writeFile(path, good.subarray(0, length));
    expect((await refusalOf(() => readManifest(path))).message).toContain("is damaged");
  }
});

const [table] = manifest.tables;
const changed = (changes: object): object => ({ ...manifest, tables: [{ ...table, ...changes }] });
const chunked = (changes: object): object => ({ ...manifest, chunks: [{ ...chunk, ...changes }] });

test.each<[string, object]>([
  ["complete turned over", { ...manifest, complete: false }],
  ["a chunk taken out", { ...manifest, chunks: [] }],
  ["another range", chunked({ range: { after: null, upTo: ["5"] } })],
  ["other rows", chunked({ rowsRead: 4 })],
  ["another checksum", chunked({ checksum: { rows: 2, xor: 7, sum: "7" } })],
  ["another SHA-256", chunked({ sha256: "1".repeat(64) })],
  ["another file", chunked({ file: "chunks/0001-people/1-2.zst" })],
  ["another key", changed({ key: { index: "PRIMARY", columns: ["at"] } })],
  ["no key", changed({ key: null })],
  ["another definition", changed({ createStatement: "DROP TABLE `persons`" })],
  ["another target", changed({ target: "people" })],
  ["another position", { ...manifest, snapshots: [{ ...manifest.snapshots[0], position: "MySQL56/x:1-9" }] }],
])("a manifest edited by hand is refused: %s", async (_, edited) => {
  const path = join(await temporaryFolder(), "manifest.json");
  await writeManifest(path, manifest);
  const { seal } = JSON.parse(await readFile(path, "utf8")) as { seal: string };
  for (const text of [`${JSON.stringify({ ...edited, seal }, null, 2)}\n`, `${JSON.stringify(edited, null, 2)}\n`]) {
    await writeFile(path, text);
    const { code, message, todo } = await refusalOf(() => readManifest(path));
    expect([code, message]).toEqual([
      "files",
      `The manifest ${path} was changed outside of vtpipe: its seal does not fit what it says.`,
    ]);
    expect(todo).toContain("Copy it again from where it was made");
  }
});

test("every byte of a manifest matters", { timeout: 60_000 }, async () => {
  const path = join(await temporaryFolder(), "manifest.json");
  await writeManifest(path, manifest);
  const good = await readFile(path);
  for (let at = 0; at < good.length; at++) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] as number) ^ (1 << (at % 8));
    await writeFile(path, bad);
    const { code, message } = await refusalOf(() => readManifest(path));
    expect([code, message.includes(path)], `byte ${at}`).toEqual(["files", true]);
  }
});
