import type { Proof } from "./proof.ts";
import * as values from "./proof-values.ts";

const salt = "pepper ü '\\ 😀";
const { wideTexts, latinTexts, decimals, dates, documents } = values;

const varchar = ["varchar(60)", wideTexts] as const;
const char = ["char(60)", wideTexts] as const;
const latin = ["varchar(60) character set latin1", latinTexts] as const;
const latinChar = ["char(60) character set latin1", latinTexts] as const;
const utf16 = ["varchar(60) character set utf16 collate utf16_bin", wideTexts] as const;
const textColumns = { v: varchar, c: char, l: latin, lc: latinChar, u: utf16 };
const int = ["int", values.integers(32, false)] as const;
const bigint = ["bigint", values.integers(64, false)] as const;
const unsigned = ["bigint unsigned", values.integers(64, true)] as const;
const decimal = ["decimal(5,2)", decimals] as const;
const small = ["smallint", ["0", "1", "-1", "42", "-42", "1000", "-1000", "50", "49", "150", "-150"]] as const;
const date = ["date", dates] as const;
const datetime = ["datetime", values.datetimes(0)] as const;
const datetime6 = ["datetime(6)", values.datetimes(6)] as const;
const timestamp3 = ["timestamp(3) null", values.timestamps(3)] as const;
const json = ["json", documents] as const;
const enumeration = ["enum('a','é€','B','it''s')", ["'a'", "2", "'B'", "4", "0"]] as const;
const latinEnum = ["enum('ä','ö') character set latin1", ["'ä'", "'ö'", "0"]] as const;
const blob = ["blob", ["x''", "x'00ff'", "'abc'", "x'e4b8ad'"]] as const;
const bit = ["bit(12)", ["0", "1", "4095", "65"]] as const;
const float = ["float", ["0", "0.1", "-1.5", "16777216", "3.4e38", "-1.17549435e-38", "-9.425597e-7"]] as const;
const double = [
  "double",
  ["0", "0.1", "-1.5", "1e300", "-3.3333333333333334e-301", "123456789012345680", "-9.425597032532095e-7"],
] as const;
const year = ["year", ["0", "1901", "2155", "2024"]] as const;
const time = ["time(3)", ["'-838:59:59'", "'00:00:00'", "'12:30:00.25'", "'-00:00:00.5'"]] as const;
const set = ["set('a','é','c')", ["''", "'a'", "'a,é'", "7"]] as const;
const point = ["point", ["ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('POINT(52.5 13.4)', 4326)"]] as const;
const vector = ["vector(2)", ["x'0000803f00000040'"]] as const;
const zerofill = ["int(4) unsigned zerofill", ["0", "7", "4294967295"]] as const;

const everything = {
  v: varchar,
  l: latin,
  u: utf16,
  int,
  unsigned,
  decimal,
  float,
  double,
  bit,
  blob,
  enumeration,
  latinEnum,
  set,
  json,
  date,
  time,
  datetime6,
  timestamp3,
  year,
  point,
  vector,
};

/** One step for each of these columns. */
const each = (name: string, columns: Proof["columns"], parameters: object = {}): Proof["steps"] =>
  Object.keys(columns).map((column) => ({ [name]: { column, ...parameters } }));

const constants: Readonly<Record<string, unknown>> = {
  v: "Ünïcödé 😀 '\\",
  l: "é€",
  u: "漢字",
  int: -7,
  unsigned: "18446744073709551615",
  decimal: "1.5",
  float: 0.1,
  double: 0.1,
  bit: 5,
  blob: "0x00ff",
  enumeration: "it's",
  latinEnum: "ö",
  set: "a,c",
  json: { b: 1, a: "é😀" },
  date: "2024-02-29",
  time: "-12:00:00.5",
  datetime6: "2024-02-29 01:02:03.4",
  timestamp3: "2024-02-29 01:02:03.4",
  year: 2024,
  point: "0x00000000010100000000000000000000000000000000000000",
  vector: "0x0000803f00000000",
};

