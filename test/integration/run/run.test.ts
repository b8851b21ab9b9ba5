import { createHmac } from "node:crypto";
import { chmod, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connectTarget, onEveryShard } from "../../support/database.ts";
import { fromEnvironment, type Migration, newMigration, onShards, onSource } from "./migration.ts";

const salt = "a grain of salt";
const env = { SALT: salt };
const people = 700;
let migration: Migration;

/** Column by column what the source is filled with; `where` lets every seventh row stay behind. */
const person = (id: number) => ({
  id,
  name: `Ann ${id} Österreich`,
  email: id % 5 === 0 ? null : `p${id}@example.org`,
  ssn: `${1000 + id}`,
  deleted: id % 7 === 0,
});

const userModule = `import { defineTransform, z } from "vtpipe";
export default defineTransform({
  name: "initials",
  purpose: "First letters of the name.",
  parameters: z.strictObject({ into: z.string() }),
  plan({ into }, input) {
    const name = input.column("name");
    const initials = input.newColumn(into, "varchar(20)");
    return {
      columns: [...input.columns, initials],
      writes: [initials.slot],
      rows(row) {
        const words = Buffer.from(row.get(name.slot) ?? "").toString().split(" ");
        row.set(initials.slot, Buffer.from(words.map((word) => [...word][0]).join("")));
        return true;
      },
    };
  },
});
`;

beforeAll(async () => {
  const values = Array.from({ length: people }, (_, i) => person(i + 1)).map(
    ({ id, name, email, ssn, deleted }) =>
      `(${id}, '${name}', ${email === null ? "NULL" : `'${email}'`}, '${ssn}', 'pw${id}', ${deleted ? "NOW()" : "NULL"})`,
  );
  const orders = Array.from({ length: 2500 }, (_, i) => `(${i % 400}, ${i}, ${i}.25, REPEAT('note ${i} ', 8))`);
  migration = await newMigration("run_small", {
    run_small_persons: {
      source: [
        "CREATE TABLE people (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL, email VARCHAR(60), ssn VARCHAR(20) NOT NULL, password VARCHAR(20), deleted_at DATETIME)",
        `INSERT INTO people VALUES ${values.join(", ")}`,
      ],
      target: "CREATE TABLE run_small_persons (id BIGINT NOT NULL PRIMARY KEY)",
    },
    run_small_orders: {
      source: [
        "CREATE TABLE run_small_orders (customer BIGINT NOT NULL, line INT NOT NULL, price DECIMAL(10,2), note TEXT, PRIMARY KEY (customer, line))",
        `INSERT INTO run_small_orders VALUES ${orders.join(", ")}`,
        "ANALYZE TABLE run_small_orders",
      ],
      vschema: { column_vindexes: [{ column: "customer", name: "run_hash" }] },
    },
    run_small_empty: { source: ["CREATE TABLE run_small_empty (id INT NOT NULL PRIMARY KEY, v INT)"] },
  });
  // `schema apply` is to make them.
  await onEveryShard(["DROP TABLE run_small_persons", "DROP TABLE run_small_orders"]);
  await writeFile(join(migration.folder, "initials.ts"), userModule);
  const transforms = [
    { rename: { column: "ssn", to: "national_id" } },
    { drop: { columns: ["password"] } },
    { hash: { column: "email", salt: fromEnvironment("SALT") } },
    { set: { column: "tenant_id", type: "int not null", value: 7 } },
    { use: { module: "./initials.ts", parameters: { into: "initials" } } },
  ];
  const rules = { people: { as: "run_small_persons", where: "deleted_at IS NULL", transforms } };
  await migration.configure({ tables: { include: ["*"], rules } });
  const applied = await migration.run("schema apply", [], { env });
  expect(applied.error).toBeNull();
  expect(applied.exitCode).toBe(0);
});

afterAll(() => migration?.[Symbol.asyncDispose]());

