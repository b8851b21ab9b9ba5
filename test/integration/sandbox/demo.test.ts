import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Manifest } from "../../../src/contracts/manifest.ts";
import { shopTables } from "../../../src/sandbox/sample/sample-config.ts";
import { type CliResult, vtpipe } from "../../support/cli.ts";

/** The demo, as `npm start` runs it where there is no Vitess, on servers of its own. */
let folder: string;
let directory: string;
let demo: CliResult;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-demo-test-"));
  directory = join(folder, "run");
  demo = await vtpipe(["sandbox", "demo", "--vitess", "never", "--directory", directory], { longestMs: 600_000 });
}, 610_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const actsOf = ({ events }: CliResult): string[] =>
  events.flatMap((event) => (event.type === "headline" ? [event.text] : []));

type Row = Readonly<Record<string, string | number | null>>;

/** The first rows of a table's chunks, as they were loaded. */
async function rowsOf(table: string, rows: number): Promise<Row[]> {
  const manifest = JSON.parse(await readFile(join(directory, "manifest.json"), "utf8")) as Manifest;
  const found: Row[] = [];
  for (const { file } of manifest.chunks.filter((chunk) => chunk.table === table)) {
    const left = rows - found.length;
    if (left === 0) break;
    const shown = await vtpipe(["inspect", join(directory, file), "--format", "json", "--rows", String(left)], {
      json: false,
    });
    expect(shown.exitCode).toBe(0);
    const lines = shown.stdout.trimEnd().split("\n");
    found.push(...lines.map((line) => JSON.parse(line) as Row));
  }
  return found;
}

test("moves all of the sample, transforms four of its tables, and verifies every one", () => {
  expect(demo.error).toBeNull();
  expect(demo.exitCode).toBe(0);
  const tables = demo.summary?.tables ?? [];
  expect(tables).toHaveLength(19);
  expect(tables.filter(({ verified }) => verified !== true)).toEqual([]);
  // The shop sells meanwhile: nothing is certain of its tables' rows but that they grow.
  const still = tables.filter(({ source }) => !shopTables.includes(source));
  expect(still.reduce((sum, { rows }) => sum + rows, 0)).toBe(61_254);
  const transformed = tables.filter((table) => table.class !== "identity");
  expect(transformed.map((table) => [table.source, table.target, table.class])).toEqual([
    ["orders", "orders", "sql-twin"],
    ["people", "persons", "js-only"],
    ["products", "products", "sql-twin"],
    ["sessions", "sessions", "sql-twin"],
  ]);
  // Whatever is warned of is no column that the config forgot.
  const warned = demo.events.flatMap((event) => (event.type === "warning" ? [event.code] : []));
  expect(warned.filter((code) => code.includes("sensitive"))).toEqual([]);
});

test("goes on by following the source, says that this is no Vitess, and proves the last write", () => {
  expect(actsOf(demo)).toEqual([
    "Servers, and a shop's database",
    "The copy, while the shop goes on selling",
    "Catching up, while the shop goes on selling",
    "The last transactions, with the shop closed",
  ]);
  expect(demo.stdout).toContain("This is the stand-in, not Vitess");
  expect(demo.stdout).toContain("Proven: line 101 of order 1, the last write on the source, is on the target.");
  expect(demo.stdout).toContain("no process of it is left");
});

test("every transform of it did its work", async () => {
  const [person, ...people] = await rowsOf("people", 500);
  expect(Object.keys(person ?? {})).toEqual([
    ...["id", "email", "national_id", "name", "birthday", "credit", "score", "newsletter", "settings"],
    ...["created_at", "updated_at", "deleted_at", "tenant_id", "initials"],
  ]);
  for (const row of people) {
    expect(row["email"]).toMatch(/^[0-9a-f]{64}$/);
    expect(row["national_id"] ?? "*******1234").toMatch(/^\*{7}\d{4}$/);
    expect(row["birthday"] ?? "2000-01-01").toMatch(/^\d{4}-01-01$/);
    expect([row["deleted_at"], String(row["tenant_id"])]).toEqual([null, "7"]);
    expect(row["initials"]).toBe(
      String(row["name"])
        .split(/\s+/)
        .map((word) => [...word][0] ?? "")
        .join(""),
    );
  }
  const masked = /^(.{0,2}|[^*]{3})\*+$|^$/u;
  for (const { status, note } of await rowsOf("orders", 500)) {
    if (note !== null)
      expect([status, note, masked.test(String(note))]).toEqual([status, note, status === "returned" || note === ""]);
  }
  const states = new Map([
    ["0", "DRAFT: "],
    ["1", "LIVE: "],
    ["2", "RETIRED: "],
  ]);
  for (const { state, title, label } of await rowsOf("products", 100)) {
    expect(label).toBe(`${states.get(String(state))}${title}`);
  }
  for (const { started } of await rowsOf("sessions", 100)) expect(started).toMatch(/^\d{4}-\d\d-\d\d 00:00:00$/);
});

test("the salt is shown nowhere, and no two people share a hash", async () => {
  expect(demo.stdout + demo.stderr).not.toContain("pinch");
  expect(new Set((await rowsOf("people", 30_000)).map(({ email }) => email)).size).toBe(26_974);
});
