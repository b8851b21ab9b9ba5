import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { noLimits, trackAnswer } from "../../../src/sandbox/router/protocol/answer-tracker.ts";
import { advertisedCapabilities, capability } from "../../../src/sandbox/router/protocol/capabilities.ts";
import { frame } from "../../../src/sandbox/router/protocol/packets.ts";
import { logIn } from "../../../src/sandbox/router/protocol/upstream-login.ts";
import { errorOf, type RouterFixture, routerFixture, rowsOf } from "./support.ts";

let fixture: RouterFixture;

beforeAll(async () => {
  fixture = await routerFixture("targeted", {
    sharded: true,
    vindexes: { h: { type: "hash" } },
    tables: { t: { column_vindexes: [{ column: "id", name: "h" }] } },
  });
});
afterEach(() => fixture.cutConnections());
afterAll(async () => fixture[Symbol.asyncDispose]());

/** The answer's bytes as the server sent them, under capabilities of the caller's choosing. */
async function rawAnswer(port: number, account: object, capabilities: number, sql: string): Promise<Buffer> {
  const socket = connect(port, "127.0.0.1");
  const login = { user: "", password: "", database: "", ...account };
  await logIn(socket, login, capabilities);
  const tracker = trackAnswer("query", (capabilities & capability.deprecateEof) !== 0, noLimits);
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject).on("close", () => reject(new Error("closed")));
    socket.on("data", (chunk) => {
      chunks.push(Buffer.from(chunk));
      if (tracker.feed(chunk)) resolve();
    });
    socket.write(frame([Buffer.from(`\x03${sql}`)], 0));
  });
  socket.removeAllListeners();
  socket.destroy();
  return Buffer.concat(chunks);
}

const everyType = `CREATE TABLE types (id int PRIMARY KEY, a bigint unsigned, b decimal(65,30), c float, d double, e bit(64),
  f date, g time(6), h datetime(6), i timestamp(6) NULL, j year, k varchar(50), l varchar(50) CHARACTER SET latin1,
  m varbinary(300), n longblob, o enum('x','y'), p set('u','v'), q json, r geometry SRID 4326, s text)`;

