import { quoteName } from "../../src/mysql/identifiers.ts";

/** A column type and values of it, as SQL literals: first those that matter most. */
export interface StreamCase {
  readonly name: string;
  /** Definition of column `v` without its name. */
  readonly type: string;
  /** At least six, all different. */
  readonly values: readonly string[];
  /** Is it tried as a primary key too? */
  readonly key?: boolean;
  /** Is it tried in tables without a primary key too? */
  readonly keyless?: boolean;
  /** More columns of the table. */
  readonly more?: string;
  /** The columns of an explicit select list; default: id, n and v. */
  readonly listed?: readonly string[];
  /** Name of the column; default: v. */
  readonly column?: string;
  /** Sets a session up before rows change on the source. */
  readonly session?: string;
  /** What becomes of it if it does not arrive exactly; by shape, or for all of them. */
  readonly found?: Found | Readonly<Partial<Record<Shape, Found>>>;
}

/**
 * What a stream made of a case: rows that differ, a stream in state Error, or one that says Running and tries the same event
 * for ever.
 */
export type Found = "changed" | "stops" | "retries";

/**
 * A table with an integer primary key beside the column, with a unique key in its place, with the column as the key, without
 * a key, and so with rows that are there twice.
 */
export type Shape = "plain" | "unique" | "keyed" | "keyless" | "bag";
export type Style = "star" | "list";

