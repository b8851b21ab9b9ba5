import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { expectSameRows } from "../../support/same-rows.ts";
import { changeShard, type Migration, newMigration } from "../run/migration.ts";

const database = "fl_tables";
let migration: Migration;

/** Rows that only all their bytes tell apart, some of them twice. */
const keyless =
  "id BIGINT NOT NULL, f FLOAT, d DOUBLE, j JSON, v VARCHAR(40) COLLATE utf8mb4_0900_ai_ci, l VARCHAR(20) CHARACTER SET latin1, b VARBINARY(20), ts TIMESTAMP(3) NULL, dt DATETIME(2), e ENUM('x','y'), bits BIT(5), KEY (id)";
const keylessRow = (n: string): string =>
  `${n}, ${n} / 3, -1e-300 / ${n}, JSON_OBJECT('n', ${n}), ELT(1 + ${n} % 3, 'a', 'A', 'á '), ELT(1 + ${n} % 2, 'ü', 'U'), IF(${n} % 5 = 0, NULL, CHAR(${n} % 256, 0, 39)), IF(${n} % 4 = 0, '0000-00-00 00:00:00', '2020-02-02 02:02:02.5'), IF(${n} % 6 = 0, '2020-00-00', '2020-02-02'), ELT(1 + ${n} % 2, 'x', 'y'), ${n} % 32`;
const numbers = "WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s WHERE n < 120)";

beforeAll(async () => {
  migration = await newMigration(database, {
    fl_keyless: {
      source: [
        "SET SESSION sql_mode = '', time_zone = '+00:00'",
        `CREATE TABLE fl_keyless (${keyless})`,
        `INSERT INTO fl_keyless ${numbers} SELECT ${keylessRow("n")} FROM s`,
        `INSERT INTO fl_keyless ${numbers} SELECT ${keylessRow("n")} FROM s WHERE n % 2 = 0`,
      ],
      target: `CREATE TABLE fl_keyless (${keyless})`,
    },
    fl_country: {
      source: [
        "CREATE TABLE fl_country (code CHAR(2) NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL)",
        "INSERT INTO fl_country VALUES ('AT', 'Austria'), ('JP', '日本'), ('NO', 'Norge')",
      ],
      vschema: { type: "reference" },
    },
    fl_unique: {
      source: [
        "CREATE TABLE fl_unique (id BIGINT NOT NULL, u VARCHAR(20) NOT NULL, UNIQUE KEY (id), UNIQUE KEY (u))",
        "INSERT INTO fl_unique VALUES (1, 'one'), (2, 'two'), (3, 'three')",
      ],
    },
  });
}, 600_000);
afterAll(async () => {
  await migration?.run("follow", ["--finish"]);
  await migration?.[Symbol.asyncDispose]();
});

async function expectSame(): Promise<void> {
  for (const table of ["fl_keyless", "fl_country", "fl_unique"]) {
    await expectSameRows({
      source: { server: inject("source"), database, table },
      target: { servers: inject("shardServers"), table },
      everywhere: table === "fl_country",
    });
  }
}

test("rows without a key in multiples, copies on every shard, and unique values that change rows", async () => {
  const { query } = migration.source;
  expect((await migration.run("run", ["--no-verify"])).error).toBeNull();
  await query("DELETE FROM fl_keyless WHERE id % 4 = 0 LIMIT 20");
  await query(`INSERT INTO fl_keyless ${numbers} SELECT ${keylessRow("n")} FROM s WHERE n % 7 = 0`);
  await query("UPDATE fl_keyless SET v = UPPER(v), f = f * 3 WHERE id % 5 = 0");
  await query("UPDATE fl_keyless SET id = id + 1 WHERE id % 9 = 0");
  await query("UPDATE fl_country SET name = 'Nippon' WHERE code = 'JP'");
  await query("DELETE FROM fl_country WHERE code = 'NO'");
  await query("INSERT INTO fl_country VALUES ('IS', 'Ísland')");
  // One statement in which a value goes from row to row, and two in which rows change places.
  await query("UPDATE fl_unique SET u = ELT(id, 'zero', 'one', 'two') ORDER BY id");
  await query("BEGIN");
  await query("DELETE FROM fl_unique WHERE id = 1");
  await query("UPDATE fl_unique SET id = 1 WHERE id = 3");
  await query("INSERT INTO fl_unique VALUES (3, 'zero')");
  await query("COMMIT");
  const ended = await migration.run("follow", ["--until-caught-up"]);
  expect(ended.error).toBeNull();
  await expectSame();
}, 600_000);

test("a row without a key that is not there ends it by name", async () => {
  const { query } = migration.source;
  await query("INSERT INTO fl_keyless (id, v) VALUES (5000, 'gone')");
  expect((await migration.run("follow", ["--until-caught-up"])).error).toBeNull();

  for (const shard of [0, 1]) await changeShard(shard, "DELETE FROM fl_keyless WHERE id = 5000");
  await query("DELETE FROM fl_keyless WHERE id = 5000");
  const { error, exitCode } = await migration.run("follow", ["--until-caught-up"]);
  expect(error).toMatchObject({ code: "differ", message: expect.stringContaining("fl_keyless") });
  expect(exitCode).toBe(3);
}, 600_000);
