import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DumpedChunk } from "../../../src/contracts/chunk.ts";
import { type CliResult, recordsOf } from "../../support/cli.ts";
import { type Migration, newMigration, onShards } from "./migration.ts";

/** Rows of about 2 kB: the poisoned one is in the second batch of a large chunk, and in the sixth of small ones. */
const rows = 1000;
const poisoned = 777;
const table = "run_module";
const step = `tables.rules.${table}.transforms[1].use`;
let migration: Migration;

beforeAll(async () => {
  migration = await newMigration("run_module", {
    [table]: {
      source: [
        `CREATE TABLE ${table} (id BIGINT NOT NULL PRIMARY KEY, note VARCHAR(20) NOT NULL, filler TEXT NOT NULL, big LONGTEXT)`,
        `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows})
           SELECT n, IF(n = ${poisoned}, 'poison', 'good'), REPEAT('f', 2000), NULL FROM r`,
        `ANALYZE TABLE ${table}`,
      ],
    },
  });
});
afterAll(() => migration?.[Symbol.asyncDispose]());
beforeEach(() => migration.clear());

/** A module with these lines for the poisoned row; `note`, `big` and `id` are slots, `value` is the note's cell. */
function moduleOf(lines: string, plan = "{ columns: input.columns, writes: [note, big], rows }"): string {
  return `import { defineTransform } from "vtpipe";
import * as z from "zod";
export default defineTransform({
  name: "custom",
  purpose: "Fails on one row.",
  parameters: z.strictObject({}),
  plan(_: object, input: any) {
    const [id, note, big] = ["id", "note", "big"].map((name) => input.column(name).slot);
    const rows = (row: any): any => {
      const value = row.get(note);
      if (Buffer.from(value).toString() === "poison") {
        ${lines}
      }
      return true;
    };
    return ${plan};
  },
});
`;
}

async function runWith(text: string, sections: Record<string, unknown> = {}): Promise<CliResult> {
  await writeFile(join(migration.folder, "custom.ts"), text);
  const transforms = [{ case: { column: "filler", to: "upper" } }, { use: { module: "./custom.ts" } }];
  await migration.configure({
    chunkBytes: "256KiB",
    tables: { include: [table], rules: { [table]: { transforms } } },
    ...sections,
  });
  return await migration.run("run");
}

/** The run stopped with table, key and step named. */
async function expectStopped(result: CliResult, said: string, key = `id = ${poisoned}`): Promise<void> {
  const error = result.error ?? expect.fail(`no error: ${result.stdout}${result.stderr}`);
  expect(error.message).toContain(`Table "${table}": transform use ./custom.ts (${step}) `);
  expect(error.message).toContain(key);
  expect(error.message).toContain(said);
  expect(error).toMatchObject({ code: "transform", context: { table, step } });
  expect(error.now).toBe(
    "The chunk this row belongs to was not written and not loaded; finished chunks stay as they are.",
  );
  expect(error.todo).toMatch(/[Cc]orrect .*new run directory/s);
  expect([result.exitCode, result.signal, result.summary?.ok]).toEqual([1, null, false]);
  expect(result.stderr).toBe("");
}

/** The poisoned chunk is nowhere, nothing is half-written, and what is recorded is true. */
async function expectNothingOfItsChunk(): Promise<void> {
  const records = recordsOf(migration.directory);
  const dumped = new Map<string, DumpedChunk>();
  for (const record of records) if (record.type === "dumped") dumped.set(record.dumped.chunk, record.dumped);
  const files = readdirSync(migration.directory, { recursive: true, encoding: "utf8" });
  expect(files.filter((name) => name.endsWith(".part"))).toEqual([]);
  expect(files.filter((name) => name.endsWith(".zst")).toSorted()).toEqual(
    [...dumped.values()].map(({ file }) => file).toSorted(),
  );
  const begun = records.flatMap((record) =>
    record.type === "loading" || record.type === "loaded" ? [record.chunk] : [],
  );
  expect(begun.filter((chunk) => !dumped.has(chunk))).toEqual([]);
  const whole = [...dumped.values()].reduce((sum, { checksum }) => sum + checksum.rows, 0);
  const there = await onShards(`SELECT id FROM ${table}`);
  expect(there.length).toBeLessThanOrEqual(whole);
  expect(there).not.toContain(`["${poisoned}"]`);
}

