import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { RunEvent } from "../../../src/contracts/events.ts";
import type { Manifest } from "../../../src/contracts/manifest.ts";
import { openChunkFile } from "../../../src/store/chunk-file-reader.ts";
import { afterRecords, recordsOf } from "../../support/cli.ts";
import { onEveryShard } from "../../support/database.ts";
import { changeShard, fromEnvironment, type Migration, newMigration, onShards } from "./migration.ts";

const table = "run_chain";
const target = "run_chain_people";
const rows = 3_000;
const env = { SALT: "pinch" };
let migration: Migration;

const moduleText = `import { defineRowTransform, z } from "vtpipe";
export default defineRowTransform<{ name: string }>()({
  name: "initial",
  purpose: "The first letter of a name.",
  parameters: z.strictObject({ prefix: z.string() }),
  reads: ["name"],
  adds: { initial: "varchar(8) not null" },
  row(row, { prefix }) {
    row.initial = prefix + row.name.slice(0, 1);
    return true;
  },
});
`;

const steps = {
  rename: { rename: { column: "ssn", to: "national_id" } },
  drop: { drop: { columns: ["password"] } },
  hash: { hash: { column: "email", salt: fromEnvironment("SALT") } },
  mask: { mask: { column: "note", keepFirst: 2 }, when: { id: { gt: 100 } } },
  clamp: { clamp: { column: "age", min: 18 } },
  use: { use: { module: "./initial.ts", parameters: { prefix: "_" } } },
};
const usual = Object.values(steps);

/** The config with these parts of the table's rule in place of its own. */
async function configured(change: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const rule = { as: target, where: "id <> 7", transforms: usual, ...change };
  await migration.configure({ tables: { include: ["*"], rules: { [table]: rule } } });
}

beforeAll(async () => {
  const values =
    "n, CONCAT('Ann ', n), CONCAT('p', n, '@example.org'), n + 1000, 'pw', n % 90, REPEAT(CONCAT('é', n), 20)";
  migration = await newMigration("run_chain", {
    [target]: {
      source: [
        `CREATE TABLE ${table} (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL, email VARCHAR(60), ssn VARCHAR(20) NOT NULL, password VARCHAR(20), age INT UNSIGNED, note VARCHAR(200))`,
        `SET SESSION cte_max_recursion_depth = ${rows}`,
        `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows}) SELECT ${values} FROM r`,
        `ANALYZE TABLE ${table}`,
      ],
      target: `CREATE TABLE ${target} (id BIGINT NOT NULL PRIMARY KEY)`,
    },
  });
  // `schema apply` makes it.
  await onEveryShard([`DROP TABLE ${target}`]);
  await writeFile(join(migration.folder, "initial.ts"), moduleText);
  await configured();
  expect((await migration.run("schema apply", [], { env })).error).toBeNull();
});

afterAll(() => migration?.[Symbol.asyncDispose]());

/** What the chain makes, by name and type; the file's, the manifest's and the target's columns are these. */
const output = [
  ["id", "bigint"],
  ["name", "varchar(60)"],
  ["email", "char(64)"],
  ["national_id", "varchar(20)"],
  ["age", "int unsigned"],
  ["note", "varchar(200)"],
  ["initial", "varchar(8)"],
];
const names = output.map(([name]) => name);

test("schema print and apply, plan, manifest, chunk files and verify all have the columns that the chain makes", async () => {
  const planned = await migration.run("plan", [], { env });
  expect(planned.events).toContainEqual(expect.objectContaining({ type: "report", tables: [expect.anything()] }));
  const report = planned.events.find((event) => event.type === "report") as unknown as {
    tables: { source: string; target: string; columns: string[] }[];
  };
  expect(report.tables).toMatchObject([{ source: table, target, columns: names }]);

  const printed = await migration.run("schema print", [], { env, json: false });
  expect(
    [...printed.stdout.matchAll(/^ {2}`(\w+)` ((?:\w+(?:\(\d+\))?)(?: unsigned)?)/gm)].map(([, ...c]) => c),
  ).toEqual(output);
  const columns = `SELECT COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '${target}' ORDER BY ORDINAL_POSITION`;
  const perShard = output.flatMap((column) => inject("shardServers").map(() => JSON.stringify(column)));
  expect(await onShards(columns)).toEqual(perShard.sort());

  const ran = await migration.run("run", [], { env });
  expect(ran.error).toBeNull();
  expect(ran.summary?.tables).toMatchObject([{ source: table, target, rows: rows - 1, verified: true }]);
  const manifest = JSON.parse(await readFile(join(migration.directory, "manifest.json"), "utf8")) as Manifest;
  const typed = (columns: Manifest["tables"][number]["columns"]): string[][] => columns.map((c) => [c.name, c.type]);
  expect(manifest.tables.map((one) => typed(one.columns))).toEqual([output]);
  expect(printed.stdout).toContain(manifest.tables[0]?.createStatement);
  expect(manifest.chunks.length).toBeGreaterThan(2);
  for (const { file } of manifest.chunks) {
    await using reader = await openChunkFile(join(migration.directory, file));
    expect(typed(reader.header.columns)).toEqual(output);
  }

  // Columns that the source does not have, or has otherwise, count as much as others.
  const changes = ["initial = '?'", "email = REPEAT('0', 64)", "national_id = '1'", "age = 17"];
  for (const [i, change] of changes.entries()) {
    for (const shard of inject("shardServers").keys()) {
      await changeShard(shard, `UPDATE ${target} SET ${change} WHERE id = ${200 + i}`);
    }
  }
  const verified = await migration.run("verify", [], { env });
  expect(verified.exitCode).toBe(3);
  type Difference = Extract<RunEvent, { type: "difference" }>;
  const differences = verified.events.filter((event): event is Difference => event.type === "difference");
  expect(differences.map(({ key, columns }) => `${key} ${columns.join()}`).sort()).toEqual([
    ...["200 initial", "201 email", "202 national_id", "203 age"],
  ]);
  await migration.clear();
});

