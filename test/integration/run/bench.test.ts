import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { stringify } from "yaml";
import type { BenchLine, RunBench, SourceBench, TargetBench, TransformBench } from "../../../src/contracts/bench.ts";
import { stages } from "../../../src/contracts/stages.ts";
import { afterEvents, type CliResult, vtpipe } from "../../support/cli.ts";
import { connectTarget, onEveryShard, targetTables } from "../../support/database.ts";
import { byId, type Migration, newMigration, onShards, onSource } from "./migration.ts";

const table = "run_bench";
const rows = 6000;
let migration: Migration;

beforeAll(async () => {
  migration = await newMigration(table, {
    [table]: {
      source: [
        `CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL, at DATETIME(3), price DECIMAL(9,2) NOT NULL)`,
        `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 1000)
           SELECT r.n + 1000 * t.n, CONCAT('name ', REPEAT(r.n, 9)), '2024-01-02 03:04:05.678', r.n / 4 FROM r, (SELECT n - 1 AS n FROM r WHERE n <= 6) AS t`,
        `ANALYZE TABLE ${table}`,
      ],
    },
    run_bench_few: {
      source: [
        "CREATE TABLE run_bench_few (id INT NOT NULL PRIMARY KEY, name VARCHAR(20))",
        "INSERT INTO run_bench_few VALUES (1, 'a'), (2, NULL)",
      ],
    },
  });
});

afterAll(() => migration?.[Symbol.asyncDispose]());

/** The last line of the output, which must be the bench's. */
function lineOf<L extends BenchLine>(result: CliResult): L {
  expect(result.error, result.error?.message).toBeNull();
  expect(result.exitCode, result.stderr).toBe(0);
  const last = result.events.at(-1) as unknown as L;
  expect(last.type).toBe("bench");
  return last;
}

const measured = (result: CliResult) => result.events.filter(({ type }) => type === "measured");

/** Everything there is on the source, definitions and rows. */
async function sourceNow(): Promise<unknown> {
  const tables = await onSource(migration.source, "SHOW TABLES");
  const rows = await onSource(migration.source, `CHECKSUM TABLE ${table}, run_bench_few`);
  return { tables, rows };
}

describe("bench source", () => {
  test("tells what each number of connections gives, over all tables, and leaves the source as it is", async () => {
    const before = await sourceNow();
    const page = join(migration.folder, "source.html");
    // On a busy machine a visit may end before its first batch: only that each number of connections brought rows is sure.
    const args = ["--seconds", "4", "--rounds", "2", "--connections", "3", "--html", page];
    const result = await migration.run("bench source", args);
    const line = lineOf<SourceBench>(result);
    expect(line.command).toBe("bench source");
    expect(line.tables).toEqual([table, "run_bench_few"]);
    expect(line.steps.map(({ connections }) => connections)).toEqual([1, 2, 3]);
    for (const { rowsPerSecond, bytesPerSecond } of line.steps) {
      expect(rowsPerSecond.max).toBeGreaterThan(0);
      expect(rowsPerSecond.max).toBeGreaterThanOrEqual(rowsPerSecond.median);
      expect(bytesPerSecond.max).toBeGreaterThan(rowsPerSecond.max);
    }
    expect([1, 2, 3]).toContain(line.best);
    expect(line.timesRead).toBeGreaterThan(0);
    expect(line.sentence).toContain("The source gives");
    expect(measured(result)).toMatchObject([1, 2, 3, 3, 2, 1].map((n) => ({ what: expect.stringContaining(`${n} `) })));
    expect(await sourceNow()).toEqual(before);
    expect(await readFile(page, "utf8")).toContain("3 connections");
  });

  test("counts every row of a pass once", async () => {
    const line = lineOf<SourceBench>(
      await migration.run("bench source", ["--seconds", "1", "--rounds", "1", "--connections", "1"]),
    );
    const [step] = line.steps;
    const pass = rows + 2;
    expect(step?.rows).toBeGreaterThanOrEqual(line.timesRead * pass);
    expect(step?.rows).toBeLessThanOrEqual((line.timesRead + 1) * pass);
  });

  test("stops at Ctrl-C, where nothing has changed", async () => {
    const result = await migration.run("bench source", ["--seconds", "60", "--rounds", "20", "--connections", "2"], {
      signals: [{ signal: "SIGINT", when: afterEvents("measured", 1) }],
    });
    expect(result.exitCode).toBe(130);
    expect(result.error).toMatchObject({ code: "interrupted", now: expect.stringContaining("only read") });
    expect(result.events.at(-1)?.type).toBe("summary");
    expect(await onSource(migration.source, "SELECT COUNT(*) FROM information_schema.innodb_trx")).toEqual(['["0"]']);
  });

  test("a page that cannot be written is told before anything is measured", async () => {
    const result = await migration.run("bench source", ["--html", join(migration.folder, "nowhere", "page.html")]);
    expect(result.exitCode).toBe(1);
    expect(result.error).toMatchObject({ code: "disk", now: "Nothing was measured or changed." });
    expect(measured(result)).toEqual([]);
  });
});