const hex = (...values: string[]): string[] => values.map((value) => `x'${value}'`);
const text = (...values: string[]): string[] =>
  values.map((value) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`);

/** JSON's text hides what type a member is of: a date is printed as a string is. */
const jsonTypes =
  "t VARCHAR(200) AS (CONCAT_WS(' ', JSON_TYPE(v), JSON_TYPE(JSON_EXTRACT(v, '$[0]')), JSON_TYPE(JSON_EXTRACT(v, '$.x')))) VIRTUAL";
const latin1 = text("Ärger", "naïve £", "ÿ¤§", "plain", "", "it's \\ ß", "€ uro", "é ");
const wide = text("🚀 rocket", "日本語", "e\u0301", "plain", "", "it's \\ \t\n", "𝔘𝔫𝔦", "é ");

/**
 * What is changed comes down to a few causes. The applier writes literals as binary, without strict mode:
 * - ENUM and SET: Vitess has the members as information_schema prints them, in utf8mb3, and writes those bytes. A member whose
 *   bytes in the column's own character set are others (latin1 `ü`, all of utf16, 4-byte characters) becomes '' or is lost.
 * - JSON: printed as text and parsed again. Doubles come back as decimals, dates and times as strings; a negative time or one of
 *   32 hours and more is another value, and a binary value is not understood at all.
 * - Impossible dates become zero dates; as a key they end the stream. Zero dates and zero parts are exact.
 * - Without a primary key, or a unique one that is not NULL, rows are found by all columns: those with NULL, FLOAT or JSON never
 *   are, and of equal rows all are. A FLOAT in a key is not found either, unless it is printed exactly.
 */
export const streamCases: readonly StreamCase[] = [
  {
    name: "tinyint",
    keyless: true,
    found: { keyless: "changed", bag: "changed" },
    type: "TINYINT",
    values: ["-128", "127", "0", "1", "-1", "5", "6"],
    key: true,
  },
  {
    name: "bigint_u",
    type: "BIGINT UNSIGNED",
    values: ["18446744073709551615", "9223372036854775808", "0", "1", "2", "3"],
    key: true,
  },
  {
    name: "bigint",
    type: "BIGINT",
    values: ["-9223372036854775808", "9223372036854775807", "0", "1", "-1", "3"],
    key: true,
  },
  { name: "zerofill", type: "INT(8) ZEROFILL", values: ["7", "42", "0", "4294967295", "99999999", "100"], key: true },
  { name: "bit1", type: "BIT(1)", values: ["b'1'", "b'0'", "b'1'", "b'0'", "b'1'", "b'0'"] },
  {
    name: "bit12",
    type: "BIT(12)",
    values: ["b'111111111111'", "b'0'", "39", "92", "2570", "1"],
    key: true,
  },
  {
    name: "bit64",
    type: "BIT(64)",
    values: hex("ffffffffffffffff", "00", "27", "5c5c", "8000000000000000", "01"),
    key: true,
  },
  {
    name: "decimal",
    type: "DECIMAL(65,30)",
    values: [
      `-${"9".repeat(35)}.${"9".repeat(30)}`,
      `${"9".repeat(35)}.${"9".repeat(30)}`,
      "0",
      "-0.000000000000000000000000000001",
      "1.5",
      "-1",
    ],
    key: true,
  },
  { name: "decimal0", type: "DECIMAL(10,0)", values: ["-9999999999", "9999999999", "0", "1", "-1", "12"], key: true },
  {
    name: "float",
    keyless: true,
    found: { keyless: "changed" },
    type: "FLOAT",
    values: [
      "3.4028234663852886e38",
      "1.401298464324817e-45",
      "5592405.5",
      "-0e0",
      "0.1",
      "16777216",
      "1.1754943508222875e-38",
      "-123456.789",
    ],
  },
  {
    name: "float_key",
    found: { keyed: "changed" },
    type: "FLOAT",
    values: ["5592405.5", "0.1", "16777217.0", "1.5", "2.5", "3.25"],
    key: true,
  },
  {
    name: "double",
    type: "DOUBLE",
    values: [
      "1.7976931348623157e308",
      "5e-324",
      "0.1",
      "-0e0",
      "2.2250738585072014e-308",
      "123456789.12345678",
      "1e20",
      "-9.4e-7",
    ],
    key: true,
  },
  { name: "year", type: "YEAR", values: ["0", "1901", "2155", "2000", "1970", "2024"], key: true },
  {
    name: "date",
    type: "DATE",
    values: text("0000-00-00", "2024-00-15", "0001-01-01", "9999-12-31", "2024-05-06"),
    key: true,
  },
  {
    name: "date_impossible",
    type: "DATE",
    values: text("2024-02-31", "2023-02-29", "2024-04-31", "2024-05-06", "2024-05-07", "2024-05-08"),
    key: true,
    found: { plain: "changed", keyed: "stops" },
  },
  {
    name: "datetime_impossible",
    type: "DATETIME",
    values: text(
      "2024-02-31 01:02:03",
      "2023-02-29 00:00:00",
      "2024-04-31 00:00:00",
      "2024-05-06 00:00:00",
      "2024-05-07 00:00:00",
      "2024-05-08 00:00:00",
    ),
    key: true,
    found: { plain: "changed", keyed: "stops" },
  },
  {
    name: "datetime6",
    type: "DATETIME(6)",
    values: text(
      "0000-00-00 00:00:00",
      "2024-05-00 01:02:03.000001",
      "9999-12-31 23:59:59.999999",
      "0001-01-01 00:00:00",
      "2024-05-06 07:08:09.1",
      "2024-05-06 07:08:09",
    ),
    key: true,
  },
  {
    name: "datetime",
    type: "DATETIME",
    values: text(
      "0000-00-00 00:00:00",
      "2024-00-00 01:02:03",
      "9999-12-31 23:59:59",
      "0001-01-01 00:00:00",
      "2024-05-06 07:08:09",
      "2024-03-31 02:30:00",
    ),
    key: true,
  },
  {
    name: "timestamp6",
    type: "TIMESTAMP(6) NULL",
    values: text(
      "0000-00-00 00:00:00",
      "1970-01-01 00:00:01.000001",
      "2038-01-19 03:14:07.499999",
      "2024-10-27 00:30:00.5",
      "2024-10-27 01:30:00.123456",
      "2024-05-06 07:08:09",
    ),
    key: true,
  },
  {
    name: "timestamp",
    type: "TIMESTAMP NULL",
    values: text(
      "0000-00-00 00:00:00",
      "1970-01-01 00:00:01",
      "2038-01-19 03:14:07",
      "2024-10-27 00:30:00",
      "2024-10-27 01:30:00",
      "2024-05-06 07:08:09",
    ),
    key: true,
  },
  {
    name: "time6",
    type: "TIME(6)",
    values: text("-838:59:59", "838:59:59", "-00:00:00.000001", "00:00:00", "12:34:56.789012", "-12:34:56.5"),
    key: true,
  },
  { name: "char_latin1", type: "CHAR(10) CHARACTER SET latin1", values: latin1, key: true },
  { name: "varchar_latin1", type: "VARCHAR(40) CHARACTER SET latin1", values: latin1, key: true },
  { name: "text_latin1", type: "TEXT CHARACTER SET latin1", values: latin1 },
  {
    name: "varchar_latin1_bin",
    type: "VARCHAR(40) CHARACTER SET latin1 COLLATE latin1_bin",
    values: latin1,
    key: true,
  },
  {
    name: "varchar_utf8mb3",
    type: "VARCHAR(40) CHARACTER SET utf8mb3",
    values: text("日本語", "e\u0301", "ÄÖ", "plain", "", "it's \\ ß", "é "),
    key: true,
  },
  {
    name: "text_utf8mb3",
    type: "TEXT CHARACTER SET utf8mb3",
    values: text("日本語", "e\u0301", "ÄÖ", "plain", "", "it's \\ ß", "é "),
  },
  {
    name: "varchar_utf8mb4",
    keyless: true,
    found: { keyless: "changed" },
    type: "VARCHAR(40)",
    values: wide,
    key: true,
  },
  { name: "longtext_utf8mb4", type: "LONGTEXT", values: [...wide, "REPEAT('🚀x', 50000)"] },
  {
    name: "varchar_ascii",
    type: "VARCHAR(40) CHARACTER SET ascii",
    values: text("a", "it's", "\\", "", "b c", "z"),
    key: true,
  },
  { name: "varchar_utf16", type: "VARCHAR(40) CHARACTER SET utf16", values: wide, key: true },
  {
    name: "varchar_sjis",
    type: "VARCHAR(40) CHARACTER SET sjis",
    values: text("日本語", "表示", "ソ", "plain", "", "ｱｲｳ"),
    key: true,
  },
  {
    name: "varchar_cp1251",
    type: "VARCHAR(40) CHARACTER SET cp1251",
    values: text("привет", "Ж", "я", "plain", "", "мир"),
    key: true,
  },
  {
    name: "enum",
    type: "ENUM('a','b','it''s','x,y','')",
    values: ["'a'", "'b'", "'it''s'", "'x,y'", "''", "1"],
    key: true,
  },
  // The error value, which a failed INSERT leaves, is no member.
  { name: "enum_error", type: "ENUM('a','b')", values: ["0", "'a'", "'b'", "0", "'a'", "'b'"] },
  {
    name: "enum_latin1",
    found: "changed",
    type: "ENUM('grün','blåbær','plain','ß') CHARACTER SET latin1",
    values: ["'grün'", "'blåbær'", "'plain'", "'ß'", "1", "2"],
  },
  {
    name: "enum_latin1_ascii",
    type: "ENUM('a','b','it''s','d','e','f') CHARACTER SET latin1",
    values: text("a", "b", "it's", "d", "e", "f"),
    key: true,
  },
  {
    name: "enum_ascii",
    type: "ENUM('a','b','c','d','e','f') CHARACTER SET ascii",
    values: text("a", "b", "c", "d", "e", "f"),
    key: true,
  },
  {
    name: "enum_utf16",
    found: "changed",
    type: "ENUM('ab','b','c') CHARACTER SET utf16",
    values: ["'ab'", "'b'", "'c'", "1", "2", "3"],
  },
  {
    name: "enum_binary",
    type: "ENUM('grün','b','c') CHARACTER SET binary",
    values: ["'grün'", "'b'", "'c'", "1", "2", "3"],
  },
  {
    name: "enum_bmp",
    type: "ENUM('grün','日本','plain','ß')",
    values: ["'grün'", "'日本'", "'plain'", "'ß'", "1", "2"],
  },
  {
    name: "enum_utf8mb4",
    found: "changed",
    type: "ENUM('grün','日本','plain','🚀')",
    values: ["'grün'", "'日本'", "'plain'", "'🚀'", "1", "2"],
  },
  {
    name: "enum_utf8mb3",
    type: "ENUM('grün','日本','plain','ß') CHARACTER SET utf8mb3",
    values: ["'grün'", "'日本'", "'plain'", "'ß'", "1", "2"],
    key: true,
  },
  {
    name: "set",
    type: "SET('a','b','it''s','c')",
    values: ["''", "'a'", "'a,b'", "'it''s,c'", "15", "'b'"],
    key: true,
  },
  {
    name: "set_latin1",
    found: "changed",
    type: "SET('grün','blåbær','ß') CHARACTER SET latin1",
    values: ["'grün'", "'grün,ß'", "''", "7", "'blåbær'", "'ß'"],
  },
  {
    name: "set_latin1_ascii",
    type: "SET('a','b','it''s') CHARACTER SET latin1",
    values: text("", "a", "a,b", "it's", "a,b,it's", "b"),
    key: true,
  },
  {
    name: "set_bmp",
    type: "SET('grün','日本','ß')",
    values: ["'grün'", "'grün,ß'", "''", "7", "'日本'", "'ß'"],
  },
  {
    name: "set_utf8mb4",
    found: "changed",
    type: "SET('grün','日本','🚀')",
    values: ["'grün'", "'grün,🚀'", "''", "7", "'日本'", "'🚀'"],
  },
  { name: "blob", type: "BLOB", values: hex("00ff27225c0a0d1a", "", "e4f6fc", "00", "ff", "f09f9a80") },
  {
    name: "varbinary",
    type: "VARBINARY(20)",
    values: hex("00ff27225c0a0d1a", "", "e4f6fc", "00", "ff", "f09f9a80", "610000"),
    key: true,
  },
  {
    name: "binary6",
    type: "BINARY(6)",
    values: hex("00ff27225c0a", "", "e4f6fc", "000000000001", "ff", "610000"),
    key: true,
  },
  {
    name: "json_plain",
    keyless: true,
    found: { keyless: "changed" },
    more: jsonTypes,
    type: "JSON",
    values: text(
      '{"b": 1, "a": [1, 2, {"c": null}], "é🚀": "日本 \\" \\\\ \\n"}',
      "[]",
      "{}",
      '"text"',
      "null",
      "true",
      "18446744073709551615",
      "-9223372036854775808",
      '["<a href=\'x\'>&amp;</a>", "\u2028\u2029", "\\u0001\\u001f\\u007f", "/"]',
      '{"": "", "k": false}',
      "0",
    ),
  },
  {
    name: "json_double",
    found: "changed",
    more: jsonTypes,
    type: "JSON",
    values: text(
      "1.0",
      "0.1",
      "1e20",
      "1e100",
      "-0.0",
      "1e-7",
      "1.7976931348623157e308",
      "5e-324",
      "[123456789.12345678, 1e15, 1e16, 1e17, 100.0]",
    ),
  },
  {
    name: "json_large",
    type: "JSON",
    values: [
      ...text('{"k": 1}'),
      "JSON_OBJECT('k', REPEAT('🚀x', 30000), 'l', 1)",
      "JSON_ARRAY(REPEAT('x', 70000), JSON_OBJECT('deep', REPEAT('y', 70000)))",
      ...text("1", "2", "3"),
    ],
  },
  {
    name: "json_decimal",
    more: jsonTypes,
    type: "JSON",
    values: [
      "CAST(CAST('1.10' AS DECIMAL(10,2)) AS JSON)",
      "JSON_OBJECT('x', CAST('123456789012345678901234567890.5' AS DECIMAL(40,10)))",
      "CAST(1.5 AS JSON)",
      "JSON_ARRAY(0.10)",
      "CAST(-7.000 AS JSON)",
      "CAST(3.0 AS JSON)",
    ],
  },
  {
    name: "json_date",
    found: "changed",
    more: jsonTypes,
    type: "JSON",
    values: [
      "CAST(DATE'2024-05-06' AS JSON)",
      "JSON_OBJECT('x', DATE'2024-05-06')",
      "CAST(DATE'0001-01-01' AS JSON)",
      "JSON_ARRAY(DATE'9999-12-31')",
      "CAST(DATE'1970-01-01' AS JSON)",
      "CAST(DATE'2000-02-29' AS JSON)",
    ],
  },
  {
    name: "json_time",
    found: "changed",
    more: jsonTypes,
    type: "JSON",
    values: [
      "CAST(TIME'12:34:56.789012' AS JSON)",
      "JSON_OBJECT('x', TIME'-01:02:03')",
      "CAST(TIME'00:00:00' AS JSON)",
      "JSON_ARRAY(TIME'838:59:59')",
      "CAST(TIME'01:00:00' AS JSON)",
      "CAST(TIME'02:00:00' AS JSON)",
    ],
  },
  {
    name: "json_datetime",
    found: "changed",
    more: jsonTypes,
    type: "JSON",
    values: [
      "CAST(TIMESTAMP'2024-05-06 07:08:09.123456' AS JSON)",
      "JSON_OBJECT('x', TIMESTAMP'2024-05-06 07:08:09')",
      "CAST(TIMESTAMP'0001-01-01 00:00:00' AS JSON)",
      "JSON_ARRAY(TIMESTAMP'9999-12-31 23:59:59')",
      "CAST(TIMESTAMP'2024-01-01 00:00:00' AS JSON)",
      "CAST(TIMESTAMP'2024-01-02 00:00:00' AS JSON)",
    ],
  },
  {
    name: "json_opaque",
    found: "retries",
    more: jsonTypes,
    type: "JSON",
    values: [
      "CAST(x'00ff41' AS JSON)",
      "JSON_OBJECT('x', x'e4f6')",
      "JSON_ARRAY(b'101')",
      "CAST(x'' AS JSON)",
      "CAST(x'01' AS JSON)",
      "CAST(x'02' AS JSON)",
    ],
  },
  {
    name: "json_partial",
    type: "JSON",
    session: "SET SESSION binlog_row_value_options = PARTIAL_JSON",
    values: [
      "JSON_OBJECT('k', 'a', 'l', JSON_ARRAY(1, 2))",
      "JSON_SET(v, '$.k', 'b')",
      "JSON_OBJECT('k', 'c', 'm', REPEAT('x', 500))",
      "JSON_REMOVE(v, '$.m')",
      "JSON_OBJECT('k', 'dd')",
      "JSON_REPLACE(v, '$.k', 'e')",
    ],
  },
  {
    name: "point",
    type: "POINT",
    values: [
      "ST_GeomFromText('POINT(1 2)')",
      "ST_GeomFromText('POINT(-1.5 1e300)')",
      "ST_GeomFromText('POINT(0 0)')",
      "NULL",
      "ST_GeomFromText('POINT(3 4)')",
      "ST_GeomFromText('POINT(5 6)')",
    ],
  },
  {
    name: "point4326",
    type: "POINT SRID 4326",
    values: [
      "ST_GeomFromText('POINT(1 2)', 4326)",
      "ST_GeomFromText('POINT(48.2 16.37)', 4326)",
      "ST_GeomFromText('POINT(0 0)', 4326)",
      "NULL",
      "ST_GeomFromText('POINT(3 4)', 4326)",
      "ST_GeomFromText('POINT(5 6)', 4326)",
    ],
  },
  {
    name: "geometry",
    type: "GEOMETRY",
    values: [
      "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(0 0, 1 1))')",
      "ST_GeomFromText('POLYGON((0 0, 0 5, 5 5, 0 0))', 3857)",
      "ST_GeomFromText('LINESTRING(0 0, 1 1, 2 0)', 4326)",
      "NULL",
      "ST_GeomFromText('POINT(3 4)')",
      "ST_GeomFromText('MULTIPOINT(1 2, 3 4)')",
    ],
  },
  {
    name: "vector",
    type: "VECTOR(3)",
    values: [
      "TO_VECTOR('[1,2,3]')",
      "TO_VECTOR('[0.1,-1e30,5]')",
      "NULL",
      "TO_VECTOR('[0,0,0]')",
      "TO_VECTOR('[4,5,6]')",
      "TO_VECTOR('[7,8,9]')",
    ],
  },
  {
    name: "generated",
    type: "INT",
    more: "g INT AS (v * 2) STORED, w VARCHAR(20) AS (CONCAT('w', v)) VIRTUAL, KEY (g), KEY (w)",
    values: ["1", "2", "3", "4", "5", "6"],
  },
  { name: "generated_first", type: "INT", values: ["1", "2", "3", "4", "5", "6"] },
  {
    name: "invisible",
    type: "INT INVISIBLE",
    more: "last VARCHAR(10) DEFAULT 'z'",
    values: ["1", "2", "3", "4", "5", "6"],
    listed: ["id", "n", "v", "last"],
  },
  { name: "odd_name", type: "INT", column: "o`dd näme?", values: ["1", "2", "3", "4", "5", "6"] },
  { name: "keyword", type: "INT", column: "Select", values: ["1", "2", "3", "4", "5", "6"], key: true },
  {
    name: "defaults",
    type: "VARCHAR(20) DEFAULT 'dflt'",
    more: "d TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)",
    listed: ["id", "n", "v", "d"],
    values: text("a", "b", "c", "d", "e", "f"),
  },
];

