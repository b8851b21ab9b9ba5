import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parseVschema } from "../../../src/sandbox/router/config.ts";
import { errorOf, type RouterFixture, routerFixture, rowsOf } from "./support.ts";

const vschema = {
  sharded: true,
  vindexes: {
    h: { type: "hash" },
    x: { type: "xxhash", params: { b: "2", a: "1" } },
    u: { type: "unicode_loose_xxhash" },
    look: { type: "lookup_unique", owner: "owning" },
  },
  tables: {
    t: { column_vindexes: [{ column: "id", name: "h" }] },
    names: { column_vindexes: [{ columns: ["name"], name: "x" }] },
    loose: { column_vindexes: [{ column: "name", name: "u" }] },
    owning: {
      column_vindexes: [
        { column: "id", name: "h" },
        { column: "other", name: "look" },
      ],
    },
    seq: { column_vindexes: [{ column: "id", name: "h" }], auto_increment: { column: "id", sequence: "s" } },
    both: { type: "reference" },
    ddl: { column_vindexes: [{ column: "id", name: "h" }] },
    tx: { column_vindexes: [{ column: "id", name: "h" }] },
  },
};

let fixture: RouterFixture;

beforeAll(async () => {
  fixture = await routerFixture("untargeted", vschema);
  const connection = await fixture.connect();
  await connection.query(
    "CREATE TABLE ks.t (id bigint PRIMARY KEY, v int, d decimal(20,3), s varchar(20), f double, w datetime)",
  );
  await connection.query("CREATE TABLE names (name varchar(20) PRIMARY KEY, v int)");
  await connection.query("CREATE TABLE `tx` (id bigint PRIMARY KEY, v int)");
  await connection.query("CREATE TABLE `both` (id int PRIMARY KEY)");
  await connection.query(
    "INSERT INTO t (id, v, d, s, f, w) VALUES " +
      "(1, 10, 1.5, 'a', 1.5, '2024-01-01'), (2, 20, 2.25, 'b', 2.5, '2024-01-02'), (3, 30, -3, 'c', 3.5, NULL), (4, 40, 0.001, 'd', 4.5, '2020-01-01')",
  );
});
afterEach(() => fixture.cutConnections());
afterAll(async () => fixture[Symbol.asyncDispose]());

