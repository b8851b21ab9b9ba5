import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { PreviewedTable, PreviewReport } from "../../../src/contracts/preview.ts";
import type { CliResult } from "../../support/cli.ts";
import { fromEnvironment, type Migration, newMigration, onShards, onSource } from "./migration.ts";

const people = "preview_people";
const orders = "preview_orders";
const rows = 4000;
const salt = "pinch of salt";
let migration: Migration;

beforeAll(async () => {
  const numbers = `WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows})`;
  migration = await newMigration("preview_run", {
    [people]: {
      source: [
        `CREATE TABLE ${people} (id BIGINT NOT NULL PRIMARY KEY, email VARCHAR(60) NOT NULL, nick VARCHAR(20), phone VARCHAR(20),
             paid DECIMAL(12,4) NOT NULL, seen DATETIME(6), photo VARBINARY(200), secret TEXT, country CHAR(2), UNIQUE KEY by_email (email), UNIQUE KEY by_nick (nick))`,
        "SET SESSION cte_max_recursion_depth = 10000",
        `INSERT INTO ${people} ${numbers} SELECT n, CONCAT('user', n, '@example.org'), IF(n % 10 = 0, NULL, CONCAT('nick', n)), CONCAT('+49', n),
             n + 0.1234, '2024-01-31 10:20:30.123456', UNHEX(REPEAT('00ff', 80)), CONCAT('secret\\n', n), IF(n % 4 = 0, 'DE', 'FR') FROM r`,
        `ANALYZE TABLE ${people}`,
      ],
      target: `CREATE TABLE ${people} (id BIGINT NOT NULL PRIMARY KEY, email VARCHAR(60) NOT NULL, nick VARCHAR(6), phone VARCHAR(20) NOT NULL, paid DECIMAL(12,2) NOT NULL, seen DATETIME(6), photo VARBINARY(200), secret TEXT, country CHAR(2), UNIQUE KEY by_email (email), UNIQUE KEY by_nick (nick))`,
    },
    [orders]: {
      source: [
        `CREATE TABLE ${orders} (id BIGINT NOT NULL, part INT NOT NULL, buyer VARCHAR(60) NOT NULL, total DECIMAL(10,2), PRIMARY KEY (id, part),
             CONSTRAINT orders_buyer FOREIGN KEY (buyer) REFERENCES ${people} (email))`,
        `INSERT INTO ${orders} ${numbers} SELECT n, 1, CONCAT('user', n, '@example.org'), n FROM r`,
        `ANALYZE TABLE ${orders}`,
      ],
      target: `CREATE TABLE ${orders} (id BIGINT NOT NULL, part INT NOT NULL, buyer VARCHAR(60) NOT NULL, total DECIMAL(10,2), PRIMARY KEY (id, part))`,
    },
  });
}, 60_000);

afterAll(() => migration?.[Symbol.asyncDispose]());

type Steps = readonly Readonly<Record<string, unknown>>[];

/** Previews with these transforms of the two tables. */
async function preview(
  transforms: { readonly people?: Steps; readonly orders?: Steps; readonly where?: string },
  args: readonly string[] = [],
  sections: Readonly<Record<string, unknown>> = {},
): Promise<CliResult & { readonly tables: readonly PreviewedTable[] }> {
  const where = transforms.where === undefined ? {} : { where: transforms.where };
  const rules = {
    [people]: { ...where, transforms: transforms.people ?? [] },
    [orders]: { transforms: transforms.orders ?? [] },
  };
  // Only the test of sensitive names is about names.
  await migration.configure({ sensitive: [], tables: { rules }, ...sections });
  const result = await migration.run("transform preview", args, { env: { SALT: salt } });
  const report = result.events.find((event) => event.type === "report") as unknown as PreviewReport | undefined;
  return { ...result, tables: report?.tables ?? [] };
}

