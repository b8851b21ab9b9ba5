import type { Session } from "../../src/mysql/session.ts";

export const customerTable = "customer";

const createTable = `CREATE TABLE ${customerTable} (
  id bigint NOT NULL,
  email varchar(190) NOT NULL,
  name varchar(100) NOT NULL,
  country char(2) NOT NULL,
  balance decimal(12,2) NOT NULL,
  created_at datetime(3) NOT NULL,
  flags bit(8) NOT NULL,
  profile json,
  notes text,
  token blob,
  PRIMARY KEY (id)
) DEFAULT CHARSET=utf8mb4`;

/** One statement makes this many rows: its digits table has five digits. */
const STATEMENT_ROWS = 100_000;

const digits = `(SELECT 0 AS d UNION ALL ${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((d) => `SELECT ${d}`).join(" UNION ALL ")})`;

/** A number from the row's hash: `length` hex digits from `from`, both in digits. */
const hex = (from: number, length: number): string => `CAST(CONV(SUBSTR(h, ${from}, ${length}), 16, 10) AS UNSIGNED)`;
const oneOf = (from: number, ...words: readonly string[]): string =>
  `ELT(1 + ${hex(from, 2)} % ${words.length}, ${words.map((word) => `'${word.replaceAll("'", "''")}'`).join(", ")})`;

/** Columns of row `n`, all from its hash `h` and so always the same; about 325 bytes on the wire. */
const columns: readonly string[] = [
  "n",
  `CONCAT(${oneOf(1, "maria", "john", "aiko", "olu", "priya", "lars", "chen", "zoe")}, '.', SUBSTR(h, 3, 8), '@', ${oneOf(11, "example.com", "mail.example.org", "example.net", "post.example.com")})`,
  `CONCAT(${oneOf(13, "Maria", "John", "Aiko", "Olu", "Priya", "Lars", "Chen", "Zoë")}, ' ', ${oneOf(15, "García", "Smith", "Tanaka", "Adeyemi", "Sharma", "Østergård", "Wei", "O'Brien")})`,
  oneOf(17, "ES", "GB", "JP", "NG", "IN", "DK", "CN", "IE"),
  `${hex(19, 6)} / 100 - 50000.00`,
  `DATE_ADD('2015-01-01 00:00:00.000', INTERVAL ${hex(25, 10)} % 300000000000 * 1000 MICROSECOND)`,
  hex(35, 2),
  // From text: JSON functions would put DECIMALs into the documents, which no dump can carry.
  `CAST(CONCAT('{"tier": "', ${oneOf(37, "basic", "plus", "pro")}, '", "visits": ', ${hex(39, 3)}, ', "score": ', ${hex(42, 5)} / 1000, ', "tags": ["a", "b"], "newsletter": ', IF(n % 2 = 0, 'true', 'false'), '}') AS JSON)`,
  `CONCAT('Said: "call me back, it''s ', ${hex(47, 4)}, '".\\n\\tLine two of note ', n, ' – ', ${oneOf(51, "needs an answer by Friday, as agreed on the phone", "paid in full, no complaint", "asked twice about delivery to the summer house", "wants the old price")}, '.\\r\\nEnd.')`,
  "UNHEX(CONCAT(h, SUBSTR(h, 5, 16)))",
];

function insertSql(seed: string, first: number, last: number): string {
  const number = `${first} + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d`;
  const numbers = `SELECT ${number} AS n FROM ${["a", "b", "c", "e", "f"].map((name) => `${digits} ${name}`).join(", ")}`;
  const hashed = `SELECT n, SHA2(CONCAT('${seed}/', n), 256) AS h FROM (${numbers}) AS numbers WHERE n <= ${last} ORDER BY n`;
  return `INSERT INTO ${customerTable} SELECT ${columns.join(", ")} FROM (${hashed}) AS hashed`;
}

/**
 * Makes the table with `rows` rows, ids from 1. The server makes them itself, and the index last, which takes a third of
 * the time of sending them. Outside the binary log, which no one reads.
 */
export async function makeCustomers(session: Session, rows: number, seed: string): Promise<void> {
  await session.run("SET sql_log_bin = 0");
  await session.run(`DROP TABLE IF EXISTS ${customerTable}`);
  await session.run(createTable);
  for (let first = 1; first <= rows; first += STATEMENT_ROWS) {
    await session.run(insertSql(seed, first, Math.min(rows, first + STATEMENT_ROWS - 1)));
  }
  await session.run(`ALTER TABLE ${customerTable} ADD KEY email (email)`);
  await session.query(`ANALYZE TABLE ${customerTable}`);
}