describe("what the router knows itself", () => {
  test("SHOW has vtgate's columns and rows", async () => {
    const connection = await fixture.connect();
    const [rows, fields] = await connection.query({ sql: "SHOW VITESS_SHARDS", rowsAsArray: true });
    expect(rows).toEqual([["ks/-80"], ["ks/80-"]]);
    expect(fields.map((field) => [field.name, field.columnType, field.characterSet, field.flags])).toEqual([
      ["Shards", 253, 33, 1],
    ]);
    expect(await rowsOf(connection, "SHOW VITESS_SHARDS LIKE 'ks/-%'")).toEqual([["ks/-80"]]);
    expect(await rowsOf(connection, "show vitess_shards like 'other/%'")).toEqual([]);
    const [tablets, tabletFields] = await connection.query({ sql: "SHOW VITESS_TABLETS", rowsAsArray: true });
    expect(tabletFields.map((field) => field.name).join()).toBe(
      "Cell,Keyspace,Shard,TabletType,State,Alias,Hostname,PrimaryTermStartTime",
    );
    expect((tablets as string[][]).map((row) => row.slice(0, 5))).toEqual([
      ["stand-in", "ks", "-80", "PRIMARY", "SERVING"],
      ["stand-in", "ks", "80-", "PRIMARY", "SERVING"],
    ]);
    expect(await rowsOf(connection, "SHOW KEYSPACES")).toEqual([["ks"]]);
    expect(await rowsOf(connection, "SHOW DATABASES LIKE 'k%'")).toEqual([["ks"]]);
    expect(await rowsOf(connection, "SHOW VITESS_TARGET")).toEqual([["ks"]]);
    expect(await rowsOf(connection, "SHOW VSCHEMA TABLES")).toEqual(
      Object.keys(vschema.tables)
        .sort()
        .map((name) => [name]),
    );
    expect(await rowsOf(connection, "SHOW VSCHEMA KEYSPACES")).toEqual([["ks", "true", "unmanaged", ""]]);
    expect(await rowsOf(connection, "SHOW VSCHEMA VINDEXES")).toEqual([
      ["ks", "h", "hash", "", ""],
      ["ks", "look", "lookup_unique", "", "owning"],
      ["ks", "u", "unicode_loose_xxhash", "", ""],
      ["ks", "x", "xxhash", "a=1; b=2", ""],
    ]);
    const [vindexes, vindexFields] = await connection.query({
      sql: "SHOW VSCHEMA VINDEXES ON ks.owning",
      rowsAsArray: true,
    });
    expect(vindexFields.map((field) => field.name)).toEqual(["Columns", "Name", "Type", "Params", "Owner"]);
    expect(vindexes).toEqual([
      ["id", "h", "hash", "", ""],
      ["other", "look", "lookup_unique", "", "owning"],
    ]);
    expect(await errorOf(connection.query("SHOW VSCHEMA VINDEXES ON nope"))).toEqual({
      errno: 1146,
      sqlState: "42S02",
      message: "VT05005: table 'nope' does not exist in keyspace 'ks'",
    });
  });

  test("SHOW of a shard's own things is the first shard's, under the keyspace's name", async () => {
    const connection = await fixture.connect();
    const [rows, fields] = await connection.query({ sql: "SHOW FULL TABLES LIKE 't%'", rowsAsArray: true });
    expect(rows).toEqual([
      ["t", "BASE TABLE"],
      ["tx", "BASE TABLE"],
    ]);
    expect(fields[0]?.name).toBe("Tables_in_ks");
    expect(await rowsOf(connection, "SHOW TABLES FROM ks LIKE 'names'")).toEqual([["names"]]);
    for (const sql of ["SHOW COLUMNS FROM t FROM ks", "SHOW COLUMNS FROM ks.t", "DESCRIBE ks.t", "desc t"]) {
      expect((await rowsOf(connection, sql)).map(([name]) => name)).toEqual(["id", "v", "d", "s", "f", "w"]);
    }
    expect((await rowsOf(connection, "SHOW CREATE TABLE ks.t"))[0]?.[1]).toContain("CREATE TABLE `t`");
  });

  test("it says that it is not Vitess", async () => {
    const connection = await fixture.connect();
    expect(await rowsOf(connection, "SELECT @@version_comment LIMIT 1")).toEqual([
      ["vtpipe stand-in router, not Vitess"],
    ]);
    expect(await rowsOf(connection, "select @@version, database(), 1+1 as two")).toEqual([
      ["8.4.0-vtpipe-stand-in", "ks", 2],
    ]);
    expect(await rowsOf(await fixture.connect(""), "SELECT DATABASE()")).toEqual([[null]]);
  });

  test("a vindex function tells ids and shards as vtgate does", async () => {
    const connection = await fixture.connect();
    const [rows, fields] = await connection.query({
      sql: "SELECT id, keyspace_id, range_start, range_end, hex_keyspace_id AS hex, shard FROM h WHERE id = 1",
      rowsAsArray: true,
    });
    expect(fields.map((field) => [field.name, field.columnType, field.characterSet, field.flags])[4]).toEqual([
      "hex",
      253,
      63,
      128,
    ]);
    expect((rows as Buffer[][])[0]?.map((cell) => cell.toString("latin1"))).toEqual([
      "1",
      Buffer.from("166b40b44aba4bd6", "hex").toString("latin1"),
      "",
      "\x80",
      "166b40b44aba4bd6",
      "-80",
    ]);
    const several = await rowsOf(connection, "select id, shard from `h` where id in (1, 4, '5')");
    expect(several.map((row) => row.map(String))).toEqual([
      ["1", "-80"],
      ["4", "80-"],
      ["5", "-80"],
    ]);
    for (const where of ["id > 1", "id = -1"]) {
      expect((await errorOf(connection.query(`SELECT id FROM h WHERE ${where}`))).message).toContain("VT09018");
    }
    expect((await errorOf(connection.query("SELECT id FROM u WHERE id = 'a'"))).message).toContain(
      "unicode_loose_xxhash",
    );
  });
});

