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
  format: 1,
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
  ["a later format", { ...manifest, format: 3, chunks: {} }, "has format 3; this version of vtpipe reads format 1"],
  ["an unknown field", { ...manifest, colour: "red" }, 'does not fit: the whole: Unrecognized key: "colour"'],
  ["a missing field", { ...manifest, plan: undefined }, "does not fit: plan: "],
  ["no object", [], "does not fit"],
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
])("%s is refused", async (_, value, message) => {
  const path = join(await temporaryFolder(), "manifest.json");
  await writeFile(path, JSON.stringify(value));
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
