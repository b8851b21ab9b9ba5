import type { Session } from "../../../src/mysql/session.ts";
import { deepRecursion, numbers } from "./own-database.ts";

/** A table for each kind of key that chunks are cut by. */
export interface KeyCase {
  readonly name: string;
  /** Columns and primary key of table t, which has also a `filler`. */
  readonly columns: string;
  readonly key: string;
  /** The key of row n. */
  readonly values: string;
  readonly rows?: number;
}

export const keyCases: readonly KeyCase[] = [
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

const defaultRows = 1_000;

/** Makes table t of the case and returns how many rows it has. */
export async function createKeyTable(session: Session, { columns, key, values, rows }: KeyCase): Promise<number> {
  const count = rows ?? defaultRows;
  await session.run(deepRecursion);
  await session.run(
    `CREATE TABLE t (${columns}, filler VARCHAR(200) NOT NULL, PRIMARY KEY (${key}), KEY (filler)) DEFAULT CHARSET utf8mb4`,
  );
  await session.run(`INSERT INTO t SELECT ${values}, REPEAT('x', n % 200) FROM ${numbers(count)}`);
  await session.run("ANALYZE TABLE t");
  return count;
}

export const databaseOf = (test: string, { name }: KeyCase): string =>
  `source_${test}_${name.replace(/\W+/g, "_")}`.slice(0, 60);