describe("a user's module that, on one row,", () => {
  test.each<[string, string, string]>([
    ["throws", `throw new Error("no such animal");`, "no such animal"],
    ["throws something that is no error", `throw "a text";`, "a text"],
    ["answers nothing", "return undefined;", "it returned undefined instead of true"],
    ["answers with a row", "return [1, 2, 3, 4, 5];", "it returned an array instead of true"],
    ["is asynchronous", "return (async () => true)();", "it returned a promise (a row function has to be synchronous)"],
    ["is asynchronous and fails", `return (async () => { throw new Error("late"); })();`, "it returned a promise"],
    ["answers with something like a promise", "return { then() {} };", "it returned a promise"],
    ["sets a text", `row.set(note, "text");`, `it set slot 1 to a string instead of bytes`],
    ["sets a cell it did not announce", "row.set(id, null);", "it set slot 0, which is not among its writes"],
    ["adds a column that is not there", "row.set(4, Buffer.of(65));", "it set slot 4, which is not among its writes"],
    ["changes the cell it was given", "value[0] = 80;", "it changed the bytes of slot 1 in place"],
    ["changes it and sets it", "value[0] = 80; row.set(note, value);", "it changed the bytes of slot 1 in place"],
    [
      "grows it beyond the limit",
      "row.set(big, Buffer.alloc((64 << 20) + 1, 65));",
      "slot 3 would have 67108865 bytes, and 67108864 are the most",
    ],
    [
      "grows it beyond the limit in two cells",
      "row.set(big, Buffer.alloc(40 << 20, 65)); row.set(note, Buffer.alloc(40 << 20, 65));",
      "the row would have",
    ],
  ])("%s", async (_, lines, said) => {
    await expectStopped(await runWith(moduleOf(lines)), said);
    await expectNothingOfItsChunk();
  });

  test.each<[string, string, string]>([
    ["leaves a promise behind that fails at once", `Promise.reject(new Error("nobody waits"));`, "nobody waits"],
    [
      "sets a cell after its answer",
      "Promise.resolve().then(() => row.set(note, Buffer.of(65)));",
      "it used the row after it had answered",
    ],
  ])("%s", async (_, lines, said) => {
    // When it fails the thread is some rows further; the message says so.
    await expectStopped(await runWith(moduleOf(lines)), said, "at or before the row with id = ");
    await expectNothingOfItsChunk();
  });

  test("leaves a timer behind that fails", async () => {
    // Nobody knows of it before it fails, and its chunk may be finished by then; the run ends all the same.
    const lines = `setTimeout(() => { throw new Error("too late"); }, 1);`;
    await expectStopped(await runWith(moduleOf(lines)), "too late", "at or before the row with id = ");
  });

  test("ends its thread", async () => {
    await expectStopped(await runWith(moduleOf("process.exit(3);")), "its worker thread ended: ");
    await expectNothingOfItsChunk();
  });

  test.each([
    ["blocks for ever", "for (;;);"],
    ["waits for ever", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"],
    ["is caught in a regular expression", "/^(\\w+\\s?)*$/.test('a'.repeat(200) + '!');"],
  ])("%s", async (_, lines) => {
    // In one chunk, half of it is in a file that the thread cannot take away any more.
    const result = await runWith(moduleOf(lines), { transformTimeoutSeconds: 1, chunkBytes: "32MiB" });
    await expectStopped(result, `has been at work on the row with id = ${poisoned} for 1 s and came to no end`);
    expect(result.error?.todo).toContain("transformTimeoutSeconds");
    await expectNothingOfItsChunk();
  });

  test("is slow, but not on any row for too long, is left alone", async () => {
    const slow = "const until = Date.now() + 700; while (Date.now() < until);";
    const result = await runWith(moduleOf(slow).replace('"poison"', '"poison" || Number(row.get(id)) % 300 === 0'), {
      transformTimeoutSeconds: 1,
    });
    expect(result.error).toBeNull();
  });

  test("blocks: with the row corrected the same command goes on, each row once", async () => {
    await runWith(moduleOf("for (;;);"), { transformTimeoutSeconds: 1 });
    await migration.source.query(`UPDATE ${table} SET note = 'good' WHERE id = ${poisoned}`);
    try {
      const again = await migration.run("run");
      expect(again.error).toBeNull();
      expect(again.exitCode).toBe(0);
      expect(await onShards(`SELECT COUNT(DISTINCT id), COUNT(*) FROM ${table}`).then(total)).toEqual([rows, rows]);
    } finally {
      await migration.source.query(`UPDATE ${table} SET note = 'poison' WHERE id = ${poisoned}`);
    }
  });
});

describe("a user's module that cannot be planned is refused before anything is made:", () => {
  const planOf = (plan: string): string => moduleOf("", plan);
  test.each<[string, string, string]>([
    [
      "it throws",
      `(() => { throw new Error("no plan today"); })()`,
      `Its plan() failed for table "${table}": no plan today`,
    ],
    ["a promise", "Promise.resolve({ columns: input.columns, writes: [] })", "Its plan() returned a promise"],
    ["a promise that fails", `Promise.reject(new Error("x"))`, "Its plan() returned a promise"],
    ["nothing", "undefined", "did not return columns and writes"],
    ["no columns", "{ columns: [], writes: [] }", `leaves no column of table "${table}"`],
    [
      "a column that is none",
      `{ columns: [...input.columns, { name: "x" }], writes: [] }`,
      "gave a column that is none",
    ],
    ["rows that are no function", "{ columns: input.columns, writes: [note], rows: 7 }", "Its rows is not a function"],
    ["a slot of no column", "{ columns: input.columns, writes: [99], rows }", "slot 99"],
    ["a column that is not there", `{ columns: [input.column("nope")], writes: [] }`, `has no column "nope"`],
  ])("%s", async (_, plan, said) => {
    const result = await runWith(planOf(plan));
    expect([result.exitCode, result.error?.code]).toEqual([2, "config"]);
    expect(result.error?.message).toContain(`${step}: `);
    expect(result.error?.message).toContain(said);
    expect(result.error?.now).toBe("Nothing was read or changed.");
    expect(recordsOf(migration.directory)).toEqual([]);
  });
});

/** Sums of the two counts of every shard. */
function total(counts: readonly string[]): number[] {
  const pairs = counts.map((text) => JSON.parse(text).map(Number) as [number, number]);
  return [0, 1].map((at) => pairs.reduce((sum, pair) => sum + (pair[at] ?? 0), 0));
}