describe("bench transform", () => {
  beforeAll(async () => {
    await migration.clear();
    expect((await migration.run("dump")).error).toBeNull();
  });

  /** Runs it by a config that names no server. */
  async function benchTransform(
    rules: Readonly<Record<string, unknown>>,
    directory: string | null = migration.directory,
  ) {
    const file = join(migration.folder, "offline.yaml");
    await writeFile(file, stringify({ version: 1, tables: { rules } }));
    const rows = directory === null ? ["--shape", "narrow"] : [directory];
    return vtpipe(["bench", "transform", ...rows, "-c", file, "--seconds", "1"], { cwd: migration.folder });
  }

  test("tells what each chain costs, over the rows of a dump and without a server", async () => {
    const result = await benchTransform({
      [table]: { transforms: [{ trim: { column: "name" } }, { round: { column: "price", places: 0 } }] },
      run_bench_few: { transforms: [{ sql: { column: "name", expression: "LOWER(`name`)" } }] },
      gone: { transforms: [{ trim: { column: "name" } }] },
    });
    const line = lineOf<TransformBench>(result);
    expect(line.chains).toHaveLength(1);
    const [cost] = line.chains;
    expect(cost).toMatchObject({ table, steps: 2 });
    expect((cost?.rows ?? 1) % rows).toBe(0);
    expect(cost?.passes).toBeGreaterThanOrEqual(3);
    expect(cost?.chainMicrosecondsPerRow.median).toBeGreaterThan(0);
    expect(cost?.ratio.median).toBeGreaterThan(0);
    expect(cost?.rowsPerSecond.median).toBeGreaterThan(0);
    expect(line.skipped).toEqual([
      { what: "table run_bench_few", why: expect.stringContaining("evaluated by the source") },
      { what: "table gone", why: expect.stringContaining("does not have it") },
    ]);
  });

  test("generated rows go through the chain of the table that is called as their shape", async () => {
    const rules = { narrow: { transforms: [{ round: { column: "amount", places: 0 } }] } };
    const line = lineOf<TransformBench>(await benchTransform(rules, null));
    expect(line.chains).toMatchObject([{ table: "narrow", steps: 1 }]);
    expect(line.rowsFrom).toContain("shape narrow");
    const none = await benchTransform({ wide: rules.narrow }, null);
    expect(none.exitCode).toBe(2);
    expect(none.error?.message).toContain("no transforms for it");
  });

  test("a chain that names a column the rows lack, or fails on a row, ends it", async () => {
    const unknown = await benchTransform({ [table]: { transforms: [{ trim: { column: "nam" } }] } });
    expect(unknown.exitCode).toBe(2);
    expect(unknown.error?.message).toContain("nam");
    const failing = await benchTransform({
      [table]: { transforms: [{ cast: { column: "name", type: "int not null" } }] },
    });
    expect(failing.exitCode).toBe(1);
    expect(failing.error).toMatchObject({ code: "transform", context: { table } });
  });

  test("rows that went through transforms already are refused", async () => {
    const rules = { [table]: { transforms: [{ trim: { column: "name" } }] } };
    await migration.configure({ directory: "./transformed", tables: { rules } });
    try {
      expect((await migration.run("dump")).error).toBeNull();
    } finally {
      await migration.configure();
    }
    const result = await benchTransform(rules, join(migration.folder, "transformed"));
    expect(result.exitCode).toBe(2);
    expect(result.error).toMatchObject({ code: "usage", message: expect.stringContaining("went through transforms") });
  });
});