const ofPeople = ({ tables }: { readonly tables: readonly PreviewedTable[] }): PreviewedTable =>
  tables.find(({ source }) => source === people) ?? expect.fail("no people");
const codesOf = (table: PreviewedTable): string[] =>
  table.warnings.map(({ code, column }) => `${code} ${column ?? ""}`);
const warningOf = (table: PreviewedTable, code: string): string =>
  table.warnings.find((warning) => warning.code === code)?.text ?? expect.fail(`no ${code} in ${codesOf(table)}`);
const schemaOnly = { target: undefined };

describe("the diff", () => {
  const steps: Steps = [
    { sql: { column: "country", expression: "LOWER(`country`)" } },
    { rename: { column: "nick", to: "nickname" } },
    { hash: { column: "email", salt: fromEnvironment("SALT") } },
    { drop: { columns: ["secret"] } },
    { filter: { where: { country: "fr" } } },
    { set: { column: "tenant", type: "int not null", value: 7 } },
  ];

  test("shows what the chain makes of rows from all over the table, and by which step the class is decided", async () => {
    const before = await onSource(migration.source, `CHECKSUM TABLE ${people}, ${orders}`);
    const result = await preview({ people: steps }, ["--rows", "8"], schemaOnly);
    expect(result.error, result.stderr).toBeNull();
    expect(result.tables.map(({ source }) => source)).toEqual([orders, people]);
    expect(result.tables[0]).toMatchObject({
      class: "identity",
      decidedBy: null,
      rows: Array(8).fill({ changes: [] }),
    });
    const shown = ofPeople(result);
    expect(shown).toMatchObject({ class: "js-only", decidedBy: `tables.rules.${people}.transforms[4].filter` });
    expect(shown.sample).toMatchObject({ places: 16, whole: false, filtered: expect.any(Number) });
    expect(shown.sample.rows).toBeGreaterThan(800);
    // One row in four is from DE.
    expect(shown.sample.filtered / shown.sample.rows).toBeCloseTo(0.25, 1);
    expect(shown.rows.map(({ outcome }) => outcome)).toContain("filtered");
    const ids = shown.rows.map(({ key }) => Number(key.replace("id = ", "")));
    expect(ids[0]).toBeLessThan(10);
    expect(Math.max(...ids)).toBeGreaterThan(rows * 0.75);
    expect(ids.filter((id) => id > rows / 2).length).toBeGreaterThanOrEqual(3);

    const row = shown.rows.find(({ outcome }) => outcome === "kept") ?? expect.fail("none kept");
    const id = Number(row.key.replace("id = ", ""));
    expect(row.changes).toEqual([
      { column: "email", before: `user${id}@example.org`, after: expect.stringMatching(/^[0-9a-f]{59}…$/) },
      { column: "country", before: "FR", after: "fr" },
      { column: "tenant", after: "7" },
      { column: "secret", before: `secret\\n${id}` },
    ]);
    expect(shown.columns).toContainEqual({
      before: { name: "nick", type: "varchar(20)" },
      after: { name: "nickname", type: "varchar(20)" },
      written: false,
    });
    expect(shown.columns.at(-1)).toEqual({ before: { name: "secret", type: "text" }, after: null, written: false });

    expect(result.stdout + result.stderr).not.toContain(salt);
    expect(await onSource(migration.source, `CHECKSUM TABLE ${people}, ${orders}`)).toEqual(before);
    expect(await onShards(`SELECT COUNT(*) FROM ${people}`)).toEqual(['["0"]', '["0"]']);
    expect(await readdir(migration.folder)).toEqual(["vtpipe.yaml"]);
  });

  test("bytes are hex, what is long is cut, and plain text shows the same", async () => {
    const chain = { people: [{ nullify: { column: "photo" } }, { filter: { where: { country: "FR" } } }] };
    const { tables } = await preview(chain, ["--table", people], schemaOnly);
    const kept = ofPeople({ tables }).rows.find(({ outcome }) => outcome === "kept");
    expect(kept?.changes).toEqual([{ column: "photo", before: `0x${"00ff".repeat(14)}0…`, after: null }]);
    const plain = await migration.run("transform preview", ["--table", people], { json: false });
    expect(plain.exitCode, plain.stderr).toBe(0);
    expect(plain.stdout).toContain(`${people}: js-only because of tables.rules.${people}.transforms[1].filter`);
    expect(plain.stdout).toMatch(/ {2}columns: photo changed, 8 as they are\n/);
    expect(plain.stdout).toMatch(/ {4}- photo {2}0x00ff00ff[0-9a-f]+…\n {4}\+ photo {2}NULL\n/);
    expect(plain.stdout).toMatch(/id = \d+: left out\n/);
  });

  test("a condition is met by rows wherever they are, and a table without a key gives its first rows", async () => {
    await migration.source.query("CREATE TABLE preview_keyless (v INT)");
    await migration.source.query("INSERT INTO preview_keyless VALUES (1), (2), (3)");
    const { tables, error } = await preview({ where: "id > 3990 -- rare" }, [], schemaOnly);
    await migration.source.query("DROP TABLE preview_keyless");
    expect(error).toBeNull();
    expect(ofPeople({ tables }).sample).toMatchObject({ rows: 10, whole: true });
    const keyless = tables.find(({ source }) => source === "preview_keyless");
    expect(keyless?.sample).toEqual({ rows: 3, places: 1, whole: true, filtered: 0 });
    expect(keyless?.rows.map(({ key }) => key)).toEqual([
      "row 1 of the sample",
      "row 2 of the sample",
      "row 3 of the sample",
    ]);
  });

  test("--table names a table that moves, --rows is bounded", async () => {
    const wrong = await preview({}, ["--table", "preview_peopel"], schemaOnly);
    expect([wrong.exitCode, wrong.error?.code]).toEqual([2, "usage"]);
    expect(wrong.error?.message).toContain(people);
    const many = await preview({}, ["--rows", "1001"], schemaOnly);
    expect(many.exitCode).toBe(2);
    expect(many.stderr + many.stdout).toContain("at most 1000 rows");
  });
});

