import type { Connection, FieldPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connectTarget, onEveryShard, targetTables } from "../../support/database.ts";
import { errorOf, rowsOf } from "./support.ts";

/**
 * What code may build on, whichever gate it talks to: run against a real vtgate where there is one, else against the
 * stand-in. A difference fails here first.
 */
let tables: AsyncDisposable;
let whole: Connection;
let shard: Connection;
const { keyspace, shards } = inject("vtgate");
const [first = "", second = ""] = shards;

beforeAll(async () => {
  tables = await targetTables(
    {
      like_vtgate: {
        create: "CREATE TABLE like_vtgate (id bigint PRIMARY KEY, v int, body longblob)",
        vschema: { column_vindexes: [{ column: "id", name: "like_vtgate_hash" }] },
      },
    },
    { like_vtgate_hash: { type: "hash" } },
  );
  whole = await connectTarget();
  shard = await connectTarget(first);
});
afterAll(async () => {
  await whole?.end();
  await shard?.end();
  // vtgate's schema tracker would go on showing a table that is out of the VSchema but still on the shards.
  await onEveryShard(["DROP TABLE IF EXISTS like_vtgate"]);
  await tables?.[Symbol.asyncDispose]();
});

const shapeOf = (fields: FieldPacket[]): unknown[] =>
  fields.map((field) => [field.name, field.columnType, field.characterSet, field.flags]);

async function shape(connection: Connection, sql: string): Promise<unknown[]> {
  const [, fields] = await connection.query({ sql, rowsAsArray: true });
  return shapeOf(fields);
}

describe("statements about the keyspace", () => {
  const varchars = (...names: string[]): unknown[] => names.map((name) => [name, 253, 33, 1]);
  test.each([
    ["SHOW VITESS_SHARDS", ["Shards"]],
    [
      "SHOW VITESS_TABLETS",
      ["Cell", "Keyspace", "Shard", "TabletType", "State", "Alias", "Hostname", "PrimaryTermStartTime"],
    ],
    [
      "SHOW VITESS_REPLICATION_STATUS",
      [
        ...["Keyspace", "Shard", "TabletType", "Alias", "Hostname"],
        ...["ReplicationSource", "ReplicationHealth", "ReplicationLag", "ThrottlerStatus"],
      ],
    ],
    ["SHOW VSCHEMA TABLES", ["Tables"]],
    ["SHOW VSCHEMA KEYSPACES", ["Keyspace", "Sharded", "Foreign Key", "Comment"]],
    ["SHOW VSCHEMA VINDEXES", ["Keyspace", "Name", "Type", "Params", "Owner"]],
    ["SHOW VSCHEMA VINDEXES ON like_vtgate", ["Columns", "Name", "Type", "Params", "Owner"]],
    ["SHOW VITESS_TARGET", ["Target"]],
    ["SHOW KEYSPACES", ["Database"]],
    ["SHOW DATABASES", ["Database"]],
  ])("%s", async (sql, names) => expect(await shape(whole, sql)).toEqual(varchars(...names)));

  test("rows", async () => {
    expect(await rowsOf(whole, `SHOW VITESS_SHARDS LIKE '${keyspace}/%'`)).toEqual(
      shards.map((name) => [`${keyspace}/${name}`]),
    );
    expect(await rowsOf(whole, `SHOW VSCHEMA VINDEXES ON ${keyspace}.like_vtgate`)).toEqual([
      ["id", "like_vtgate_hash", "hash", "", ""],
    ]);
    expect(await rowsOf(whole, "SHOW TABLES LIKE 'like\\_vtgate'")).toEqual([["like_vtgate"]]);
    expect((await shape(whole, "SHOW TABLES"))[0]).toEqual(expect.arrayContaining([`Tables_in_${keyspace}`]));
    expect(await rowsOf(whole, "SELECT DATABASE()")).toEqual([[keyspace]]);
    expect(await rowsOf(shard, "SELECT DATABASE()")).toEqual([[`${keyspace}:${first}@primary`]]);
  });

  test("a vindex is a table of its own", async () => {
    const sql =
      "SELECT id, keyspace_id, range_start, range_end, hex_keyspace_id, shard FROM like_vtgate_hash WHERE id IN (1, 4)";
    expect((await shape(whole, sql)).map((field) => (field as unknown[]).slice(1))).toEqual(
      Array(6).fill([253, 63, 128]),
    );
    const rows = (await rowsOf(whole, sql)) as Buffer[][];
    expect(rows.map((row) => row.map((cell) => cell.toString("latin1")))).toEqual([
      ["1", "\x16k@\xb4J\xbaK\xd6", "", "\x80", "166b40b44aba4bd6", "-80"],
      ["4", "\xd2\xfd\x88g\xd5\x0d-\xfe", "\x80", "", "d2fd8867d50d2dfe", "80-"],
    ]);
  });
});

