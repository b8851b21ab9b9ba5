import { expect, test } from "vitest";
import type { KeyRange } from "../../../src/contracts/chunk.ts";
import type { TableSchema } from "../../../src/contracts/schema.ts";
import { rangePredicate } from "../../../src/mysql/key-range.ts";
import type { Session } from "../../../src/mysql/session.ts";
import { splitPoint } from "../../../src/source/split.ts";
import { deepRecursion, inOwnDatabase, inspectOne, numbers } from "./own-database.ts";

interface KeyCase {
  readonly name: string;
  /** Columns and primary key of table t, which has also a `filler`. */
  readonly columns: string;
  readonly key: string;
  /** The key of row n. */
  readonly values: string;
  readonly rows?: number;
  /** Largest share of one side of the first cut; 1 where nothing better can be asked for. */
  readonly worst?: number;
}

const cases: readonly KeyCase[] = [
  { name: "int", columns: "id INT", key: "id", values: "n" },
  { name: "negative int", columns: "id INT", key: "id", values: "CAST(n AS SIGNED) * -7 + 3" },
  {
    name: "unsigned bigint up to 2^64",
    columns: "id BIGINT UNSIGNED",
    key: "id",
    values: "18446744073709551615 - CAST(n AS UNSIGNED) * 3",
  },
  { name: "int with a far outlier", columns: "id BIGINT", key: "id", values: "IF(n = 0, 9223372036854775807, n)" },
  { name: "sparse int", columns: "id BIGINT", key: "id", values: "n * n * n * 1000 + n" },
  {
    name: "decimal",
    columns: "id DECIMAL(40, 12)",
    key: "id",
    values: "(CAST(n AS DECIMAL(40, 12)) - 500) * 12345678901234567890.000000000123",
  },
  { name: "float", columns: "id FLOAT", key: "id", values: "(n - 500.0) * 1.1" },
  { name: "double", columns: "id DOUBLE", key: "id", values: "(n - 500.0 + n * 1e-9) * POW(10, n % 40 - 20)" },
  { name: "bit", columns: "id BIT(60)", key: "id", values: "n * 12345678901234" },
  { name: "year", columns: "id YEAR", key: "id", values: "1901 + n", rows: 255 },
  { name: "time", columns: "id TIME(3)", key: "id", values: "SEC_TO_TIME((CAST(n AS SIGNED) - 500) * 6000 + 0.125)" },
  { name: "date", columns: "id DATE", key: "id", values: "'1999-12-31' + INTERVAL n DAY" },
  { name: "datetime", columns: "id DATETIME(6)", key: "id", values: "'1999-12-31 23:59:59.999999' + INTERVAL n HOUR" },
  {
    name: "datetime with a zero date",
    columns: "id DATETIME",
    key: "id",
    values: "IF(n = 0, '0000-00-00', '1999-12-31' + INTERVAL n HOUR)",
  },
  { name: "timestamp", columns: "id TIMESTAMP(2)", key: "id", values: "'2001-01-01 00:00:00.25' + INTERVAL n HOUR" },
  { name: "varbinary uuids", columns: "id VARBINARY(16)", key: "id", values: "UNHEX(LEFT(SHA2(n, 256), 32))" },
  { name: "binary", columns: "id BINARY(5)", key: "id", values: "CONCAT(CHAR(n DIV 256), CHAR(n % 256))" },
  {
    name: "uuid text",
    columns: "id CHAR(36) CHARACTER SET ascii",
    key: "id",
    values: "INSERT(LEFT(SHA2(n, 256), 32), 9, 0, '-')",
  },
  {
    name: "text in a case-blind collation",
    columns: "id VARCHAR(190) COLLATE utf8mb4_0900_ai_ci",
    key: "id",
    values: "CONCAT(ELT(1 + n % 7, 'user', 'User ', 'ärger', 'zoë', 'Ωmega', '山', '\u{1F600}'), n)",
  },
  {
    name: "text in a binary collation",
    columns: "id VARCHAR(190) COLLATE utf8mb4_bin",
    key: "id",
    values: "CONCAT(ELT(1 + n % 7, 'user', 'User ', 'ärger', 'zoë', 'Ωmega', '山', '\u{1F600}'), n)",
  },
  {
    name: "latin1 text",
    columns: "id VARCHAR(90) CHARACTER SET latin1",
    key: "id",
    values: "CONCAT(ELT(1 + n % 4, 'user', 'ärger', 'zoë', 'Å'), n, '\\'')",
  },
  { name: "utf16 text", columns: "id VARCHAR(90) CHARACTER SET utf16", key: "id", values: "CONCAT('k', n)" },
  {
    name: "composite (int, varchar), few ints",
    columns: "a INT, b VARCHAR(40)",
    key: "a, b",
    values: "n % 3, CONCAT('name ', n)",
  },
  {
    name: "composite (int, varchar), one int",
    columns: "a INT, b VARCHAR(40)",
    key: "a, b",
    values: "7, CONCAT('name ', n)",
  },
  {
    name: "composite (text equal by collation, int)",
    columns: "a VARCHAR(9), b INT",
    key: "a, b",
    values: "IF(n % 2, 'Ab', 'aB'), n",
  },
  {
    name: "composite (date, binary, bigint)",
    columns: "a DATE, b BINARY(2), c BIGINT UNSIGNED",
    key: "a, b, c",
    values: "'2024-01-01' + INTERVAL n % 2 DAY, CHAR(n % 5), 18446744073709551615 - n",
  },
];