const { rename, drop, hash, mask, clamp, use } = steps;
const others: readonly (readonly [what: string, change: () => Promise<unknown>, environment?: typeof env])[] = [
  [
    "a parameter",
    () => configured({ transforms: [rename, drop, hash, mask, { clamp: { column: "age", min: 19 } }, use] }),
  ],
  ["a secret out of the environment", () => configured(), { SALT: "dash" }],
  ["one step more", () => configured({ transforms: [...usual, { redact: { column: "note" } }] })],
  ["one step less", () => configured({ transforms: [rename, drop, hash, mask, use] })],
  ["two steps the other way round", () => configured({ transforms: [rename, drop, hash, clamp, mask, use] })],
  [
    "another `when`",
    () => configured({ transforms: [rename, drop, hash, { ...mask, when: { id: { gt: 101 } } }, clamp, use] }),
  ],
  ["no `when`", () => configured({ transforms: [rename, drop, hash, { mask: mask.mask }, clamp, use] })],
  [
    "a `when` where there was none",
    () => configured({ transforms: [rename, drop, hash, mask, { ...clamp, when: { id: 1 } }, use] }),
  ],
  ["another `where`", () => configured({ where: "id <> 8" })],
  [
    "a module's parameter",
    () =>
      configured({
        transforms: [rename, drop, hash, mask, clamp, { use: { module: "./initial.ts", parameters: { prefix: "-" } } }],
      }),
  ],
  [
    "a module's text",
    () => writeFile(join(migration.folder, "initial.ts"), moduleText.replace("slice(0, 1)", "slice(0, 2)")),
  ],
  ["the source's definition", () => migration.source.query(`ALTER TABLE ${table} MODIFY note VARCHAR(190)`)],
];

test("a run that was stopped is refused with another chain, whatever of it is other, and goes on with its own", async () => {
  const moment = afterRecords(migration.directory, "loaded", 1);
  const stopped = await migration.run("run", [], { env, signals: [{ signal: "SIGINT", when: moment }] });
  expect(stopped.error?.code).toBe("interrupted");
  const before = [recordsOf(migration.directory), await onShards(`SELECT * FROM ${target}`)];
  const manifestFile = join(migration.directory, "manifest.json");
  const manifest = await readFile(manifestFile, "utf8");

  for (const [i, [what, change, environment = env]] of others.entries()) {
    await change();
    const verb = i % 2 === 0 ? "run" : "dump";
    const refused = await migration.run(verb, [], { env: environment });
    expect([what, verb, refused.exitCode, refused.error?.code]).toEqual([what, verb, 1, "plan-changed"]);
    expect(refused.error?.message).toContain(migration.directory);
    await configured();
    await writeFile(join(migration.folder, "initial.ts"), moduleText);
  }
  await migration.source.query(`ALTER TABLE ${table} MODIFY note VARCHAR(200)`);
  expect([recordsOf(migration.directory), await onShards(`SELECT * FROM ${target}`)]).toEqual(before);
  expect(await readFile(manifestFile, "utf8")).toBe(manifest);

  // The same chain, written in another way.
  const rewritten = [rename, drop, { hash: { salt: "pinch", column: "email" } }, mask, clamp, use];
  await configured({ transforms: rewritten });
  const done = await migration.run("run", [], { env });
  expect(done.error).toBeNull();
  expect(done.summary?.tables).toMatchObject([{ rows: rows - 1, verified: true }]);
});
