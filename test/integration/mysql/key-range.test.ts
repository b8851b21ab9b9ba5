import { describe, expect, test } from "vitest";
import type { KeyBound } from "../../../src/contracts/chunk.ts";
import type { Column } from "../../../src/contracts/schema.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { quoteName } from "../../../src/mysql/identifiers.ts";
import { keyBoundOf, rangePredicate } from "../../../src/mysql/key-range.ts";
import { readList } from "../../../src/mysql/read-expression.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { inOwnDatabase } from "./own-database.ts";

const LIMIT = 50;
const rows = 600;
/** 1..600 scattered; 7919 is prime. */
const scattered = (i: number): number => (i * 7919) % 100_003;
const pad = (number: number, width: number): string => String(number).padStart(width, "0");
const time = (i: number): string =>
  `${pad(i % 24, 2)}:${pad(i % 60, 2)}:${pad((i * 7) % 60, 2)}.${pad(scattered(i), 6)}`;
const day = (i: number): string => `20${pad(i % 30, 2)}-${pad(1 + (i % 12), 2)}-${pad(1 + (i % 28), 2)}`;
const words = ["Ä", "a", "ß", "Z", "é", "'", "\\\\", "€", " x", "ñ"];
const word = (i: number): string => `${words[i % 10]}${words[(i >> 3) % 10]}${scattered(i)}`.replaceAll("'", "''");

/** Key columns by name and type, and the SQL of row i's key. */
const keys: Record<string, { columns: Record<string, string>; value: (i: number) => string }> = {
  int: { columns: { a: "int not null" }, value: (i) => String(scattered(i) - 50_000) },
  "unsigned bigint": {
    columns: { a: "bigint unsigned not null" },
    value: (i) => String(2n ** 64n - BigInt(scattered(i))),
  },
  decimal: { columns: { a: "decimal(40,20) not null" }, value: (i) => `${scattered(i)}.${pad(i, 20)}` },
  double: { columns: { a: "double not null" }, value: (i) => `${scattered(i) - 50_000}.1e${(i % 20) - 10}` },
  float: { columns: { a: "float not null" }, value: (i) => `${scattered(i) - 50_000}.3` },
  bit: { columns: { a: "bit(40) not null" }, value: (i) => String(2 ** 39 + scattered(i)) },
  year: { columns: { a: "year not null", b: "int not null" }, value: (i) => `${1901 + (i % 255)}, ${i}` },
  date: { columns: { a: "date not null", b: "int not null" }, value: (i) => `'${day(i)}', ${i}` },
  time: { columns: { a: "time(6) not null" }, value: (i) => `'${i % 2 ? "-" : ""}${time(i)}'` },
  datetime: { columns: { a: "datetime(6) not null" }, value: (i) => `'${day(i)} ${time(i)}'` },
  timestamp: { columns: { a: "timestamp(6) not null" }, value: (i) => `'${day(i)} ${time(i)}+00:00'` },
  "utf8mb4 varchar": { columns: { a: "varchar(40) not null" }, value: (i) => `'${word(i)}'` },
  "utf8mb4_bin varchar": { columns: { a: "varchar(40) collate utf8mb4_bin not null" }, value: (i) => `'${word(i)}😀'` },
  "latin1 varchar": { columns: { a: "varchar(40) character set latin1 not null" }, value: (i) => `'${word(i)}'` },
  "utf16 char": { columns: { a: "char(40) character set utf16 not null" }, value: (i) => `'${word(i)}'` },
  varbinary: { columns: { a: "varbinary(20) not null" }, value: (i) => `x'${pad(scattered(i), 6)}ff0027'` },
  binary: { columns: { a: "binary(16) not null" }, value: (i) => `x'${pad(scattered(i), 6)}ff'` },
  composite: {
    columns: { a: "int not null", b: "varchar(20) not null", c: "datetime not null", d: "bigint unsigned not null" },
    value: (i) => `${i % 5}, '${words[i % 3 === 0 ? 0 : 4]}', '${day(i % 7)}', ${i}`,
  },
  "enum in second place": {
    columns: { a: "int not null", b: "enum('z','é','a') not null", c: "int not null" },
    value: (i) => `${i % 40}, ${1 + (i % 3)}, ${i}`,
  },
  "set in second place": {
    columns: { a: "int not null", b: "set('z','é','a') not null", c: "int not null" },
    value: (i) => `${i % 40}, ${i % 8}, ${i}`,
  },
};

