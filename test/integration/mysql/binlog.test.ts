import { expect, test } from "vitest";
import { quoteName } from "../../../src/mysql/identifiers.ts";
import { readList } from "../../../src/mysql/read-expression.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { randomNumbers } from "../../support/random-numbers.ts";
import { differing, executed, imagesOf, logFrom, tableOf } from "./binlog-items.ts";
import { createEveryType, everyRowCount, insertEveryType } from "./every-type.ts";
import { hexRows, inOwnDatabase } from "./own-database.ts";

test("rows of every type come from the log as SELECT gives them, before and after", async () => {
  const name = "vt_binlog_every_type";
  await inOwnDatabase(name, async (session, address) => {
    await session.run(createEveryType("t"));
    const table = await tableOf(session, name, "t");
    await using reader = await openSession(address, { purpose: "source" });
    const from = await executed(session);
    const rows = (): Promise<string[]> => hexRows(reader, `SELECT ${readList(table.columns)} FROM t ORDER BY id`);
    for (const insert of insertEveryType("t")) await session.run(insert);
    const inserted = await rows();
    expect(inserted).toHaveLength(everyRowCount);
    await session.run("CREATE TABLE u AS SELECT *, hidden FROM t");
    const sets = table.columns.slice(1, -1).map(({ name }) => `t.${quoteName(name)} = u.${quoteName(name)}`);
    for (let id = 0; id < everyRowCount; id++) {
      const other = (id + 7) % everyRowCount;
      await session.run(
        `UPDATE t JOIN u ON u.id = ${other} SET ${sets.join(", ")}, t.hidden = ${id} WHERE t.id = ${id}`,
      );
    }
    const updated = await rows();
    await session.run("DELETE FROM t ORDER BY id");

    const items = await logFrom(from, address, session, [table]);
    const changes = imagesOf(items, "update");
    expect(differing(table.columns, imagesOf(items, "insert").after, inserted)).toEqual([]);
    expect(differing(table.columns, changes.before, inserted)).toEqual([]);
    expect(differing(table.columns, changes.after, updated)).toEqual([]);
    expect(differing(table.columns, imagesOf(items, "delete").before, updated)).toEqual([]);
  });
});

/** Fills table t, reads it by SELECT and from the log, and compares. */
async function sameAsSelect(
  name: string,
  create: string,
  inserts: readonly string[],
  before: (session: Session) => Promise<void> = async () => {},
): Promise<void> {
  await inOwnDatabase(name, async (session, address) => {
    await session.run(create);
    await before(session);
    const table = await tableOf(session, name, "t");
    await using reader = await openSession(address, { purpose: "source" });
    const from = await executed(session);
    for (const insert of inserts) await session.run(insert);
    const rows = await hexRows(reader, `SELECT ${readList(table.columns)} FROM t ORDER BY id`);
    expect(rows.length).toBeGreaterThanOrEqual(inserts.length);
    const found = imagesOf(await logFrom(from, address, session, [table]), "insert").after;
    expect(differing(table.columns, found, rows).slice(0, 10)).toEqual([]);
  });
}

test("numbers of every size come from the log digit for digit", async () => {
  const random = randomNumbers(24);
  const values = (signed: boolean): string[] =>
    Array.from({ length: 500 }, () => {
      const digits = 1 + Math.floor(random() * 17);
      const value = Number((random() * 2 - 1).toPrecision(digits)) * 10 ** Math.floor(random() * 60 - 30);
      return (signed ? value : Math.abs(value)).toExponential();
    });
  const kinds = ["double", "float", "double(20,4)", "double(30,15)", "double(50,30)", "float(12,6)"];
  const filled = ["double zerofill", "double(12,3) zerofill", "decimal(10,3) zerofill", "smallint zerofill"];
  const columns = [...kinds, ...filled].map((type, i) => `c${i} ${type}`).join(", ");
  const names = [...kinds, ...filled].map((_, i) => `c${i}`).join(", ");
  const insert = (): string => {
    const [signed, unsigned] = [values(true), values(false)];
    const row = (i: number): string =>
      [...kinds.map(() => signed[i]), ...filled.map(() => unsigned[i]), `'[${signed[i]}]'`].join(", ");
    return `INSERT IGNORE INTO t (${names}, j) VALUES ${signed.map((_, i) => `(${row(i)})`).join(", ")}`;
  };
  await sameAsSelect(
    "vt_binlog_numbers",
    `CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, ${columns}, j JSON)`,
    Array.from({ length: 8 }, insert),
  );
});

