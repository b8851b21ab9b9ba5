import { expect, test } from "vitest";
import { onEveryShard } from "../../support/database.ts";
import { newMigration, onShards, onSource } from "../run/migration.ts";

const rows = 900;

test("values the source computes, conditions and a filter, from one config to the target, verified", async () => {
  const values = Array.from({ length: rows }, (_, i) => {
    const id = i + 1;
    const note = id % 11 === 0 ? "NULL" : `'Nöte ${id}'`;
    return `(${id}, '${id % 3 === 0 ? "DE" : "FR"}', ${note}, ${id}.50, JSON_OBJECT('id', ${id}, 'card', '4111'), REPEAT('x', ${id % 200}))`;
  });
  await using migration = await newMigration("transform_run", {
    transform_run: {
      source: [
        "CREATE TABLE transform_run (id BIGINT NOT NULL PRIMARY KEY, country CHAR(2), note VARCHAR(60) CHARACTER SET latin1, paid DECIMAL(8,2), doc JSON, filler TEXT)",
        `INSERT INTO transform_run VALUES ${values.join(", ")}`,
        "ANALYZE TABLE transform_run",
      ],
    },
  });
  // `schema apply` is to make it.
  await onEveryShard(["DROP TABLE transform_run"]);
  const transforms = [
    { sql: { column: "shout", type: "varchar(80)", expression: "CONCAT(UPPER(`note`), '-', `country`, ' é')" } },
    { sql: { column: "paid", expression: "`paid` * 2" } },
    { filter: { where: { id: { gt: 100 } } } },
    { mask: { column: "note", keepFirst: 2 }, when: { country: "DE" } },
    { json: { column: "doc", redact: ["$.card"] } },
    { drop: { columns: ["filler"] } },
  ];
  await migration.configure({ tables: { include: ["transform_run"], rules: { transform_run: { transforms } } } });

  const applied = await migration.run("schema apply");
  expect(applied.exitCode, applied.stderr).toBe(0);
  const plan = await migration.run("plan");
  expect(plan.stdout, plan.stderr).toContain("sql-twin");
  const run = await migration.run("run");
  expect(run.exitCode, run.stderr).toBe(0);
  const verified = await migration.run("verify");
  expect(verified.exitCode, verified.stderr).toBe(0);

  const made = [
    "id, country",
    "IF(country = 'DE', CONCAT(LEFT(note, 2), REPEAT('*', CHAR_LENGTH(note) - 2)), note) AS note",
    "paid * 2 AS paid, CAST(JSON_REPLACE(doc, '$.card', 'redacted') AS CHAR) AS doc",
    "CONCAT(UPPER(note), '-', country, ' é') AS shout",
  ].join(", ");
  const wanted = await onSource(migration.source, `SELECT ${made} FROM transform_run WHERE id > 100`);
  expect(wanted).toHaveLength(rows - 100);
  const found = await onShards("SELECT id, country, note, paid, CAST(doc AS CHAR) AS doc, shout FROM transform_run");
  expect(found).toEqual(wanted);
});

test("an expression that is none is refused before a row is read, by the source's own words", async () => {
  await using migration = await newMigration("transform_run_bad", {
    transform_run_bad: { source: ["CREATE TABLE transform_run_bad (id BIGINT NOT NULL PRIMARY KEY, v INT)"] },
  });
  const transforms = [{ sql: { column: "v", expression: "NO_SUCH_FUNCTION(`v`)" } }];
  await migration.configure({
    tables: { include: ["transform_run_bad"], rules: { transform_run_bad: { transforms } } },
  });
  const plan = await migration.run("plan");
  expect([plan.exitCode, plan.error?.code]).toEqual([2, "config"]);
  expect(plan.error?.message).toContain("The expression of tables.rules.transform_run_bad.transforms[0].sql");
  expect(plan.error?.message).toContain("NO_SUCH_FUNCTION");
});