describe("bench target", () => {
  const quick = ["--seconds", "2", "--sessions", "1", "--rows-per-statement", "100"];

  /** The scratch tables of benches on all shards. */
  const scratch = (): Promise<string[]> =>
    onShards("SELECT table_name FROM information_schema.tables WHERE table_name LIKE '%vtpipe\\_bench%'");

  test("tells what each way of loading gives, and leaves no table behind", async () => {
    const result = await migration.run("bench target", [...quick, "2000", "--workers", "1"]);
    const line = lineOf<TargetBench>(result);
    expect(line.results.map(({ strategy, rowsPerStatement }) => [strategy, rowsPerStatement])).toEqual([
      ["json-table", 100],
      ["values", 100],
      ["json-table", 2000],
      ["values", 2000],
    ]);
    for (const one of line.results) {
      expect(one).toMatchObject({ routing: "targeted", sessions: 1, retries: 0 });
      expect(one.rows).toBeGreaterThan(0);
      expect(one.rows / one.statements).toBeLessThanOrEqual(one.rowsPerStatement);
    }
    expect(line.skipped).toEqual([{ what: "routed statements", why: expect.stringContaining("vschema") }]);
    expect(line.best).not.toBeNull();
    expect(line.config?.load.sessions).toBe(1);
    expect(line.scratchTable).toMatch(/^_vtpipe_bench_[0-9a-f]{8}$/);
    expect(result.events).toContainEqual({ type: "note", text: expect.stringContaining(`DROP TABLE IF EXISTS`) });
    expect(await scratch()).toEqual([]);
  });

  test("rows of a dump are loaded, routed ones too where the vschema has the scratch table", async () => {
    await migration.clear();
    expect((await migration.run("dump")).error).toBeNull();
    const name = "run_bench_scratch";
    const create = `CREATE TABLE ${name} (id INT NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL, at DATETIME(3), price DECIMAL(9,2) NOT NULL)`;
    await using _ = await targetTables({ [name]: { create, vschema: byId } }, { run_hash: { type: "hash" } });
    await onEveryShard([`DROP TABLE ${name}`]);
    const args = [...quick, "--strategy", "values", "--from", migration.directory, "--scratch", name];
    const line = lineOf<TargetBench>(await migration.run("bench target", args));
    expect(line.rowsFrom).toContain(`table ${table}`);
    expect(line.results.map(({ routing }) => routing)).toEqual(["targeted", "routed"]);
    expect(line.skipped).toEqual([]);
    expect(await onShards(`SELECT table_name FROM information_schema.tables WHERE table_name = '${name}'`)).toEqual([]);
  });

  test("a table that is there is refused and not touched", async () => {
    await onEveryShard([`DELETE FROM ${table}`]);
    await onEveryShard([`INSERT INTO ${table} VALUES (1, 'kept', NULL, 1)`]);
    const result = await migration.run("bench target", [...quick, "--scratch", table]);
    expect(result.exitCode).toBe(1);
    expect(result.error).toMatchObject({ code: "preflight", now: expect.stringContaining("not touched") });
    expect(await onShards(`SELECT name FROM ${table}`)).toEqual(['["kept"]', '["kept"]']);
    await onEveryShard([`DELETE FROM ${table}`]);
  });

  test("a failure in the middle drops the table, too", async () => {
    const [shard = ""] = inject("vtgate").shards;
    let dropped: Promise<unknown> | null = null;
    const result = await migration.run("bench target", ["--seconds", "2", "--sessions", "1", "2", "4"], {
      onEvent(event) {
        if (event.type !== "note" || !event.text.startsWith("Scratch table") || dropped !== null) return;
        const [, name = ""] = /^Scratch table (\S+)/.exec(event.text) ?? [];
        // As soon as it is there.
        dropped = dropWhenThere(shard, name);
      },
    });
    await dropped;
    expect(result.exitCode).toBe(1);
    expect(result.error?.code).toBe("target");
    expect(await scratch()).toEqual([]);
  });

  test("stops at Ctrl-C and drops the table", async () => {
    const result = await migration.run("bench target", ["--seconds", "2"], {
      signals: [{ signal: "SIGINT", when: afterEvents("measured", 1) }],
    });
    expect(result.exitCode).toBe(130);
    expect(result.error).toMatchObject({ code: "interrupted", now: expect.stringContaining("dropped") });
    expect(await scratch()).toEqual([]);
  });
});

/** Drops a table on one shard once it is there; looks for a minute. */
async function dropWhenThere(shard: string, name: string): Promise<void> {
  const connection = await connectTarget(shard);
  try {
    for (let look = 0; look < 600; look++) {
      const [found] = await connection.query(`SHOW TABLES LIKE '${name.replaceAll("_", "\\_")}'`);
      if ((found as unknown[]).length > 0) {
        await connection.query(`DROP TABLE ${name}`);
        return;
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
  } finally {
    await connection.end();
  }
}

describe("bench run", () => {
  test("is a run that tells where its time went; done again it has nothing to tell", async () => {
    await migration.clear();
    const result = await migration.run("bench run", ["--seconds", "3", "--target-alone"]);
    const line = lineOf<RunBench>(result);
    expect(line).toMatchObject({ command: "bench run", rows: rows + 2, workers: 2 });
    expect(result.summary).toMatchObject({
      command: "bench run",
      ok: true,
      tables: [{ verified: true }, { verified: true }],
    });
    expect(line.budget?.stages.map(({ stage }) => stage)).toEqual(stages);
    const ceiling = (name: string) => line.budget?.stages.find(({ stage }) => stage === name)?.ceiling;
    expect(ceiling("source")).toBeGreaterThan(0);
    expect(ceiling("target")).toBeGreaterThan(0);
    expect(line.budget?.sentence).toContain("the limit here is");
    expect(line.timelines.map(({ title }) => title)).toContain("What workers do");
    expect(line.timelines[0]?.series.map(({ name }) => name)).toEqual(["read", "loaded"]);
    expect(await onShards(`SELECT COUNT(*) > 0 FROM ${table}`)).not.toContain('["0"]');

    const again = lineOf<RunBench>(await migration.run("bench run", ["--seconds", "1"]));
    expect(again).toMatchObject({ rows: 0, budget: null });
    expect(again.notes[0]).toContain("No row was left to move");
  });
});
