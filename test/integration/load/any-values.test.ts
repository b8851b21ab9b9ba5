import fc from "fast-check";
import { expect, test } from "vitest";
import type { Column } from "../../../src/contracts/schema.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { quoteName } from "../../../src/mysql/identifiers.ts";
import { readList } from "../../../src/mysql/read-expression.ts";
import { openSession } from "../../../src/mysql/session.ts";
import { fuzz, fuzzTimeout } from "../../support/fuzz.ts";
import { batchOf, rowsOf } from "../../support/rows.ts";
import { inOwnDatabase } from "../mysql/own-database.ts";
import { batches, loaderFor, loadTable, plainPool, primary, readAll } from "./loading.ts";

/** Text that would do something if it were ever anything but text. */
const injections = [
  "'); DROP TABLE t; -- ",
  "\\'); DROP TABLE t; -- ",
  "' OR 1=1 #",
  "\\",
  "''",
  "/*! DROP TABLE t */",
  "\"]]', NULL) AS j; --",
  '"],["1","x',
  "\\u0000",
  "?",
  ":1",
  "%s",
  "\0\n\r\x1a\b\t",
  "`",
  `${"$"}{x}`,
  "\u2028\ufeff\u200b",
];

const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...injections), { maxLength: 3 }).map((parts) => parts.join("")) },
);
const ascii = fc.string({
  unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)),
  maxLength: 30,
});
const bytesOf = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc.uint8Array({ maxLength }),
    text.map((value) => Buffer.from(value).subarray(0, maxLength)),
  );
const two = (number: number): string => String(number).padStart(2, "0");
const below = (limit: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: limit - 1 });
const digits = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: length, maxLength: length });
const integers = (bits: number, unsigned: boolean): fc.Arbitrary<string> => {
  const span = 2n ** BigInt(bits);
  const min = unsigned ? 0n : -span / 2n;
  return fc.bigInt({ min, max: min + span - 1n }).map(String);
};
const day = (first: number, last: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min: first, max: last }), below(12), below(28))
    .map(([year, month, date]) => `${String(year).padStart(4, "0")}-${two(month + 1)}-${two(date + 1)}`);
const clock = fc.tuple(below(24), below(60), below(60)).map((parts) => parts.map(two).join(":"));
const members = ["a", "b'c", 'd"e', "\\", "é", " f"];
const quoted = members.map((member) => `'${member.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`).join(",");

/** Cells as the text protocol prints them, for types whose every value has one form. */
const kinds: Readonly<Record<string, fc.Arbitrary<string | Uint8Array>>> = {
  "varchar(100)": text,
  longtext: text,
  "varchar(60) character set latin1": ascii,
  "varchar(100) character set utf16": text,
  "varbinary(200)": bytesOf(200),
  longblob: bytesOf(400),
  "bit(64)": fc.uint8Array({ minLength: 8, maxLength: 8 }),
  "bit(13)": fc.tuple(below(32), below(256)).map(([high, low]) => Uint8Array.of(high, low)),
  tinyint: integers(8, false),
  bigint: integers(64, false),
  "bigint unsigned": integers(64, true),
  "int(8) unsigned zerofill": below(10 ** 9).map((number) => String(number).padStart(8, "0")),
  "decimal(40,10)": fc
    .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 30n - 1n }), digits(10))
    .map(([minus, whole, part]) => `${minus && (whole > 0n || /[1-9]/.test(part)) ? "-" : ""}${whole}.${part}`),
  date: day(1, 9999),
  year: fc.oneof(fc.constant("0000"), fc.integer({ min: 1901, max: 2155 }).map(String)),
  "time(6)": fc.tuple(fc.boolean(), below(838), below(60), below(60), digits(6)).map(([minus, h, m, s, part]) => {
    const size = `${two(h)}:${two(m)}:${two(s)}.${part}`;
    return minus && /[1-9]/.test(size) ? `-${size}` : size;
  }),
  "datetime(6)": fc.tuple(day(1, 9999), clock, digits(6)).map(([date, time, part]) => `${date} ${time}.${part}`),
  "timestamp(3)": fc.tuple(day(1971, 2037), clock, digits(3)).map(([date, time, part]) => `${date} ${time}.${part}`),
  [`enum(${quoted})`]: fc.constantFrom(...members),
  [`set(${quoted})`]: fc.subarray(members).map((chosen) => chosen.join(",")),
  // MySQL escapes in JSON what JavaScript does.
  json: fc.array(text, { maxLength: 3 }).map((list) => `[${list.map((value) => JSON.stringify(value)).join(", ")}]`),
};

const types = ["int not null", ...Object.keys(kinds)];
const columns: readonly Column[] = types.map((type, i) => columnFromType(i === 0 ? "id" : `c${i}'\``, type));

test.each(["values", "json-table"] as const)(
  "%s: any values arrive byte for byte",
  { timeout: fuzzTimeout },
  async (strategy) => {
    await inOwnDatabase(`vt_any_values_${strategy.replace("-", "_")}`, async (session, address) => {
      const definitions = columns.map(({ name }, i) => `${quoteName(name)} ${types[i]}`);
      await session.run(`CREATE TABLE t (${definitions.join(", ")}, PRIMARY KEY (id)) CHARACTER SET utf8mb4`);
      await session.run("CREATE TABLE untouched (id INT PRIMARY KEY)");
      await session.run("INSERT INTO untouched VALUES (1)");
      await using reader = await openSession(address, { purpose: "source" });
      const pool = plainPool(address);
      const cell = Object.values(kinds).map((value) => fc.option(value, { freq: 8 }));
      const row = fc.tuple(...cell);
      await fuzz(
        `values by ${strategy}`,
        25,
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
          const sent = rows.map((cells, i) =>
            [String(i), ...cells].map((value) => (value === null ? null : Buffer.from(value as string))),
          );
          await session.run("DELETE FROM t");
          const loader = loaderFor(loadTable("t", columns, primary("id")), pool, { strategy });
          await loader.load(batches(batchOf(sent)), { chunk: "1-1", recover: false });
          const read = await readAll(reader, `SELECT ${readList(columns)} FROM t ORDER BY id`);
          const arrived = read.flatMap((batch) => rowsOf(batch, columns.length));
          expect(hexOf(arrived)).toEqual(hexOf(sent));
        }),
      );
      await pool.close();
      expect(await session.query("SELECT id FROM untouched")).toEqual([{ id: "1" }]);
    });
  },
);

const hexOf = (rows: readonly (readonly (Buffer | null)[])[]): string[][] =>
  rows.map((row) => row.map((value, i) => `${columns[i]?.type}: ${value === null ? "NULL" : value.toString("hex")}`));