test("the main job: schema, plan and run; every row arrives as the transforms make it", async () => {
  const ran = await migration.run("run", [], { env });
  expect(ran.error).toBeNull();
  expect(ran.exitCode).toBe(0);
  expect(ran.stderr).toBe("");

  const kept = Array.from({ length: people }, (_, i) => person(i + 1)).filter(({ deleted }) => !deleted);
  const expected = kept.map(({ id, name, email, ssn }) =>
    JSON.stringify([
      String(id),
      name,
      email === null ? null : createHmac("sha256", salt).update(email).digest("hex"),
      ssn,
      null,
      "7",
      name
        .split(" ")
        .map((word) => word[0])
        .join(""),
    ]),
  );
  const columns = "id, name, email, national_id, deleted_at, tenant_id, initials";
  expect(await onShards(`SELECT ${columns} FROM run_small_persons`)).toEqual(expected.sort());
  const order = "CONCAT_WS('|', customer, line, price, note) AS o";
  const select = `SELECT ${order} FROM run_small_orders`;
  expect(await onShards(select)).toEqual(await onSource(migration.source, select));
  // The shards' own tables have exactly the columns the chain gives.
  expect(
    await onShards(
      "SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION SEPARATOR ', ') FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'run_small_persons'",
    ),
  ).toEqual(inject("shardServers").map(() => JSON.stringify([columns])));

  const summary = ran.summary;
  expect(ran.events.at(-1)).toBe(summary);
  expect(summary).toMatchObject({
    type: "summary",
    command: "run",
    ok: true,
    error: null,
    directory: migration.directory,
    target: inject("vtgate").kind,
    position: expect.stringMatching(/^MySQL56\/[0-9a-f-]{36}:1-\d+/),
  });
  const figures = ["lockMs", "seconds", "rowsPerSecond", "bytesPerSecond", "peakRssBytes"] as const;
  for (const name of figures) expect(summary?.[name], name).toBeGreaterThan(0);
  const table = { class: "identity", verified: true, bytes: expect.any(Number), chunks: expect.any(Number) };
  expect(summary?.tables).toEqual([
    { ...table, class: "js-only", source: "people", target: "run_small_persons", rows: kept.length },
    { ...table, source: "run_small_empty", target: "run_small_empty", rows: 0 },
    { ...table, source: "run_small_orders", target: "run_small_orders", rows: 2500 },
  ]);
  expect(summary?.tables[2]?.chunks).toBeGreaterThan(2);

  const gate = await connectTarget();
  try {
    // vtgate looks for a row only where its vindex says, so this finds rows that are on their right shard.
    const [found] = await gate.query("SELECT id FROM run_small_persons WHERE id IN (1, 2, 3, 4, 5, 6, 698)");
    expect(found).toHaveLength(7);
  } finally {
    await gate.end();
  }
});

test("the same run again reads and sends nothing, and verifies", async () => {
  expect((await migration.run("run", [], { env })).error).toBeNull();
  const again = await migration.run("run", [], { env });
  expect(again.exitCode).toBe(0);
  expect(again.events).toContainEqual({
    type: "note",
    text: "Everything was read by an earlier run; nothing is read again.",
  });
  expect(again.events.filter(({ type }) => type === "snapshot" || type === "table:loaded")).toEqual([]);
  expect(again.summary?.tables.map(({ verified }) => verified)).toEqual([true, true, true]);
  expect(again.summary?.rowsPerSecond).toBe(0);
});

test("--no-keep-files leaves no chunk file, and the rows are there and verified", async () => {
  await migration.clear();
  const ran = await migration.run("run", ["--no-keep-files"], { env });
  expect(ran.error).toBeNull();
  expect(ran.exitCode).toBe(0);
  expect(ran.summary?.tables.map(({ verified }) => verified)).toEqual([true, true, true]);
  const dumped = ran.events.filter((event) => event.type === "table:dumped");
  expect(dumped).toHaveLength(3);
  const files = await filesOf(join(migration.directory, "chunks"));
  expect(files.filter((name) => name.endsWith(".zst"))).toEqual([]);
  expect(await onShards("SELECT COUNT(*) > 0 FROM run_small_orders")).toEqual(['["1"]', '["1"]']);

  const verified = await migration.run("verify", [], { env });
  expect(verified.error).toBeNull();
  expect(verified.exitCode).toBe(0);
  const again = await migration.run("run", ["--no-keep-files"], { env });
  expect(again.error).toBeNull();
  expect(again.exitCode).toBe(0);
});

test("without --json a person reads the same in plain lines", async () => {
  await migration.clear();
  const ran = await migration.run("run", [], { env, json: false });
  expect(ran.exitCode).toBe(0);
  expect(ran.stdout).toMatch(/run_small_orders: equal, 2,500 rows/);
  expect(ran.stdout).toMatch(/^position +MySQL56\//m);
  expect(ran.stdout).toContain(migration.directory);
  expect(ran.stdout).not.toContain("\u001b"); // colours and moving the cursor are for terminals
});

test("the run directory is for its owner only", async () => {
  expect((await migration.run("dump", [], { env })).error).toBeNull();
  expect((await stat(migration.directory)).mode & 0o777).toBe(0o700);
  for (const file of await filesOf(migration.directory)) {
    expect((await stat(file)).mode & 0o077, file).toBe(0);
  }
  await rm(migration.directory, { recursive: true });
});

test("a run directory that others may enter is warned of by every command that uses it, with the files they may read", async () => {
  expect((await migration.run("dump", [], { env })).error).toBeNull();
  const manifest = join(migration.directory, "manifest.json");
  await chmod(migration.directory, 0o755);
  await chmod(manifest, 0o644);
  for (const command of ["dump", "status", "load"]) {
    const { events } = await migration.run(command, command === "load" ? ["./run", "--no-verify"] : [], { env });
    const warnings = events.flatMap((event) =>
      event.type === "warning" && event.code === "directory-mode" ? [event.text] : [],
    );
    expect(warnings, command).toEqual([
      `Other users may enter ${migration.directory}, which holds rows of your tables; chmod 700 keeps them out.`,
      `Other users may read ${manifest}; chmod 600 keeps them out.`,
    ]);
    await chmod(manifest, 0o644);
  }
  await migration.clear();
});

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