/** The shapes a case is tried in. */
export function shapesOf({ name, key, keyless }: StreamCase): Shape[] {
  return [
    "plain",
    ...(key ? ["keyed" as const] : []),
    ...(keyless ? (["unique", "keyless"] as const) : []),
    ...(name === "tinyint" ? ["bag" as const] : []),
  ];
}

/** What was found for a shape; null: it arrives exactly. */
export function foundOf({ found }: StreamCase, shape: Shape): Found | null {
  return (typeof found === "object" ? found[shape] : found) ?? null;
}

const columnOf = (one: StreamCase): string => quoteName(one.column ?? "v");

/** `CREATE TABLE` of a case. */
export function createCase(one: StreamCase, shape: Shape, name: string): string {
  return `CREATE TABLE ${name} (${definition(one, shape)}) DEFAULT CHARSET = utf8mb4`;
}

function definition(one: StreamCase, shape: Shape): string {
  const v = columnOf(one);
  if (shape === "keyed") return `${v} ${one.type.replace(/ NULL$/, "")} NOT NULL PRIMARY KEY, n INT`;
  const more = one.more === undefined ? "" : `, ${one.more}`;
  if (shape === "keyless" || shape === "bag") return `n INT, ${v} ${one.type}${more}`;
  const first = one.name === "generated_first" ? "g INT AS (n * 2) STORED, " : "";
  const key = shape === "plain" ? "PRIMARY KEY" : "NOT NULL UNIQUE";
  return `${first}id INT ${key}, n INT, ${v} ${one.type}${more}`;
}