describe("INSERT", () => {
  test("every row lands on the shard of its vindex, with its literals unchanged", async () => {
    const connection = await fixture.connect();
    const [result] = await connection.query(
      `INSERT /*vt+ PRIORITY=100 */ IGNORE INTO \`ks\`.\`names\` (\`v\`, NAME) VALUES (1, 'test1'), ((1+1), 'it''s; (x)'), (3, x'7465737432'), (4, "q\\"uo") ;`,
    );
    expect(result).toMatchObject({ affectedRows: 4 });
    const placed = await Promise.all(
      [0, 1].map(async (shard) => rowsOf(await fixture.direct(shard), "SELECT name, v FROM names")),
    );
    for (const [shard, rows] of placed.entries()) {
      for (const [name] of rows) {
        const [[where]] = (await rowsOf(connection, `SELECT shard FROM x WHERE id = ${connection.escape(name)}`)) as [
          [Buffer],
        ];
        expect(where.toString()).toBe(shard === 0 ? "-80" : "80-");
      }
    }
    expect(placed.flat().sort()).toEqual([
      ["it's; (x)", 2],
      ['q"uo', 4],
      ["test1", 1],
      ["test2", 3],
    ]);
  });

  test("a failing shard undoes the others", async () => {
    const connection = await fixture.connect();
    await connection.query("INSERT INTO tx (id, v) VALUES (104, 1)");
    const { errno } = await errorOf(
      connection.query("INSERT INTO tx (id, v) VALUES (101, 1), (102, 1), (103, 1), (104, 1), (105, 1)"),
    );
    expect(errno).toBe(1062);
    expect(await rowsOf(connection, "SELECT id FROM tx WHERE id > 100")).toEqual([[104]]);
    expect(
      await connection.query("INSERT INTO tx (id, v) VALUES (104, 7) ON DUPLICATE KEY UPDATE v = VALUES(v)"),
    ).toBeTruthy();
    expect(await rowsOf(connection, "SELECT v FROM tx WHERE id = 104")).toEqual([[7]]);
  });

  test.each([
    ["INSERT INTO t (v) VALUES (1)", "primary vindex column 'id'"],
    ["INSERT INTO t VALUES (1)", "INSERT without a column list"],
    ["INSERT INTO t SET id = 1", "INSERT … SET"],
    ["INSERT INTO t (id) SELECT 1", "INSERT … SELECT"],
    ["INSERT INTO t (id) VALUES (1 + 1)", "an expression or inexact literal for the sharding column"],
    ["INSERT INTO t (id) VALUES (1.5)", "inexact literal"],
    ["INSERT INTO t (id) VALUES (DEFAULT)", "an expression"],
    ["INSERT INTO t (id) VALUES (NULL)", "could not map [NULL] to a keyspace id"],
    ["INSERT INTO t (id, v) VALUES (1)", "column count does not match"],
    ["INSERT INTO t (id, v) VALUES (1, (SELECT 1))", "a subquery in VALUES"],
    ["INSERT INTO t (id, v) VALUES (1, @a)", "a variable in VALUES"],
    ["INSERT INTO t (id, v) VALUES (1, 2) ON DUPLICATE KEY UPDATE id = 3", 'changing the sharding column "id"'],
    ["INSERT INTO owning (id) VALUES (1)", 'owns the lookup vindex "look"'],
    ["INSERT INTO seq (id) VALUES (NULL)", "NULL in an auto_increment column"],
    ["INSERT INTO both (id) VALUES (1)", "reference table"],
    ["INSERT INTO loose (name) VALUES ('a')", "unicode_loose_xxhash"],
    ["INSERT INTO nope (id) VALUES (1)", "table nope not found"],
    ["INSERT INTO other.t (id) VALUES (1)", 'keyspace "other"'],
    ["REPLACE INTO t (id) VALUES (1)", "REPLACE"],
    ["INSERT INTO t (id) VALUES (1", "does not end"],
    ["INSERT INTO t (id) VALUES (1); DELETE FROM t", "after VALUES"],
  ])("%s is refused", async (sql, message) => {
    const connection = await fixture.connect();
    expect((await errorOf(connection.query(sql))).message).toContain(message);
  });
});