describe("warnings", () => {
  test("none, where nothing is wrong", async () => {
    const result = await preview({}, ["--strict", "--table", orders]);
    expect([result.exitCode, result.summary?.target]).toEqual([0, inject("vtgate").kind]);
    expect(result.tables).toMatchObject([{ source: orders, heldAgainst: "target", warnings: [] }]);
  });

  test("sensitive names that pass, and columns that policy wants a decision about", async () => {
    const steps = [{ rename: { column: "phone", to: "contact" } }, { drop: { columns: ["secret"] } }];
    const sections = { ...schemaOnly, sensitive: ["default"], policy: { require: "all" } };
    const shown = ofPeople(await preview({ people: steps }, ["--table", people], sections));
    expect(codesOf(shown)).toEqual(["undecided-columns ", "sensitive-column email", "sensitive-column contact"]);
    expect(warningOf(shown, "undecided-columns")).toMatch(/without a decision: id bigint, email varchar\(60\), nick /);
    const strict = await preview({ people: steps }, ["--table", people, "--strict"], sections);
    expect([strict.exitCode, strict.error?.code]).toEqual([1, "preflight"]);
    const kept = [...steps, { keep: { columns: ["email", "contact"] } }];
    expect(ofPeople(await preview({ people: kept }, [], { ...sections, policy: {} })).warnings).toEqual([]);
  });

  test("values that do not fit the live target: too long, NULL, less precise", async () => {
    const steps = [{ hash: { column: "email", salt: "s" } }, { nullify: { column: "phone" } }];
    const shown = ofPeople(await preview({ people: steps }, ["--table", people]));
    expect(shown.heldAgainst).toBe("target");
    expect(codesOf(shown).toSorted()).toEqual([
      "foreign-key-differs email",
      "precision-lost paid",
      "value-not-allowed phone",
      "value-too-long email",
      "value-too-long nick",
    ]);
    expect(warningOf(shown, "value-too-long")).toMatch(/longer than the 60 characters of varchar\(60\).*\(id = \d+\)/);
    expect(warningOf(shown, "precision-lost")).toMatch(/In (\d+) of \1 rows .*decimal\(12,2\) rounds away/);
  });

  test("the output schema takes its place where the target has no table or cannot be reached", async () => {
    const { host } = inject("vtgate");
    const closed = { target: { url: `vtgate://nobody@${host}:1/main` } };
    const result = await preview({ people: [{ hash: { column: "email", salt: "s" } }] }, [], closed);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(ofPeople(result)).toMatchObject({ heldAgainst: "output schema", warnings: [] });
    const note = result.events.find((event) => event.type === "note");
    expect(JSON.stringify(note)).toContain("held against the output schema");
  });

  test("a step that gives a column a type its values do not fit exactly", async () => {
    const steps = [
      { sql: { column: "paid", type: "decimal(12,2) not null", expression: "`paid` * 2" } },
      { cast: { column: "seen", type: "date" } },
      { filter: { where: { country: "FR" } } },
    ];
    for (const full of [[], ["--full"]]) {
      const shown = ofPeople(await preview({ people: steps }, full, schemaOnly));
      expect(codesOf(shown)).toEqual(["precision-lost paid", "precision-lost seen"]);
      expect(warningOf(shown, "precision-lost")).toContain("(at the source)");
    }
  });

  test("a unique key whose values become equal: estimated on the sample, counted with --full", async () => {
    const chain = { people: [{ mask: { column: "nick", keepFirst: 4 } }] };
    const sampled = ofPeople(await preview(chain, ["--table", people], schemaOnly));
    const [key] = sampled.uniqueKeys;
    expect(key).toMatchObject({ key: "by_nick", columns: ["nick"], exact: false });
    expect(key?.keys).toBeLessThan(1000);
    expect(key?.duplicates).toBeGreaterThan(500);
    expect(warningOf(sampled, "uniqueness-at-risk")).toContain("--full counts them");

    const full = ofPeople(await preview(chain, ["--table", people, "--full"], schemaOnly));
    const counted = await onSource(
      migration.source,
      `SELECT COUNT(nick), COUNT(nick) - COUNT(DISTINCT LENGTH(nick)) FROM ${people}`,
    );
    const [keys = 0, duplicates = 0] = (JSON.parse(counted[0] ?? "[]") as string[]).map(Number);
    expect(full.rowsChecked).toBe(rows);
    expect(full.uniqueKeys).toEqual([{ key: "by_nick", columns: ["nick"], keys, duplicates, exact: true }]);
    expect(warningOf(full, "uniqueness-at-risk")).toContain("all rows were compared");
  });

  test("keys are equal when the collation says so", async () => {
    const expression = "CONCAT(IF(`id` % 2 = 0, 'É', 'e'), `id` DIV 2)";
    const full = ofPeople(await preview({ people: [{ sql: { column: "nick", expression } }] }, ["--full"], schemaOnly));
    expect(full.uniqueKeys).toMatchObject([{ keys: rows, duplicates: rows / 2 - 1 }]);
    expect(codesOf(full)).toEqual(["uniqueness-at-risk nick"]);
    // Bytes of the same expression are all different, so a collation that tells them apart has nothing to say.
    const type = "varchar(20) character set utf8mb4 collate utf8mb4_bin";
    const binary = await preview({ people: [{ sql: { column: "nick", type, expression } }] }, ["--full"], schemaOnly);
    expect(ofPeople(binary)).toMatchObject({ uniqueKeys: [{ keys: rows, duplicates: 0 }], warnings: [] });
  });

  test("a step that lets values become equal is told of under a unique key, and only there", async () => {
    const under = ofPeople(
      await preview({ people: [{ pseudonym: { column: "nick", kind: "name", salt: "s" } }] }, [], schemaOnly),
    );
    expect(warningOf(under, "uniqueness-at-risk")).toContain("Pseudonyms of kind name are few");
    const beside = await preview(
      { people: [{ pseudonym: { column: "phone", kind: "name", salt: "s" } }] },
      [],
      schemaOnly,
    );
    expect(ofPeople(beside).warnings).toEqual([]);
  });

  test("a primary key and a sharding column that are changed", async () => {
    const shown = ofPeople(await preview({ people: [{ offset: { column: "id", by: 100 } }], where: "id < 50" }));
    expect(codesOf(shown)).toEqual(expect.arrayContaining(["key-changed id", "sharding-column-changed id"]));
    expect(warningOf(shown, "sharding-column-changed")).toContain(`tables.rules.${people}.transforms[0].offset`);
  });

  test("a foreign key whose ends are treated differently", async () => {
    const hashed = (column: string, by = "s"): Steps => [{ hash: { column, salt: by } }];
    const alike = await preview({ people: hashed("email"), orders: hashed("buyer") }, [], schemaOnly);
    expect(alike.tables.flatMap(codesOf)).toEqual([]);
    const salts = await preview({ people: hashed("email"), orders: hashed("buyer", "t") }, [], schemaOnly);
    expect(salts.tables.flatMap(codesOf)).toEqual(["foreign-key-differs buyer"]);
    const one = await preview({ people: hashed("email") }, ["--table", people], schemaOnly);
    expect(warningOf(ofPeople(one), "foreign-key-differs")).toContain("orders_buyer");
  });

  test("steps that make other bytes another time: by their own word, by a random number, by counting, by a function of the source", async () => {
    const module = (plan: string, more = ""): string => `
      import { defineTransform, z } from "vtpipe";
      const born = Math.random();
      let calls = 0;
      export default defineTransform({
        name: "odd", purpose: "", parameters: z.unknown(), ${more}
        plan(_, input) {
          const { slot } = input.column("phone");
          return { columns: input.columns, writes: [slot], rows: (row) => { ${plan} return true; } };
        },
      });`;
    const cases = {
      random: module("row.set(slot, Buffer.from(String(Math.random()).slice(0, 18)));"),
      born: module("row.set(slot, Buffer.from(String(born).slice(0, 18)));"),
      counting: module("row.set(slot, Buffer.from(String(calls++)));"),
      saying: module("", 'varies: "It says so.",'),
    };
    for (const [name, text] of Object.entries(cases)) {
      await writeFile(join(migration.folder, `${name}.ts`), text);
      const shown = ofPeople(
        await preview({ people: [{ use: { module: `./${name}.ts` } }] }, ["--table", people], schemaOnly),
      );
      expect([name, ...codesOf(shown)]).toEqual([name, `not-deterministic ${name === "saying" ? "" : "phone"}`]);
    }
    await migration.source.query("CREATE FUNCTION vary() RETURNS VARCHAR(20) NO SQL RETURN LEFT(RAND(), 18)");
    const computed = { people: [{ sql: { column: "phone", expression: "vary()" } }] };
    expect(codesOf(ofPeople(await preview(computed, [], schemaOnly)))).toEqual(["not-deterministic phone"]);
  });

  test("rows the chain fails on are shown, and the others as well", async () => {
    const steps = [{ cast: { column: "nick", type: "int" }, when: { country: "DE" } }];
    const refused = await preview({ people: steps }, [], schemaOnly);
    expect(refused.error?.code).toBe("config");
    const failing = `
      import { defineTransform, z } from "vtpipe";
      export default defineTransform({
        name: "failing", purpose: "", parameters: z.unknown(),
        plan(_, input) {
          const { slot } = input.column("country");
          return { columns: input.columns, writes: [slot], rows(row) { if (String(row.get(slot)) === "DE") throw new Error("no Germans"); return true; } };
        },
      });`;
    await writeFile(join(migration.folder, "failing.ts"), failing);
    for (const full of [false, true]) {
      const args = ["--table", people, ...(full ? ["--full"] : [])];
      const shown = ofPeople(await preview({ people: [{ use: { module: "./failing.ts" } }] }, args, schemaOnly));
      expect(codesOf(shown)).toEqual(["row-fails "]);
      expect(shown.rows.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(["failed", "kept"]));
      if (full) expect(warningOf(shown, "row-fails")).toContain(`${rows / 4} of ${rows} rows`);
      expect(warningOf(shown, "row-fails")).toContain("no Germans");
    }
  });

  test("a module that does not come back is stopped, and named", async () => {
    const blocking = `
      import { defineTransform, z } from "vtpipe";
      export default defineTransform({
        name: "blocking", purpose: "", parameters: z.unknown(),
        plan(_, input) {
          const { slot } = input.column("phone");
          return { columns: input.columns, writes: [slot], rows(row) { for (;;) row.get(slot); } };
        },
      });`;
    await writeFile(join(migration.folder, "blocking.ts"), blocking);
    const chain = { people: [{ use: { module: "./blocking.ts" } }] };
    const stopped = await preview(chain, ["--table", people], { ...schemaOnly, transformTimeoutSeconds: 1 });
    expect([stopped.exitCode, stopped.error?.code]).toEqual([1, "transform"]);
    expect(stopped.error?.message).toMatch(/preview_people.*blocking\.ts.*id = 1/);
  });

  test("--strict makes them a failure that says what to do, after everything was shown", async () => {
    const chain = { people: [{ mask: { column: "nick", keepFirst: 4 } }] };
    const lax = await preview(chain, ["--table", people], schemaOnly);
    expect([lax.exitCode, lax.summary?.ok]).toEqual([0, true]);
    const strict = await preview(chain, ["--table", people, "--strict"], schemaOnly);
    expect([strict.exitCode, strict.error?.code]).toEqual([1, "preflight"]);
    expect(ofPeople(strict).warnings).toHaveLength(1);
    expect(strict.error?.message).toMatch(/^1 warning in preview_people, .*Unique key by_nick/);
    expect(strict.error?.todo).toContain("Correct what the warnings name");
    const plain = await migration.run("transform preview", ["--table", people, "--strict"], { json: false });
    expect([plain.exitCode, plain.stdout.includes("! uniqueness-at-risk nick")]).toEqual([1, true]);
    expect(plain.stderr).toContain("To do:");
  });

  test("--accept lets a named warning pass, and tells of one that is not there", async () => {
    const chain = { people: [{ mask: { column: "nick", keepFirst: 4 } }] };
    const strict = ["--table", people, "--strict"];
    const named = `uniqueness-at-risk:${people}.nick`;
    const passed = await preview(chain, [...strict, "--accept", named, "--accept", "key-changed"], schemaOnly);
    expect(passed.exitCode).toBe(0);
    expect(ofPeople(passed).warnings).toMatchObject([{ code: "uniqueness-at-risk", accepted: true }]);
    const notes = passed.events.flatMap((event) => (event.type === "note" ? [event.text] : []));
    expect(notes).toContain("--accept key-changed: there is no such warning (any more).");
    const other = await preview(chain, [...strict, "--accept", `uniqueness-at-risk:${people}.email`], schemaOnly);
    expect([other.exitCode, other.error?.code]).toEqual([1, "preflight"]);
    const unknown = await preview(chain, [...strict, "--accept", "unique-at-risk"], schemaOnly);
    expect([unknown.exitCode, unknown.error?.message.includes('Did you mean "uniqueness-at-risk"?')]).toEqual([
      2,
      true,
    ]);
  });
});