/** The SELECT of a stream's rule. */
export function selectOf(one: StreamCase, shape: Shape, style: Style, name: string): string {
  if (style === "star") return `select * from ${name}`;
  const v = one.column ?? "v";
  const names = shape === "plain" || shape === "unique" ? (one.listed ?? ["id", "n", v]) : ["n", v];
  return `select ${names.map((column) => `${quoteName(column)} as ${quoteName(column)}`).join(", ")} from ${name}`;
}

/** Rows that are on both sides before the stream begins. */
export function preload(one: StreamCase, shape: Shape, name: string): string[] {
  const v = columnOf(one);
  const usable = usableValues(one, shape);
  const rows = (numbers: readonly number[]): string[] =>
    [...usable, "NULL"].flatMap((value, i) =>
      numbers.map((base) => `INSERT INTO ${name} (n, ${v}) VALUES (${base + i}, ${value})`),
    );
  switch (shape) {
    case "keyed":
      return usable.slice(0, 3).map((value, i) => `INSERT INTO ${name} (${v}, n) VALUES (${value}, ${i})`);
    case "keyless":
      return rows([100, 200, 300, 400]);
    case "bag":
      return rows([100, 100, 200, 200, 300, 300]);
    case "plain":
    case "unique":
      return [...usable, "NULL"].flatMap((value, i) =>
        [100, 200, 300, 400, 500].map((base) => `INSERT INTO ${name} (id, n, ${v}) VALUES (${base + i}, 0, ${value})`),
      );
  }
}