async function handlerReads(session: Session): Promise<number> {
  const status = await session.query("SHOW SESSION STATUS LIKE 'Handler_read%'");
  return status.reduce((sum, row) => sum + Number(row["Value"]), 0);
}

/** Reads the table in chunks, each from the last key of the one before. */
async function readInChunks(session: Session, columns: readonly Column[]) {
  const order = columns.map((column) => quoteName(column.name)).join(", ");
  const read: string[] = [];
  const bounds: KeyBound[] = [];
  let mostReads = 0;
  let after: KeyBound | null = null;
  for (;;) {
    const where = rangePredicate(columns, { after, upTo: null });
    const sql = `SELECT ${readList(columns)} FROM t${where === null ? "" : ` WHERE ${where}`} ORDER BY ${order} LIMIT ${LIMIT}`;
    const before = await handlerReads(session);
    let count = 0;
    let last: KeyBound | null = null;
    for await (const { bytes, offsets, rows } of session.readRows(sql)) {
      for (let row = 0; row < rows; row++, count++) {
        const [start, end] = [offsets[row] as number, offsets[row + 1] as number];
        read.push(bytes.toString("hex", start, end));
        last = keyBoundOf(
          columns,
          columns.map((_, i) => i),
          bytes,
          start,
          end,
        );
      }
    }
    mostReads = Math.max(mostReads, (await handlerReads(session)) - before);
    if (last === null || count < LIMIT) return { read, bounds, mostReads };
    after = last;
    bounds.push(last);
  }
}

describe("key ranges", () => {
  for (const [name, { columns: types, value }] of Object.entries(keys)) {
    test(`chunks by a key of ${name} tile the table and read only their rows`, async () => {
      await inOwnDatabase(`vt_mysql_key_${name.replaceAll(/\W/g, "_")}`, async (session, address) => {
        const columns = Object.entries(types).map(([column, type]) => columnFromType(column, type));
        const definitions = Object.entries(types).map(([column, type]) => `${column} ${type}`);
        const names = Object.keys(types).join(", ");
        await session.run(`CREATE TABLE t (${definitions}, filler int, PRIMARY KEY (${names}))`);
        const values = Array.from({ length: rows }, (_, i) => `(${value(i)})`).join(", ");
        await session.run(`INSERT IGNORE INTO t (${names}) VALUES ${values}`);
        await session.run("ANALYZE TABLE t");
        await using reader = await openSession(address, { purpose: "source" });
        const { read, bounds, mostReads } = await readInChunks(reader, columns);
        const [count] = await reader.query("SELECT COUNT(*) AS n FROM t");
        expect(Number(count?.["n"])).toBeGreaterThan(rows / 2);
        expect(read).toHaveLength(Number(count?.["n"]));
        expect(new Set(read).size).toBe(read.length);
        // A composite key may read a few entries more where ranges of the index meet.
        expect(mostReads).toBeLessThan(LIMIT + 20);

        // Bounds must hold whatever the zone of the session.
        await reader.run("SET SESSION time_zone = '-08:00'");
        let tiled = 0;
        for (const [i, upTo] of [...bounds, null].entries()) {
          const where = rangePredicate(columns, { after: i === 0 ? null : (bounds[i - 1] ?? null), upTo });
          const [chunk] = await reader.query(`SELECT COUNT(*) AS n FROM t WHERE ${where}`);
          if (upTo !== null) expect(chunk?.["n"], `chunk ${i}: ${where}`).toBe(String(LIMIT));
          tiled += Number(chunk?.["n"]);
        }
        expect(tiled).toBe(read.length);
      });
    });
  }
});