describe("reads and changes", () => {
  test("aggregates are merged exactly", async () => {
    const connection = await fixture.connect();
    expect(
      await rowsOf(
        connection,
        "SELECT COUNT(*), count(w) AS c, SUM(d), COALESCE(SUM(v), 0) total, MIN(id), MAX(d), MAX(w), min(v) FROM ks.t WHERE id <= 4",
      ),
    ).toEqual([[4, 3, "0.751", "100", 1, "2.250", "2024-01-02 00:00:00", 10]]);
    expect(await rowsOf(connection, "SELECT COUNT(*), SUM(v), MAX(id) FROM t WHERE id < 0")).toEqual([[0, null, null]]);
  });

  test("rows are concatenated, cut by LIMIT, and routed by the sharding column", async () => {
    const connection = await fixture.connect();
    const sorted = async (sql: string): Promise<unknown[]> => (await rowsOf(connection, sql)).map(([id]) => id).sort();
    expect(await sorted("SELECT id FROM t")).toEqual([1, 2, 3, 4]);
    expect(await rowsOf(connection, "SELECT /*+ SET_VAR(sort_buffer_size=100000) */ id FROM t LIMIT 3")).toHaveLength(
      3,
    );
    expect(await sorted("SELECT a.id FROM ks.t AS a WHERE a.id IN (1, 4)")).toEqual([1, 4]);
    expect(
      await rowsOf(connection, "SELECT id, count(*) FROM t WHERE id = 4 GROUP BY id ORDER BY id DESC LIMIT 1"),
    ).toEqual([[4, 1]]);
    expect(await sorted("SELECT id FROM t WHERE id = 1 OR id = 4")).toEqual([1, 4]);
    expect(await rowsOf(connection, "SELECT id FROM t WHERE v = 10 AND id = '1'")).toEqual([[1]]);
  });

  test("UPDATE and DELETE reach the rows on every shard", async () => {
    const connection = await fixture.connect();
    await connection.query("INSERT INTO tx (id, v) VALUES (11, 1), (12, 1), (13, 1), (14, 1)");
    expect((await connection.query("UPDATE ks.tx SET v = 2 WHERE id BETWEEN 11 AND 14"))[0]).toMatchObject({
      affectedRows: 4,
    });
    expect((await connection.query("DELETE FROM tx WHERE id IN (11, 12) AND v = 2"))[0]).toMatchObject({
      affectedRows: 2,
    });
    expect((await rowsOf(connection, "SELECT id FROM tx WHERE id BETWEEN 11 AND 14")).flat().sort()).toEqual([13, 14]);
    expect((await errorOf(connection.query("UPDATE tx SET id = 5"))).message).toContain(
      'changing the sharding column "id"',
    );
  });

  test.each([
    ["SELECT id FROM t ORDER BY id", "ORDER BY over shards"],
    ["SELECT v FROM t GROUP BY v", "GROUP BY over shards"],
    ["SELECT DISTINCT v FROM t", "DISTINCT over shards"],
    ["SELECT BIT_XOR(CRC32(v)) FROM t", "aggregation function BIT_XOR"],
    ["SELECT AVG(v) FROM t", "aggregation function AVG"],
    ["SELECT COUNT(DISTINCT v) FROM t", "aggregation function COUNT"],
    ["SELECT COUNT(*) + 1 FROM t", "aggregation function COUNT"],
    ["SELECT COUNT(*), v FROM t", '"v" beside an aggregate'],
    ["SELECT SUM(f) FROM t", 'adding up "SUM(f)"'],
    ["SELECT MIN(s) FROM t", 'MIN or MAX of "MIN(s)"'],
    ["SELECT id FROM t LIMIT 1, 2", "LIMIT with an offset"],
    ["SELECT t.id FROM t JOIN names", "JOIN"],
    ["SELECT t.id FROM t, names", "a join"],
    ["SELECT id FROM t WHERE v = (SELECT 1)", "a subquery"],
    ["SELECT id FROM t UNION SELECT 1", "UNION in an untargeted session"],
    ["SELECT id FROM t WHERE v = @x", "a user variable"],
    ["SELECT id FROM t FOR UPDATE", "a locking read"],
    ["SELECT id, ROW_NUMBER() OVER (ORDER BY id) FROM t", "a window function"],
    ["SELECT * FROM information_schema.tables", 'a table of "information_schema"'],
    ["WITH x AS (SELECT 1) SELECT * FROM x", "WITH X AS"],
    ["SELECT 1; SELECT 2", "Expected a single statement"],
    ["SELECT id FROM t /*!80000 ORDER BY id */", "an executable comment"],
    ["DELETE FROM t LIMIT 1", "DELETE with LIMIT"],
    ["CREATE VIEW v AS SELECT 1", "CREATE VIEW"],
    ["CREATE TABLE z AS SELECT 1", "CREATE TABLE … SELECT"],
    ["LOCK TABLES t READ", "LOCK TABLES T"],
    ["CALL p()", "CALL P"],
    ["LOAD DATA INFILE 'x' INTO TABLE t", "LOAD is not supported on sharded keyspace"],
    ["SHOW PROCESSLIST", "SHOW PROCESSLIST"],
    ["SET autocommit = 0", "autocommit = 0"],
    ["SET max_connections = 1", 'setting the variable "max_connections"'],
    ["KILL 1", "VT07001"],
  ])("%s is refused by name", async (sql, message) => {
    const connection = await fixture.connect("ks", { multipleStatements: true });
    expect((await errorOf(connection.query(sql))).message).toContain(message);
  });

  test("a refusal names the router and a way out", async () => {
    const connection = await fixture.connect();
    expect(await errorOf(connection.query("SELECT id FROM t ORDER BY id"))).toEqual({
      errno: 1235,
      sqlState: "42000",
      message:
        "vtpipe stand-in router: ORDER BY over shards is not supported; use a shard-targeted session or real Vitess",
    });
    expect((await errorOf(connection.prepare("SELECT 1"))).message).toContain(
      "a prepared statement in an untargeted session",
    );
  });
});