describe("shard-targeted sessions", () => {
  test("answers of every type are the bytes the shard sent, with and without DEPRECATE_EOF", async () => {
    const direct = await fixture.direct(0);
    await direct.query(everyType);
    await direct.query(`INSERT INTO types VALUES (1, 18446744073709551615, -1.000000000000000000000000000001, 5592405.5, 1e308,
      b'1', '2024-02-29', '-838:59:59', '2024-01-01 00:00:00.123456', '2024-01-01 00:00:00.123456', 2024, '😀é', 'é',
      x'${Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString("hex")}', x'00ff', 'y', 'u,v', '{"a": 9007199254740993}',
      ST_GeomFromText('POINT(1 2)', 4326), 'it''s'), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
      NULL, NULL, NULL, NULL, NULL, NULL)`);
    const [shard] = fixture.config.shards;
    if (shard === undefined) throw new Error("no shard");
    for (const capabilities of [advertisedCapabilities, advertisedCapabilities & ~capability.deprecateEof]) {
      for (const sql of [
        "SELECT * FROM types",
        "SELECT * FROM types WHERE id > 5",
        "SHOW CREATE TABLE types",
        "SELEC",
        "DO 1",
      ]) {
        const expected = await rawAnswer(shard.port, shard, capabilities, sql);
        const routed = await rawAnswer(
          fixture.router.port,
          { user: "x", database: "ks:-80@primary" },
          capabilities,
          sql,
        );
        expect(routed.equals(expected), sql).toBe(true);
      }
    }
  });

  test("rows of 5 MB pass both ways, as text and as parameters of prepared statements", async () => {
    const connection = await fixture.connect("ks:80-@primary");
    await connection.query("CREATE TABLE big (id int PRIMARY KEY, body longblob)");
    const body = randomBytes(5_000_000);
    const digest = createHash("sha256").update(body).digest("hex");
    await connection.query("INSERT INTO big VALUES (1, ?)", [body]);
    await connection.execute("INSERT INTO big VALUES (?, ?)", [2, body]);
    expect(await rowsOf(connection, "SELECT id, sha2(body, 256) FROM big")).toEqual([
      [1, digest],
      [2, digest],
    ]);
    const [rows] = await connection.execute("SELECT body FROM big WHERE id = ?", [1]);
    expect((rows as { body: Buffer }[])[0]?.body.equals(body)).toBe(true);
    expect(await rowsOf(await fixture.direct(0), "SHOW TABLES LIKE 'big'")).toEqual([]);
  });

  test("the shard's errors come through untouched, and the session goes on", async () => {
    const [routed, direct] = [await fixture.connect("ks:-80"), await fixture.direct(0)];
    for (const sql of ["SELECT * FROM missing", "SELECT 1 FROM", "SELECT 1/0 FROM (SELECT 1) x WHERE nothing = 1"]) {
      expect(await errorOf(routed.query(sql))).toEqual(await errorOf(direct.query(sql)));
    }
    expect(await errorOf(routed.execute("SELECT ? FROM missing", [1]))).toEqual(
      await errorOf(direct.execute("SELECT ? FROM missing", [1])),
    );
    expect(await rowsOf(routed, "SELECT 7")).toEqual([[7]]);
  });

  test("USE moves the session, by name with colon or slash, by COM_INIT_DB and at connect", async () => {
    for (const shard of [0, 1])
      await (await fixture.direct(shard)).query(`CREATE TABLE here AS SELECT ${shard} AS shard`);
    const connection = await fixture.connect("ks/-80");
    expect(await rowsOf(connection, "SELECT shard FROM here")).toEqual([[0]]);
    await connection.query("USE `ks:80-@primary`");
    expect(await rowsOf(connection, "SELECT shard FROM here")).toEqual([[1]]);
    await connection.query("use `ks/-80@PRIMARY` ;");
    expect(await rowsOf(connection, "SELECT shard FROM ks.here")).toEqual([[0]]);
    expect(await rowsOf(connection, "SELECT DATABASE(), @@version_comment")).toEqual([
      ["ks/-80@PRIMARY", "vtpipe stand-in router, not Vitess"],
    ]);
  });

  test("bad targets are refused by name and the session stays where it was", async () => {
    const connection = await fixture.connect("ks:-80");
    expect(await errorOf(connection.query("USE `ks:-80@replica`"))).toMatchObject({ errno: 1235, sqlState: "42000" });
    expect((await errorOf(connection.query("USE `ks[-80]`"))).message).toContain(
      'key range or keyspace id in target "ks[-80]"',
    );
    expect(await errorOf(connection.query("USE other"))).toMatchObject({
      errno: 1049,
      message: expect.stringContaining("'other'"),
    });
    expect(await errorOf(fixture.connect("other"))).toMatchObject({ errno: 1049 });
    expect(await rowsOf(connection, "SHOW VITESS_TARGET").catch(() => "1064")).toBe("1064");
    await connection.query("USE `ks:-40`");
    expect((await errorOf(connection.query("SELECT 1"))).message).toContain(
      "target: ks.-40.primary: no healthy tablet",
    );
  });

  test("a prepared statement dies when the target changes, and its number never means another shard's statement", async () => {
    const connection = await fixture.connect("ks:-80");
    await (await fixture.direct(0)).query("CREATE TABLE one (a int)");
    const statement = await connection.prepare("INSERT INTO one VALUES (?)");
    await statement.execute([1]);
    await connection.query("USE `ks:80-`");
    const other = await connection.prepare("SELECT 5 AS five");
    expect(await errorOf(statement.execute([2]))).toMatchObject({ errno: 1243 });
    expect((await other.execute([]))[0]).toEqual([{ five: 5 }]);
    await connection.query("USE `ks:-80`");
    expect(await rowsOf(connection, "SELECT count(*) FROM one")).toEqual([[1]]);
  });

  test("settings follow the session from shard to shard; Vitess's own are kept from the shards", async () => {
    const connection = await fixture.connect("ks:-80");
    await connection.query(
      "SET workload = 'olap', sql_mode = 'NO_AUTO_VALUE_ON_ZERO', @@session.foreign_key_checks = 0",
    );
    await connection.query("SET NAMES utf8mb4, time_zone = '+03:00', CHARACTER SET utf8mb4");
    await connection.query("SET SESSION sql_select_limit = 3");
    for (const shard of ["-80", "80-"]) {
      await connection.query(`USE \`ks:${shard}\``);
      expect(
        await rowsOf(connection, "SELECT @@session.sql_mode, @@foreign_key_checks, @@workload, @@time_zone"),
      ).toEqual([["NO_AUTO_VALUE_ON_ZERO", 0, "OLAP", "+03:00"]]);
    }
    await connection.query("SET @old = @@sql_mode, sql_mode = ''");
    await connection.query("SET sql_mode = @old");
    await connection.query("USE `ks:-80`");
    expect(await rowsOf(connection, "SELECT @@session.sql_mode")).toEqual([["NO_AUTO_VALUE_ON_ZERO"]]);
    expect(await errorOf(connection.query("SET sql_mode = 'ANSI_QUOTES'"))).toMatchObject({ errno: 1235 });
    expect(await errorOf(connection.query("SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')"))).toMatchObject({
      errno: 1235,
    });
    expect(await errorOf(connection.query("SET NAMES binary"))).toMatchObject({
      message: "charset/name binary is not supported",
    });
    expect((await errorOf(connection.query("SET GLOBAL max_connections = 5"))).message).toContain(
      "SET GLOBAL is not supported",
    );
    expect(await errorOf(connection.query("SET workload = 'fast'"))).toMatchObject({ errno: 1231 });
  });

  test("a message past 16 MiB is refused by its limit without reaching the shard, and the session goes on", async () => {
    const connection = await fixture.connect("ks:-80");
    await (await fixture.direct(0)).query("CREATE TABLE wide (body longblob)");
    const body = Buffer.alloc(16_777_216, "x");
    const { errno, message } = await errorOf(connection.query("INSERT INTO wide VALUES (?)", [body]));
    expect(errno).toBe(1203);
    expect(message).toMatch(/ResourceExhausted desc = trying to send message larger than max \(\d{8} vs\. 16777216\)/);
    expect(
      await errorOf(connection.query("INSERT INTO wide VALUES (?)", [Buffer.alloc(40_000_000, "x")])),
    ).toMatchObject({ errno: 1203 });
    expect(await rowsOf(connection, "SELECT count(*) FROM wide")).toEqual([[0]]);
    const direct = await fixture.direct(0);
    await direct.query("INSERT INTO wide SELECT repeat('x', 17000000)");
    await direct.query("INSERT INTO wide SELECT repeat('x', 9000000) FROM (SELECT 1 UNION ALL SELECT 2) two");
    expect((await errorOf(connection.query("SELECT body FROM wide"))).message).toMatch(
      /grpc: trying to send message larger than max/,
    );
    expect((await errorOf(connection.query("SELECT body FROM wide WHERE length(body) < 10000000"))).message).toContain(
      "16777216",
    );
    await connection.query("SET workload = olap");
    const [rows] = await connection.query("SELECT body FROM wide WHERE length(body) < 10000000");
    expect(rows).toHaveLength(2);
    expect((await errorOf(connection.query("SELECT body FROM wide WHERE length(body) > 10000000"))).errno).toBe(1153);
    expect(await rowsOf(connection, "SELECT count(*) FROM wide")).toEqual([[3]]);
  });

  test("more than 10 000 rows need workload olap, as vttablet's max result wants", async () => {
    const connection = await fixture.connect("ks:-80");
    const many =
      "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT /*+ SET_VAR(cte_max_recursion_depth=30000) */ i FROM n";
    expect(await errorOf(connection.query(many))).toMatchObject({
      errno: 1317,
      message: expect.stringContaining("Row count exceeded 10000"),
    });
    await connection.query("SET workload = 'olap'");
    expect(await rowsOf(connection, many)).toHaveLength(20_000);
    expect(await errorOf((await fixture.connect("ks:-80")).execute(many))).toMatchObject({ errno: 1317 });
  });

  test("a transaction keeps its target, and status flags tell of it", async () => {
    const connection = await fixture.connect("ks:-80");
    await connection.query("CREATE TABLE moved (a int)");
    await connection.query("BEGIN");
    await connection.query("INSERT INTO moved VALUES (1)");
    expect((await errorOf(connection.query("USE `ks:80-`"))).message).toContain(
      "changing the target inside a transaction",
    );
    await connection.query("ROLLBACK");
    await connection.query("USE `ks:80-`");
    expect(await rowsOf(await fixture.direct(0), "SELECT count(*) FROM moved")).toEqual([[0]]);
  });

  test("a lost shard ends the client's connection with 2013", async () => {
    const connection = await fixture.connect("ks:-80");
    connection.on("error", () => {});
    const [[id]] = (await rowsOf(connection, "SELECT CONNECTION_ID()")) as [[number]];
    const killer = await fixture.direct(0);
    const waiting = errorOf(connection.query("SELECT SLEEP(60)"));
    await killer.query("DO SLEEP(0.2)");
    await killer.query(`KILL ${id}`);
    expect([1317, 2013]).toContain((await waiting).errno);
    await errorOf(connection.query("SELECT 1"));
    expect((await errorOf(connection.query("SELECT 1"))).message).toContain("closed state");
    expect(await rowsOf(await fixture.connect("ks:-80"), "SELECT 1")).toEqual([[1]]);
  });

  test("a client that leaves takes its shard sessions with it, even in the middle of a statement", async () => {
    const direct = await fixture.direct(0);
    for (const busy of [false, true]) {
      const connection = await fixture.connect("ks:-80");
      connection.on("error", () => {});
      const [[id]] = (await rowsOf(connection, "SELECT CONNECTION_ID()")) as [[number]];
      const here = `SELECT COUNT(*) FROM information_schema.processlist WHERE id = ${id}`;
      if (busy) {
        connection.query("SELECT SLEEP(60)").catch(() => {});
        await expect.poll(() => rowsOf(direct, `${here} AND command = 'Query'`)).toEqual([[1]]);
      }
      connection.destroy();
      // mysqld looks after a sleeping statement's client every five seconds.
      await expect.poll(() => rowsOf(direct, here), { timeout: 20_000 }).toEqual([[0]]);
    }
  });
});