async function countIn(session: Session, table: TableSchema, range: KeyRange): Promise<number> {
  const predicate = rangePredicate(table.chunkKey?.columns ?? [], range);
  const [row] = await session.query(`SELECT COUNT(*) AS c FROM t WHERE ${predicate ?? "TRUE"}`);
  return Number(row?.["c"]);
}

/** Cuts a range into pieces of one key each by asking again and again, and counts every piece by the server's own order. */
async function cutToPieces(session: Session, table: TableSchema, range: KeyRange, rows: number): Promise<void> {
  const at = await splitPoint(session, table, range);
  if (rows < 2) return expect(at).toBeNull();
  if (at === null) return expect.unreachable(`a range of ${rows} rows was not cut: ${JSON.stringify(range)}`);
  const left = { after: range.after, upTo: at };
  const right = { after: at, upTo: range.upTo };
  const lefts = await countIn(session, table, left);
  const rights = await countIn(session, table, right);
  expect(lefts, `left of ${at}`).toBeGreaterThan(0);
  expect(rights, `right of ${at}`).toBeGreaterThan(0);
  expect(lefts + rights).toBe(rows);
  if (rows > 40) {
    // Following the smaller side keeps the test short; the larger one is cut by the same code.
    return cutToPieces(session, table, lefts < rights ? left : right, Math.min(lefts, rights));
  }
  await cutToPieces(session, table, left, lefts);
  await cutToPieces(session, table, right, rights);
}

test.each(cases)(
  "cuts $name keys where both sides have rows, down to single keys",
  async ({ name, columns, key, values, rows = 1_000, worst = 0.8 }) => {
    await inOwnDatabase(`source_split_${name.replace(/\W+/g, "_")}`.slice(0, 60), async (session, database) => {
      await session.run(deepRecursion);
      await session.run(
        `CREATE TABLE t (${columns}, filler VARCHAR(200) NOT NULL, PRIMARY KEY (${key}), KEY (filler)) DEFAULT CHARSET utf8mb4`,
      );
      await session.run(`INSERT INTO t SELECT ${values}, REPEAT('x', n % 200) FROM ${numbers(rows)}`);
      await session.run("ANALYZE TABLE t");
      const table = await inspectOne(session, database, "t");
      expect(table.chunkKey?.index).toBe("PRIMARY");

      const whole = { after: null, upTo: null };
      const at = await splitPoint(session, table, whole);
      expect(at).not.toBeNull();
      const left = await countIn(session, table, { after: null, upTo: at });
      expect(Math.max(left, rows - left) / rows, `cut at ${at}`).toBeLessThanOrEqual(worst);
      await cutToPieces(session, table, whole, rows);
    });
  },
);

test("a table without a chunk key, an empty range and a single key cannot be cut", async () => {
  await inOwnDatabase("source_split_none", async (session, database) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY)");
    await session.run("CREATE TABLE keyless (id INT)");
    await session.run("INSERT INTO keyless VALUES (1), (2)");
    const table = await inspectOne(session, database, "t");
    expect(await splitPoint(session, table, { after: null, upTo: null })).toBeNull();
    await session.run("INSERT INTO t VALUES (1), (5), (9)");
    expect(await splitPoint(session, table, { after: ["1"], upTo: ["5"] })).toBeNull();
    expect(await splitPoint(session, table, { after: ["1"], upTo: null })).toEqual(["5"]);
    const keyless = await inspectOne(session, database, "keyless");
    expect(await splitPoint(session, keyless, { after: null, upTo: null })).toBeNull();
  });
});
