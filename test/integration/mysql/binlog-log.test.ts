import { expect, test } from "vitest";
import type { VtpipeError } from "../../../src/contracts/errors.ts";
import { type LogItem, readLog } from "../../../src/mysql/binlog/read-log.ts";
import { parsePosition } from "../../../src/mysql/gtid-set.ts";
import { readList } from "../../../src/mysql/read-expression.ts";
import type { ServerAddress } from "../../../src/mysql/server-url.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { startOwnServer } from "../source/own-server.ts";
import { executed, imagesOf, logFrom, tableOf } from "./binlog-items.ts";
import { hexRows, inOwnDatabase } from "./own-database.ts";

/** Tells the log of statements that are run after table t was made. */
async function logOf(
  name: string,
  create: string,
  statements: readonly string[],
  more: (session: Session) => Promise<void> = async () => {},
): Promise<LogItem[]> {
  let items: LogItem[] = [];
  await inOwnDatabase(name, async (session, address) => {
    await session.run(create);
    const table = await tableOf(session, name, "t");
    const from = await executed(session);
    for (const statement of statements) await session.run(statement);
    await more(session);
    items = await logFrom(from, address, session, [table]);
  });
  return items;
}

const told = (items: readonly LogItem[]): string[] =>
  items.flatMap((item) => {
    if (item.type === "rows") return [`${item.changes.kind} ${item.changes.rows}`];
    return item.type === "schema" ? [`schema ${item.tables}: ${item.statement}`] : [item.type];
  });

const refusal = (work: Promise<unknown>): Promise<VtpipeError> =>
  work.then(
    () => Promise.reject(new Error("it was taken")),
    (error: unknown) => error as VtpipeError,
  );

const byId = "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(100))";

test("transactions are told one after the other, rows in order, with the time they were committed", async () => {
  const items = await logOf("vt_log_order", byId, [
    "INSERT INTO t VALUES (1, 'a'), (2, 'b')",
    "BEGIN",
    "UPDATE t SET v = CONCAT(v, v)",
    "SAVEPOINT s",
    "INSERT INTO t VALUES (9, 'gone')",
    "ROLLBACK TO s",
    "DELETE FROM t WHERE id = 1",
    "COMMIT",
    "BEGIN",
    "DELETE FROM t",
    "ROLLBACK",
    "UPDATE t SET id = 7",
  ]);
  const own = items.filter(
    (item) => item.type !== "commit" || items.some((o) => o !== item && "gtid" in o && o.gtid === item.gtid),
  );
  expect(told(own)).toEqual(["insert 2", "commit", "update 2", "delete 1", "commit", "update 1", "commit"]);
  const commits = items.flatMap((item) => (item.type === "commit" ? [item.committedAt] : []));
  for (const at of commits) expect(Math.abs(Date.now() - at)).toBeLessThan(600_000);
});

test("statements that alter a followed table are told with its name, others only as commits", async () => {
  const items = await logOf("vt_log_ddl", byId, [
    "CREATE TABLE other (id INT PRIMARY KEY, t INT)",
    "ALTER TABLE other ADD COLUMN u INT, ADD KEY t (t)",
    "CREATE VIEW v AS SELECT * FROM t",
    "ANALYZE TABLE t",
    "CREATE TABLE filled (id INT PRIMARY KEY) SELECT 1 AS id",
    "/* a comment */ ALTER TABLE vt_log_ddl.t ADD COLUMN w INT",
    "CREATE INDEX i ON t (v)",
    "DROP INDEX i ON `t`",
    "TRUNCATE t",
    "RENAME TABLE t TO t2, other TO t",
    "ALTER TABLE t2 RENAME TO t3",
    "DROP TABLE IF EXISTS nowhere, t3",
    "DROP VIEW v",
  ]);
  const altered = items.flatMap((item) => (item.type === "schema" ? [item.statement] : []));
  expect(items.every((item) => item.type !== "schema" || item.tables.join() === "t")).toBe(true);
  expect(altered).toEqual([
    "/* a comment */ ALTER TABLE vt_log_ddl.t ADD COLUMN w INT",
    "CREATE INDEX i ON t (v)",
    "DROP INDEX i ON `t`",
    "TRUNCATE t",
    "RENAME TABLE t TO t2, other TO t",
  ]);
  expect(told(items).filter((text) => /^(insert|update|delete)/.test(text))).toEqual([]);
});

test("compressed transactions are told like others, also large ones", async () => {
  const name = "vt_log_compressed";
  await inOwnDatabase(name, async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, v LONGTEXT)");
    const table = await tableOf(session, name, "t");
    const from = await executed(session);
    await session.run("SET SESSION binlog_transaction_compression = ON");
    await session.run(
      "INSERT INTO t WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 900) SELECT n, REPEAT(n, 9000) FROM r",
    );
    await session.run("UPDATE t SET v = REPEAT('y', 3000000) WHERE id < 3");
    await using reader = await openSession(address, { purpose: "source" });
    const rows = await hexRows(reader, `SELECT ${readList(table.columns)} FROM t ORDER BY id`);
    const items = await logFrom(from, address, session, [table]);
    expect(imagesOf(items, "insert").after.slice(2)).toEqual(rows.slice(2));
    expect(imagesOf(items, "update").after).toEqual(rows.slice(0, 2));
  });
});