/** Chains whose twins are proven; every transform that has a twin is in one of them. */
export const proofs: Readonly<Record<string, Proof>> = {
  "keep, rename, drop": {
    columns: { v: varchar, l: latin },
    steps: [{ keep: { columns: ["v"] } }, { rename: { column: "v", to: "w" } }, { drop: { columns: ["l"] } }],
  },
  "set of every kind": {
    columns: everything,
    steps: Object.entries(constants).map(([column, value]) => ({ set: { column, value } })),
  },
  "set for some rows, of every kind": {
    columns: everything,
    steps: Object.entries(constants).map(([column, value]) => ({
      set: { column, value },
      when: [{ id: { in: [1, 3, 5, 7] } }, { id: { ge: 12 } }],
    })),
  },
  "default of every kind": {
    columns: everything,
    steps: Object.entries(constants).map(([column, value]) => ({ default: { column, value } })),
  },
  "nullify of every kind": { columns: everything, steps: each("nullify", everything) },
  "nullify for some rows": {
    columns: everything,
    steps: each("nullify", everything).map((s) => ({ ...s, when: { id: { lt: 3 } } })),
  },
  "redact of every kind": {
    columns: everything,
    steps: Object.entries(constants).map(([column, value]) => ({ redact: { column, value } })),
  },
  "redact by default": {
    columns: {
      v: ["varchar(3)", ["''", "'a'"]],
      l: latin,
      int,
      decimal,
      float,
      double,
      blob,
      json,
      date,
      datetime6,
      timestamp3,
    },
    steps: each("redact", {
      v: 0,
      l: 0,
      int: 0,
      decimal: 0,
      float: 0,
      double: 0,
      blob: 0,
      json: 0,
      date: 0,
      datetime6: 0,
      timestamp3: 0,
    } as never),
  },
  "copy of every kind, and then hash": {
    columns: everything,
    steps: Object.keys(everything).flatMap((column) => [
      { copy: { column, to: `${column} copy` } },
      { hash: { column, salt } },
    ]),
  },
  "copy of a copy, hashed": {
    columns: everything,
    steps: Object.keys(everything).flatMap((column) => [
      { copy: { column, to: `${column} copy` } },
      { hash: { column: `${column} copy`, salt, encoding: "base64" } },
    ]),
  },
  "hash of a zero-filled number": {
    columns: { zerofill },
    steps: each("hash", { zerofill }, { salt, encoding: "bigint" }),
  },
  "constants for some rows, hashed": {
    columns: everything,
    steps: Object.entries(constants).flatMap(([column, value]) => [
      { set: { column, value }, when: { id: { gt: 2 } } },
      { hash: { column, salt } },
    ]),
  },
  "map of text": {
    columns: { v: varchar, l: latin },
    steps: [
      { map: { column: "v", values: { "": "was empty", á: "acute", é: null, "😀": "漢" }, otherwise: "keep" } },
      { map: { column: "l", values: { a: "é€" }, otherwise: { value: "other" } } },
    ],
  },
  "map of other kinds": {
    columns: { int, decimal, enumeration, bit, datetime6, json, blob },
    steps: [
      { map: { column: "int", type: "varchar(10)", values: { "7": "seven", "-1": null }, otherwise: { value: "é" } } },
      { map: { column: "decimal", values: { "0.5": 1, "7": "7.77" }, otherwise: "keep" } },
      { map: { column: "enumeration", values: { a: "it's" }, otherwise: "keep" } },
      { map: { column: "bit", values: { "65": 66 }, otherwise: "keep" } },
      {
        map: {
          column: "datetime6",
          values: { "2024-02-29 23:59:59.123456": "2024-03-01 00:00:00" },
          otherwise: "keep",
        },
      },
      { map: { column: "json", values: { '{"a": 1}': { b: 2 } }, otherwise: "keep" } },
      { map: { column: "blob", values: { "0x00ff": "0x01" }, otherwise: "keep" } },
    ],
  },
  "map that knows all values": {
    columns: { v: ["varchar(5)", ["'m'", "'f'"]], n: ["tinyint", ["0", "1"]] },
    steps: [
      { map: { column: "v", type: "varchar(10) character set latin1", values: { m: "Männlich", f: "female" } } },
      { map: { column: "n", values: { 0: 1, 1: 0 } } },
    ],
  },
  "case upper": { columns: textColumns, steps: each("case", textColumns, { to: "upper" }) },
  "case lower for some rows": {
    columns: textColumns,
    steps: each("case", textColumns, { to: "lower" }).map((step) => ({ ...step, when: { v: { contains: "a" } } })),
  },
  trim: { columns: textColumns, steps: each("trim", textColumns) },
  "trim of another character": {
    columns: textColumns,
    steps: each("trim", textColumns, { character: "x", side: "start" }),
  },
  "trim at the end": {
    columns: { v: varchar, u: utf16 },
    steps: each("trim", { v: varchar, u: utf16 }, { character: "😀", side: "end" }),
  },
  substring: {
    columns: { ...textColumns, blob },
    steps: each("substring", { ...textColumns, blob }, { from: 2, length: 3 }),
  },
  "substring from the end": {
    columns: { ...textColumns, blob },
    steps: each("substring", { ...textColumns, blob }, { from: -3 }),
  },
  replace: { columns: textColumns, steps: each("replace", textColumns, { find: "a", with: "é" }) },
  "replace by nothing": { columns: textColumns, steps: each("replace", textColumns, { find: "aa" }) },
  mask: { columns: textColumns, steps: each("mask", textColumns, { keepFirst: 1, keepLast: 2 }) },
  "mask all": { columns: { v: varchar, u: utf16 }, steps: each("mask", { v: varchar, u: utf16 }, { with: "•" }) },
  prefix: {
    columns: {
      v: ["varchar(90)", wideTexts],
      l: ["varchar(90) character set latin1", latinTexts],
      c: ["char(80)", wideTexts],
    },
    steps: each("prefix", { v: varchar, l: latin, c: char }, { prefix: "é-" }),
  },
  template: {
    columns: {
      v: varchar,
      l: latin,
      decimal,
      float,
      double,
      json,
      datetime6,
      timestamp3,
      time,
      year,
      set,
      enumeration,
      zerofill,
    },
    steps: [
      { template: { column: "t1", type: "text", template: "{v}/{l} {{}{decimal} é {zerofill}" } },
      {
        template: {
          column: "t2",
          type: "text",
          template: "{float} {double} {year} {time} {set}{enumeration}",
          nulls: "empty",
        },
      },
      { template: { column: "t3", type: "char(255)", template: "{datetime6} {timestamp3} ", nulls: "empty" } },
      { template: { column: "l", template: "{id}" } },
    ],
  },
  offset: {
    columns: { small, unsigned: ["bigint unsigned", ["0", "1", "9223372036854775808", "18446744073709550000"]] },
    steps: each("offset", { small, unsigned }, { by: 1000 }),
  },
  "offset below zero": {
    columns: { bigint: ["bigint", ["0", "9223372036854775807", "-9223372036854775000"]] },
    steps: each("offset", { bigint }, { by: "-808" }),
  },
  clamp: {
    columns: { int, bigint, unsigned, decimal, small },
    steps: each("clamp", { int, bigint, unsigned, decimal, small }, { min: 7, max: 50 }),
  },
  "clamp on one side": {
    columns: { bigint, unsigned, decimal },
    steps: each("clamp", { bigint, unsigned, decimal }, { max: 1 }),
  },
  round: {
    columns: { decimal, small },
    steps: [
      ...each("round", { small }, { places: -2 }),
      { round: { column: "decimal", places: 1 }, when: { decimal: { lt: 900, gt: -900 } } },
    ],
  },
  "round to whole numbers, then hash": {
    columns: { d: ["decimal(9,4)", decimals] },
    steps: [{ round: { column: "d", places: 0 } }, { hash: { column: "d", salt } }],
  },
  noise: {
    columns: { int, bigint, unsigned, decimal, small, v: varchar },
    steps: [
      ...each("noise", { int, bigint, unsigned, small }, { amount: 12, salt }),
      { noise: { column: "decimal", amount: "1.5", salt, by: "v" } },
    ],
  },
  pseudonyms: {
    columns: { a: varchar, b: latin, c: utf16, d: char, e: varchar },
    steps: ["email", "name", "phone", "uuid", "ip"].map((kind, i) => ({
      pseudonym: { column: "abcde"[i], kind, salt },
    })),
  },
  zeroDate: {
    columns: { date, datetime, datetime6, timestamp3 },
    steps: [
      ...each("zeroDate", { date, datetime6 }),
      { zeroDate: { column: "datetime", to: "1970-01-01 00:00:00" } },
      { zeroDate: { column: "timestamp3", to: "1970-01-02 00:00:00.5" } },
    ],
  },
  ...Object.fromEntries(
    ["year", "month", "day", "hour", "minute", "second"].map((to) => [
      `dateTruncate to ${to}`,
      {
        columns: {
          date,
          datetime,
          datetime6,
          timestamp3: ["timestamp(3) null", ["'0000-00-00 00:00:00'", "'2024-02-29 23:59:59.123'"]] as const,
        },
        steps: each("dateTruncate", { date, datetime, datetime6, timestamp3 }, { to }),
      },
    ]),
  ),
  "dateShift by days": {
    columns: {
      date: ["date", dates.filter((d) => !d.startsWith("'9999"))],
      datetime: ["datetime", values.datetimes(0).filter((d) => !d.startsWith("'9999"))],
      timestamp3: ["timestamp(3) null", values.timestamps(3).slice(0, 2)],
    },
    steps: each("dateShift", { date, datetime, timestamp3 }, { days: 400 }),
  },
  "dateShift by another column": {
    columns: {
      date: ["date", ["'2024-02-29'", "'0000-00-00'", "'1900-03-01'", "'2023-12-31'"]],
      datetime6: ["datetime(6)", ["'2024-02-29 23:59:59.123456'", "'1500-03-01 00:00:00'"]],
      v: varchar,
    },
    steps: each("dateShift", { date, datetime6 }, { within: 365, by: "v", salt }),
  },
  timezone: {
    columns: { datetime, datetime6 },
    steps: each("timezone", { datetime, datetime6 }, { from: "+05:30", to: "+05:00" }),
  },
  enumRepair: {
    columns: { enumeration, latinEnum },
    steps: [{ enumRepair: { column: "enumeration", to: "it's" } }, { enumRepair: { column: "latinEnum" } }],
  },
  charsetRepair: { columns: textColumns, steps: each("charsetRepair", textColumns) },
  "cast to text": {
    columns: {
      v: varchar,
      l: latin,
      int,
      unsigned,
      decimal,
      float,
      double,
      enumeration,
      latinEnum,
      set,
      json,
      date,
      time,
      datetime6,
      timestamp3,
      year,
    },
    steps: [
      "v",
      "l",
      "int",
      "unsigned",
      "decimal",
      "float",
      "double",
      "enumeration",
      "latinEnum",
      "set",
      "json",
      "date",
      "time",
      "datetime6",
      "timestamp3",
      "year",
    ].map((column) => ({ cast: { column, type: column === "int" ? "char(40)" : "text" } })),
  },
  "cast of numbers and dates": {
    columns: {
      small,
      n: ["decimal(5,0)", ["0", "-7", "99"]],
      decimal,
      date,
      datetime6,
      timestamp3: ["timestamp(3) null", ["'2024-02-29 23:59:59.123'"]],
    },
    steps: [
      { cast: { column: "small", type: "decimal(10,3)" } },
      { cast: { column: "n", type: "bigint" } },
      { cast: { column: "decimal", type: "decimal(20,6)" } },
      { cast: { column: "date", type: "datetime(2)" } },
      { cast: { column: "datetime6", type: "date" } },
      { cast: { column: "timestamp3", type: "date" } },
    ],
  },
  filter: {
    columns: { int, unsigned, v: varchar },
    steps: [
      {
        filter: {
          where: {
            int: { gt: 0, notIn: [42, 99] },
            unsigned: { null: false, not: 1 },
            id: { in: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
          },
        },
      },
    ],
  },
  conditions: {
    columns: {
      v: varchar,
      l: latin,
      decimal,
      datetime6,
      timestamp3,
      date,
      year,
      enumeration,
      set,
      json,
      flag: ["varchar(9)", ["''"]],
    },
    steps: [
      { v: { is: "a" } },
      { v: { not: "a" } },
      { v: { in: ["á", "e\u0301", ""] } },
      { v: { notIn: ["á"] } },
      { v: { startsWith: "a" } },
      { v: { endsWith: "A" } },
      { v: { contains: "😀" } },
      { l: { contains: "é" } },
      { l: "é" },
      { v: null },
      { v: { null: false } },
      { decimal: { ge: "0.50", lt: 42.42 } },
      { datetime6: { gt: "2024-02-29" } },
      { timestamp3: { le: "2024-02-29 23:59:59.123" } },
      { date: { lt: "1970-01-01" } },
      { year: { ge: 1901 } },
      { enumeration: "é€" },
      { set: "a,é" },
      { json: { not: { a: 1 } } },
      [{ v: "a" }, { l: "é" }, { v: null, l: null }],
    ].map((when, i) => ({
      set: { column: `f${i}`, type: "int", value: 1 },
      when: typeof when === "object" && "json" in when ? { json: { is: "null" } } : when,
    })),
  },
  sql: {
    columns: {
      v: varchar,
      l: latin,
      u: utf16,
      int,
      unsigned,
      decimal,
      float,
      double,
      date,
      datetime6,
      timestamp3,
      time,
      json,
      enumeration,
      set,
      year,
    },
    steps: [
      { sql: { column: "v", expression: "UPPER(CONCAT(`v`, 'é', `l`, \"it's\", `u`))", type: "varchar(300)" } },
      { sql: { column: "length", type: "int", expression: "CHAR_LENGTH(`v`) + CHAR_LENGTH(`l`) + LENGTH(`l`)" } },
      { sql: { column: "halves", type: "decimal(20,3)", expression: "`decimal` / 2 + `int`" } },
      { sql: { column: "third", type: "decimal(20,6)", expression: "`double` / 3e290 + `float`" } },
      { sql: { column: "next", type: "date", expression: "DATE_ADD(`date`, INTERVAL 1 MONTH)" } },
      { sql: { column: "day", type: "datetime(3)", expression: "`datetime6` - INTERVAL 90 MINUTE" } },
      { sql: { column: "stamp", type: "timestamp(3) null", expression: "`timestamp3`" } },
      { sql: { column: "member", type: "text", expression: "JSON_UNQUOTE(JSON_EXTRACT(`json`, '$.\"é\"'))" } },
      { sql: { column: "json", expression: "JSON_OBJECT('é', `v`, 'n', `unsigned`, 'd', `enumeration`, 's', `set`)" } },
      { sql: { column: "big", type: "bigint unsigned", expression: "`unsigned` DIV 2 + `year`" } },
      {
        sql: {
          column: "what",
          type: "varchar(20)",
          expression: "CASE WHEN `l` = 'E' THEN 'like é' WHEN `enumeration` = 'a' THEN 'ä' ELSE 'other' END",
        },
      },
      { sql: { column: "fixed", type: "char(20)", expression: "CONCAT(LEFT(`l`, 3), '  ')" } },
      { sql: { column: "bytes", type: "binary(40)", expression: "UNHEX(SHA2(`l`, 256))" } },
      { sql: { column: "late", type: "time(3)", expression: "ADDTIME(`time`, '00:00:01.5')" } },
      { hash: { column: "what", salt } },
    ],
  },
  "json set, remove and redact": {
    columns: { json, flat: json, deep: json, v: varchar },
    steps: [
      { json: { column: "json", set: { "$.a.b": "é", "$.new": { k: [1, 2.5] }, "$.é": null, "$.zz.a": 1 } } },
      { json: { column: "flat", remove: ["$.a", "$.é", "$.nothing.there"], redact: ['$."quote\\""'] } },
      { json: { column: "deep", redact: ["$.a.b", "$.bb.a.c"], remove: ["$.a.d"] }, when: { v: { not: "a" } } },
      { hash: { column: "flat", salt } },
    ],
  },
};