describe("transactions and schema changes", () => {
  test("one shard may be written, a second is refused", async () => {
    const connection = await fixture.connect();
    await connection.query("BEGIN");
    await connection.query("INSERT INTO tx (id, v) VALUES (1, 1)");
    expect(await rowsOf(connection, "SELECT COUNT(*) FROM tx WHERE id < 10")).toEqual([[1]]);
    expect((await errorOf(connection.query("INSERT INTO tx (id, v) VALUES (4, 1)"))).message).toContain(
      "more than one shard (-80 and 80-)",
    );
    expect((await errorOf(connection.query("DELETE FROM tx"))).message).toContain(
      "more than one shard inside a transaction",
    );
    await connection.query("ROLLBACK");
    expect(await rowsOf(connection, "SELECT COUNT(*) FROM tx WHERE id < 10")).toEqual([[0]]);
    await connection.query("START TRANSACTION");
    await connection.query("INSERT INTO tx (id, v) VALUES (1, 1)");
    await connection.query("COMMIT");
    expect(await rowsOf(connection, "SELECT COUNT(*) FROM tx WHERE id < 10")).toEqual([[1]]);
  });

  test("schema changes are made on every shard", async () => {
    const connection = await fixture.connect();
    for (const sql of [
      "CREATE TABLE IF NOT EXISTS ks.ddl (id int PRIMARY KEY, v int) /*!50100 PARTITION BY HASH (id) PARTITIONS 2 */",
      "CREATE INDEX v ON ks.ddl (v)",
      "ALTER TABLE ks.ddl ADD COLUMN z int",
      "TRUNCATE TABLE ddl",
    ])
      await connection.query(sql);
    for (const shard of [0, 1]) {
      const direct = await fixture.direct(shard);
      expect((await rowsOf(direct, "SHOW CREATE TABLE ddl"))[0]?.[1]).toMatch(/`z` int.*KEY `v`[\s\S]*PARTITIONS 2/s);
    }
    await (await fixture.direct(1)).query("DROP TABLE ddl");
    const { errno, message } = await errorOf(connection.query("DROP TABLE ddl"));
    expect(errno).toBe(1051);
    expect(message).toContain("(on shard 80-; done on -80)");
  });
});

describe("the door", () => {
  test("a user and password are asked for where they are set, whichever method the client prefers", async () => {
    await using guarded = await routerFixture("guarded", vschema, { user: "loader", password: "sécret" });
    expect(await errorOf(guarded.connect())).toMatchObject({ errno: 1045, sqlState: "28000" });
    expect(await errorOf(guarded.connect("ks", { user: "loader", password: "secret" }))).toMatchObject({ errno: 1045 });
    expect(await errorOf(guarded.connect("ks", { user: "other", password: "sécret" }))).toMatchObject({ errno: 1045 });
    const connection = await guarded.connect("ks", { user: "loader", password: "sécret" });
    expect(await rowsOf(connection, "SELECT 1")).toEqual([[1]]);
  });

  test("a reload changes the VSchema for sessions that are open", async () => {
    await using small = await routerFixture("reload", { sharded: true });
    const connection = await small.connect();
    expect(await rowsOf(connection, "SHOW VSCHEMA TABLES")).toEqual([]);
    small.router.reload({ ...small.config, vschema });
    expect(await rowsOf(connection, "SHOW VSCHEMA TABLES")).toHaveLength(8);
    expect(() => small.router.reload({ ...small.config, shards: small.config.shards.slice(1) })).toThrow(
      /do not cover/,
    );
    expect(parseVschema(vschema).tables.size).toBe(8);
  });

  test("closing ends every session", async () => {
    const closing = await routerFixture("closing", vschema);
    const connection = await closing.connect("ks:-80");
    connection.on("error", () => {});
    const waiting = errorOf(connection.query("SELECT SLEEP(30)"));
    await closing.router.close();
    expect((await waiting).message).toMatch(/closed|lost|reset/i);
    await closing[Symbol.asyncDispose]();
  });
});
