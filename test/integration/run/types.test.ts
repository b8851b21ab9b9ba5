import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile } from "../../support/compile.ts";
import { type Migration, newMigration } from "./migration.ts";

let migration: Migration;

beforeAll(async () => {
  migration = await newMigration("run_types", {});
  const statements = [
    `CREATE TABLE people (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL, state ENUM('a','*/','it''s') NOT NULL,
       credit DECIMAL(9,2), photo BLOB, doc JSON, seen TIMESTAMP(3) NULL, size INT AS (CHAR_LENGTH(name)) VIRTUAL)`,
    `CREATE TABLE \`odd "names" \`\` 'of' */ \${all}\` (\`constructor\` INT NOT NULL PRIMARY KEY, \`a"b\\\\c\` TEXT, \`__proto__\` BIT(3), \`für alle\` YEAR)`,
    "CREATE TABLE keyed (a INT, twice INT AS (a * 2) STORED NOT NULL PRIMARY KEY)",
    "CREATE TABLE left_out (id INT PRIMARY KEY)",
    "CREATE VIEW a_view AS SELECT 1 AS one",
  ];
  for (const sql of statements) await migration.source.query(sql);
  const transforms = [{ use: { module: "./greeting.ts" } }];
  await migration.configure({ tables: { exclude: ["left_out"], rules: { people: { transforms } } } });
});

afterAll(() => migration?.[Symbol.asyncDispose]());

const module = (name: string, body: string): string => `
  import { defineRowTransform, type TransformDefinition } from "vtpipe";
  import type { Column, Source, Table } from "./source.d.ts";
  export const tables: Record<Table, null> = { "run_types.people": null, "run_types.keyed": null,
    ${JSON.stringify(`run_types.odd "names" \` 'of' */ \${all}`)}: null };
  export const key: Column<"run_types.keyed"> = "twice";
  const made: TransformDefinition<{}> = defineRowTransform<Source["run_types.people"]>()({
    name: "greeting", purpose: "A greeting.", reads: ["${name}"], writes: ["state", "credit"], adds: { greeting: "varchar(60)" },
    row(row) {
      ${body}
      return true;
    },
  });
  export default made;`;

test("a user's module is compiled against the file that the command wrote, the package's own types and no others", async () => {
  // The module the config names is not there yet: its author is waiting for the types.
  const output = join(migration.folder, "source.d.ts");
  const written = await migration.run("types", ["--output", "source.d.ts"]);
  expect([written.error, written.exitCode, written.stderr]).toEqual([null, 0, ""]);
  const types = await readFile(output, "utf8");
  expect(types.split("\n")[0]).toContain(`vtpipe types -c ${migration.configFile} --output source.d.ts`);
  expect(types).not.toMatch(/left_out|a_view|"size"/);

  const right = module("name", "row.greeting = row.name.trim(); if (row.state === 'a') row.state = \"it's\";");
  const files = {
    "right.ts": right,
    "column.ts": module("nmae", ""),
    "cell.ts": module("name", "row.credit = 5;"),
    "member.ts": module("name", "row.state = 'b';"),
    "other.ts": module("id", "row.greeting = row.name;"),
  };
  // In a folder that is not the config's, so that the compiler finds nothing but what a user's project has.
  const folder = join(migration.folder, "project");
  await mkdir(folder);
  const errors = await compile(folder, { ...files, "source.d.ts": types }, "package");
  expect(errors.map((line) => line.split("(")[0])).toEqual(["cell.ts", "column.ts", "member.ts", "other.ts"]);

  // The package's entries do what their types say.
  const script = `import { defineRowTransform } from "vtpipe";
    import { runTransforms } from "vtpipe/testing";
    const transform = defineRowTransform()({ name: "x", purpose: "X.", writes: ["a"], row(row) { row.a += "!"; return true; } });
    const { rows } = await runTransforms({ columns: { a: "text" }, transforms: [{ use: { transform } }], rows: [["hi"]] });
    process.stdout.write(rows[0].a);`;
  const asModule = ["--input-type=module", "--eval", script];
  expect(execFileSync(process.execPath, asModule, { cwd: folder, encoding: "utf8" })).toBe("hi!");

  // And what was compiled is what a run takes.
  await writeFile(join(migration.folder, "greeting.ts"), right);
  const printed = await migration.run("schema print", ["--include", "people"]);
  expect(printed.error).toBeNull();
  expect(printed.stdout).toContain("`greeting` varchar(60)");
});

test("the same command writes the same file, prints it without --output, and takes nobody else's away", async () => {
  const printed = await migration.run("types", [], { json: false });
  expect([printed.exitCode, printed.stderr]).toEqual([0, ""]);
  expect((await migration.run("types", [], { json: false })).stdout).toBe(printed.stdout);
  await writeFile(join(migration.folder, "again.d.ts"), "");
  for (const time of ["first", "second"]) {
    const written = await migration.run("types", ["--output", "again.d.ts"], { json: false });
    expect([time, written.exitCode, written.stdout]).toEqual([time, 0, "again.d.ts: types of 3 tables.\n"]);
  }
  const text = await readFile(join(migration.folder, "again.d.ts"), "utf8");
  expect(text.replace(" --output again.d.ts", "")).toBe(printed.stdout);

  const mine = join(migration.folder, "mine.ts");
  await writeFile(mine, "export {};");
  const refused = await migration.run("types", ["--output", mine]);
  expect([refused.exitCode, refused.error?.code]).toEqual([1, "files"]);
  expect(refused.error?.message).toContain(mine);
  expect(await readFile(mine, "utf8")).toBe("export {};");
  const nowhere = await migration.run("types", ["--output", "no/where.d.ts"]);
  expect([nowhere.exitCode, nowhere.error?.code]).toEqual([1, "files"]);
});