describe("routing", () => {
  test("a row is where its vindex says, and counts are of all shards", async () => {
    await whole.query("INSERT INTO like_vtgate (id, v) VALUES (1, 1), (4, 2), (5, 3)");
    expect((await rowsOf(shard, "SELECT id FROM like_vtgate ORDER BY id")).flat().map(Number)).toEqual([1, 5]);
    expect(
      (await rowsOf(whole, "SELECT COUNT(*), SUM(v), MIN(id), MAX(id) FROM like_vtgate")).flat().map(String),
    ).toEqual(["3", "6", "1", "5"]);
    expect((await errorOf(whole.query("SELECT BIT_XOR(v) FROM like_vtgate"))).errno).toBe(1235);
    const [result] = await whole.query("DELETE FROM like_vtgate");
    expect(result).toMatchObject({ affectedRows: 3 });
  });
});

describe("sessions", () => {
  test.each([
    ["USE nope", 1049, "VT05003: unknown database 'nope' in vschema"],
    ["SELECT * FROM nope", 1105, "table nope not found"],
    ["SHOW VSCHEMA VINDEXES ON nope", 1146, `VT05005: table 'nope' does not exist in keyspace '${keyspace}'`],
    ["SET NAMES binary", 1235, "charset/name binary is not supported"],
    ["SET sql_mode = 'ANSI_QUOTES'", 1235, "setting the ANSI_QUOTES sql_mode is unsupported"],
    ["SET version = 'x'", 1238, "VT03010: variable 'version' is a read only variable"],
    ["KILL 1", 1095, "VT07001: kill statement execution not permitted."],
    ["SET workload = 'fast'", 1231, "invalid workload: fast"],
  ])("%s", async (sql, errno, message) => expect(await errorOf(whole.query(sql))).toMatchObject({ errno, message }));

  test("a shard that is not there is only missed by the first statement", async () => {
    const connection = await connectTarget("c0-d0");
    const { errno, message } = await errorOf(connection.query("SELECT 1"));
    expect([errno, message]).toEqual([
      1105,
      expect.stringContaining(`target: ${keyspace}.c0-d0.primary: no healthy tablet available`),
    ]);
    await connection.end();
  });

  test("settings take effect in a targeted session and after moving on", async () => {
    await shard.query("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0");
    await shard.query("SET NAMES utf8mb4, max_execution_time = 0, net_write_timeout = 600");
    for (const name of [second, first]) {
      await shard.query(`USE \`${keyspace}:${name}@primary\``);
      expect(await rowsOf(shard, "SELECT @@sql_mode")).toEqual([["NO_AUTO_VALUE_ON_ZERO"]]);
    }
  });

  test("SHOW WARNINGS tells nothing of the shards", async () => {
    await whole.query("INSERT IGNORE INTO like_vtgate (id, v) VALUES (9, 'x')");
    expect(await rowsOf(whole, "SHOW WARNINGS")).toEqual([]);
    await whole.query("DELETE FROM like_vtgate");
  });
});

describe("limits", () => {
  const rows = (count: number): string =>
    `WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) SELECT /*+ SET_VAR(cte_max_recursion_depth=90000) */ i FROM n`;

  test("10 000 rows, unless the workload is olap", async () => {
    const connection = await connectTarget(first);
    expect(await rowsOf(connection, rows(10_000))).toHaveLength(10_000);
    expect(await errorOf(connection.query(rows(10_001)))).toMatchObject({
      errno: 1317,
      message: expect.stringContaining("Row count exceeded 10000"),
    });
    await connection.query("SET workload = olap");
    expect(await rowsOf(connection, rows(20_000))).toHaveLength(20_000);
    await connection.end();
  });

  test("16 MiB a message, both ways", async () => {
    const connection = await connectTarget(first);
    const sent = await errorOf(
      connection.query("INSERT INTO like_vtgate (id, body) VALUES (1, ?)", [Buffer.alloc(16_777_216, "x")]),
    );
    expect(sent).toMatchObject({
      errno: 1203,
      message: expect.stringMatching(/= trying to send message larger than max \(\d+ vs\. 16777216\)/),
    });
    const got = await errorOf(connection.query("SELECT REPEAT('x', 9000000) FROM (SELECT 1 UNION ALL SELECT 2) two"));
    expect(got).toMatchObject({
      errno: 1153,
      message: expect.stringMatching(/grpc: trying to send message larger than max \(\d+ vs\. 16777216\)/),
    });
    await connection.query("SET workload = olap");
    expect(
      await rowsOf(
        connection,
        "SELECT LENGTH(b) FROM (SELECT REPEAT('x', 9000000) b UNION ALL SELECT REPEAT('y', 9000000)) two",
      ),
    ).toHaveLength(2);
    await connection.end();
  });
});