test("a row larger than a packet comes whole", async () => {
  const name = "vt_log_large";
  await inOwnDatabase(name, async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)");
    const table = await tableOf(session, name, "t");
    const from = await executed(session);
    for (const [id, length] of [16_777_150, 16_777_215, 16_777_216, 35_000_000].entries()) {
      await session.run(`INSERT INTO t VALUES (${id}, REPEAT(x'fb00', ${length / 2}))`);
    }
    await using reader = await openSession(address, { purpose: "source" });
    const rows = await hexRows(reader, `SELECT ${readList(table.columns)} FROM t ORDER BY id`);
    const found = imagesOf(await logFrom(from, address, session, [table]), "insert").after;
    expect(found.length).toBe(rows.length);
    for (const [i, row] of rows.entries()) expect(found[i] === row, `row ${i}`).toBe(true);
  });
});

test("what cannot be followed exactly is refused by name", async () => {
  const json = "CREATE TABLE t (id INT PRIMARY KEY, j JSON, v INT)";
  const partial = await refusal(
    logOf("vt_log_partial", json, [
      "SET SESSION binlog_row_value_options = PARTIAL_JSON",
      `INSERT INTO t VALUES (1, '{"a": 1, "b": "${"x".repeat(500)}"}', 1)`,
      "UPDATE t SET j = JSON_SET(j, '$.a', 2)",
    ]),
  );
  expect(partial.message).toContain("only the changed parts of JSON documents");
  expect(partial.context["table"]).toBe("t");
  const image = await refusal(
    logOf("vt_log_image", json, [
      "INSERT INTO t VALUES (1, NULL, 1)",
      "SET SESSION binlog_row_image = MINIMAL",
      "UPDATE t SET v = 2",
    ]),
  );
  expect(image.message).toMatch(/table t cannot be used: column \w+ was not logged/);
  expect(image.todo).toContain("binlog_row_image = FULL");
  const statement = await refusal(
    logOf("vt_log_statement", json, ["SET SESSION binlog_format = STATEMENT", "INSERT INTO t VALUES (1, NULL, 1)"]),
  );
  expect(statement.message).toContain("logged as text (INSERT)");
  const prepared = await refusal(
    logOf(
      "vt_log_xa",
      json,
      ["XA START 'x1'", "INSERT INTO t VALUES (1, NULL, 1)", "XA END 'x1'", "XA PREPARE 'x1'"],
      async (session) => {
        await session.run("XA COMMIT 'x1'");
      },
    ),
  );
  expect(prepared.message).toContain("XA transaction that was only prepared");
  const onePhase = await logOf("vt_log_xa_one", json, [
    "XA START 'x2'",
    "INSERT INTO t VALUES (1, NULL, 1)",
    "XA END 'x2'",
    "XA COMMIT 'x2' ONE PHASE",
  ]);
  expect(told(onePhase)).toContain("insert 1");
});

test("rows of a table that was altered before are told to be so", async () => {
  await inOwnDatabase("vt_log_altered", async (session, address) => {
    await session.run(byId);
    const table = await tableOf(session, "vt_log_altered", "t");
    await session.run("ALTER TABLE t MODIFY v INT");
    const from = await executed(session);
    await session.run("INSERT INTO t VALUES (1, 2)");
    const error = await refusal(logFrom(from, address, session, [table]));
    expect(error.message).toContain("column v is not stored as varchar(100)");
  });
});

test("a position whose binary logs were purged, one of another server, and an account without the right are told apart", async () => {
  await using server = await startOwnServer("binlog");
  const address: ServerAddress = server.address;
  await using session = await openSession(address, { purpose: "target" });
  await session.run("CREATE DATABASE d");
  const read = async (position: string, to = address): Promise<void> => {
    const log = readLog({ address: to, database: "d", tables: new Map(), position: parsePosition(position) });
    for await (const item of log) if (item.type === "commit") return;
  };
  await read("");
  const denied = await refusal(read("", await server.account("plain")));
  expect(denied).toMatchObject({ code: "access", todo: expect.stringContaining("GRANT REPLICATION SLAVE") });
  await session.run("FLUSH BINARY LOGS");
  await session.run("PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY");
  const purged = await refusal(read(""));
  expect(purged).toMatchObject({ code: "source", message: expect.stringContaining("has purged binary logs") });
  const [own] = (await executed(session)).split(":");
  const ahead = await refusal(read(`${own}:1-1000000`));
  expect(ahead.message).toContain("cannot read its binary log from this position");
});