/** What happens on the source once the stream has begun: every kind of event, each on rows of its own. */
export function events(one: StreamCase, shape: Shape, name: string): string[] {
  const v = columnOf(one);
  const usable = usableValues(one, shape);
  if (shape === "keyed") {
    const [, , , to = "", ...inserted] = usable;
    // Rows are found by n: not every value is equal to itself (FLOAT).
    return [
      `UPDATE ${name} SET n = 100 WHERE n = 0`,
      `DELETE FROM ${name} WHERE n = 1`,
      `UPDATE ${name} SET ${v} = ${to} WHERE n = 2`,
      ...inserted
        .slice(0, 2)
        .flatMap((value, i) => [
          `INSERT INTO ${name} (${v}, n) VALUES (${value}, ${50 + i})`,
          `UPDATE ${name} SET n = ${60 + i} WHERE n = ${50 + i}`,
        ]),
    ];
  }
  const all = [...one.values, "NULL"];
  return [...usable, "NULL"].flatMap((value, i) => {
    const next = all[(all.indexOf(value) + 1) % all.length];
    if (shape === "keyless" || shape === "bag") {
      return [
        `UPDATE ${name} SET ${v} = ${next} WHERE n = ${100 + i} LIMIT 1`,
        `UPDATE ${name} SET n = ${1000 + i} WHERE n = ${200 + i} LIMIT 1`,
        `DELETE FROM ${name} WHERE n = ${300 + i} LIMIT 1`,
        `INSERT INTO ${name} (n, ${v}) VALUES (${600 + i}, ${value})`,
      ];
    }
    return [
      `UPDATE ${name} SET ${v} = ${next} WHERE id = ${100 + i}`,
      `UPDATE ${name} SET n = 1 WHERE id = ${200 + i}`,
      `UPDATE ${name} SET id = ${1300 + i} WHERE id = ${300 + i}`,
      `DELETE FROM ${name} WHERE id = ${400 + i}`,
      `INSERT INTO ${name} (id, n, ${v}) VALUES (${600 + i}, 0, ${value})`,
      `INSERT INTO ${name} (id, n, ${v}) VALUES (${700 + i}, 0, ${value})`,
      `UPDATE ${name} SET ${v} = ${next} WHERE id = ${700 + i}`,
      `INSERT INTO ${name} (id, n, ${v}) VALUES (${800 + i}, 0, ${value}), (${900 + i}, 2, ${value})`,
      `DELETE FROM ${name} WHERE id = ${800 + i}`,
    ];
  });
}

/** Those that can be inserted; in a key each once, and numbers of members are other members' names. */
function usableValues(one: StreamCase, shape: Shape): string[] {
  const members = /^(ENUM|SET)/.test(one.type);
  return one.values.filter((value) => !/\bv\b/.test(value) && !(shape === "keyed" && members && /^\d+$/.test(value)));
}