test("JSON documents come from the log as the server prints them, with values of other SQL types", async () => {
  const documents = [
    `JSON_OBJECT('date', CAST('2024-02-29' AS DATE), 'zero', CAST('0000-00-00' AS DATE), 'time', CAST('-838:59:58.5' AS TIME(3)), 'datetime', CAST('9999-12-31 23:59:59.999999' AS DATETIME(6)), 'year', CAST(2024 AS YEAR))`,
    `JSON_OBJECT('decimal', 1.10, 'long', CAST('-12345678901234567890123456789012345.000000000000000000000000000001' AS DECIMAL(65,30)), 'zero', CAST(0 AS DECIMAL(5,3)), 'small', CAST(-0.05 AS DECIMAL(5,5)))`,
    `JSON_ARRAY(x'', x'00ff', REPEAT(x'ab', 200), b'101', CAST('abc' AS BINARY(5)), _latin1 x'e9')`,
    `JSON_ARRAY(ST_GeomFromText('POINT(1 2)'), TRUE, FALSE, NULL, 0, -1, 32767, -32768, 65535, 65536, 2147483648, -2147483649, 4294967296, 18446744073709551615)`,
    `'[0.0, -0.0, 1e20, 1.5e300, 4.9e-324, 100000000000000000000, 123456.789, 1e15, 1e-7]'`,
    `JSON_ARRAY(CHAR(0, 1, 8, 9, 10, 12, 13, 27, 31, 34, 47, 92, 127 USING utf8mb4), '\u2028 é漢😀', '')`,
    `'{"b": 1, "aa": 2, "a": 3, "é": 4, "": 5, "a\\\\"q": 6, "zzz": {"x": [], "y": {}}}'`,
    `CAST(CONCAT('[', REPEAT('[', 90), '1', REPEAT(']', 90), ']') AS JSON)`,
    `CAST(CONCAT('[', REPEAT('"0123456789", ', 20000), '70000, -70000, 1]') AS JSON)`,
    `JSON_OBJECT('big', REPEAT('x', 70000), 'n', 70000, 'm', -70000, 't', TRUE, 'd', 2.5)`,
    `JSON_ARRAY(REPEAT('a', 127), REPEAT('b', 128), REPEAT('c', 16383), REPEAT('d', 16384))`,
    `'"scalar"'`,
    `'1.0'`,
    `CAST(CAST('12:30' AS TIME) AS JSON)`,
    "NULL",
  ];
  await sameAsSelect(
    "vt_binlog_json",
    "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, j JSON)",
    documents.map((document) => `INSERT INTO t (j) VALUES (${document})`),
  );
});

test("generated columns, stored and virtual, come from the log, and hidden ones of functional keys do not", async () => {
  await sameAsSelect(
    "vt_binlog_generated",
    "CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT AS (a + 1) VIRTUAL, s VARCHAR(20) AS (CONCAT('s', a)) STORED, w INT AS (a + 2) VIRTUAL, KEY (w), KEY ((a * 7)), j JSON, KEY ((CAST(j AS UNSIGNED ARRAY))))",
    ["INSERT INTO t (id, a, j) VALUES (1, 5, '[1, 2]')", "INSERT INTO t (id, a) VALUES (2, NULL)"],
  );
});

test("text of every character set the server has comes from the log as it converts it", async () => {
  await inOwnDatabase("vt_binlog_charsets", async (session, address) => {
    const sets = await session.query(
      "SELECT CHARACTER_SET_NAME AS name FROM information_schema.CHARACTER_SETS WHERE CHARACTER_SET_NAME <> 'binary' ORDER BY 1",
    );
    const names = sets.map((row) => row["name"] as string);
    expect(names.length).toBeGreaterThan(30);
    const columns = names.map((set) => `${set} TEXT CHARACTER SET ${set}, c_${set} CHAR(9) CHARACTER SET ${set}`);
    await session.run(`CREATE TABLE t (id INT PRIMARY KEY, ${columns.join(", ")})`);
    const table = await tableOf(session, "vt_binlog_charsets", "t");
    const from = await executed(session);
    const texts = [
      "",
      "abc",
      "é ü ß € ñ",
      "Привет",
      "你好 世界",
      "こんにちは カナ ｶﾅ",
      "안녕",
      "שלום",
      "ไทย",
      "Ελλάδα",
      "ğışŁž 😀",
    ];
    for (const [id, text] of texts.entries()) {
      const values = names.flatMap(() => [`'${text}'`, `'${text}'`]);
      await session.run(`INSERT IGNORE INTO t VALUES (${[id, ...values].join(", ")})`);
    }
    await using reader = await openSession(address, { purpose: "source" });
    const rows = await hexRows(reader, `SELECT ${readList(table.columns)} FROM t ORDER BY id`);
    const found = imagesOf(await logFrom(from, address, session, [table]), "insert").after;
    expect(differing(table.columns, found, rows)).toEqual([]);
  });
});
