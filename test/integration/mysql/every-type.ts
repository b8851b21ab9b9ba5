import type { Column } from "../../../src/contracts/schema.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { quoteName } from "../../../src/mysql/identifiers.ts";
import { randomNumbers } from "../../support/random-numbers.ts";

/** A column of the table of every type, and SQL for values of it: extremes first, then random ones. */
interface Sample {
  readonly column: Column;
  readonly definition: string;
  readonly values: readonly string[];
}

const random = randomNumbers(20_261_123);
const upTo = (limit: number): number => Math.floor(random() * limit);
const many = (make: () => string, count = 6): string[] => Array.from({ length: count }, make);
const hex = (length: number): string =>
  `x'${Array.from({ length }, () => upTo(256).toString(16).padStart(2, "0")).join("")}'`;
const digits = (count: number): string => Array.from({ length: count }, () => upTo(10)).join("");
const two = (number: number): string => String(number).padStart(2, "0");
const allBytes = `x'${Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0")).join("")}'`;

function text(alphabet: string, longest: number): string[] {
  const characters = [...alphabet];
  const one = (length: number): string =>
    `'${Array.from({ length }, () => characters[upTo(characters.length)])
      .join("")
      .replaceAll("'", "''")
      .replaceAll("\\", "\\\\")}'`;
  return ["''", "' '", "'0'", one(1), one(longest), ...many(() => one(upTo(longest + 1)))];
}

function integers(bits: number, signed: boolean): string[] {
  const span = 2n ** BigInt(bits);
  const low = signed ? -span / 2n : 0n;
  const high = low + span - 1n;
  return ["0", "1", String(low), String(high), ...many(() => String(low + (BigInt(digits(22)) % span)))];
}

const date = (): string => `${1000 + upTo(9000)}-${two(1 + upTo(12))}-${two(1 + upTo(28))}`;
const clock = (): string => `${two(upTo(24))}:${two(upTo(60))}:${two(upTo(60))}.${digits(6)}`;
const timestamp = (): string => `'${1971 + upTo(66)}-${two(1 + upTo(12))}-${two(1 + upTo(28))} ${clock()}+00:00'`;

function sample(name: string, type: string, values: readonly string[]): Sample {
  return { column: columnFromType(name, type), definition: `${quoteName(name)} ${type}`, values };
}

function temporal(): Sample[] {
  return [0, 1, 2, 3, 4, 5, 6].flatMap((fsp) => [
    sample(`time ${fsp}`, `time(${fsp})`, [
      "'-838:59:59'",
      "'838:59:59'",
      "'00:00:00'",
      "'-00:00:00.5'",
      "'-00:00:01.234567'",
      "'100:00:00.000001'",
      ...many(() => `'${random() < 0.5 ? "-" : ""}${upTo(800)}:${two(upTo(60))}:${two(upTo(60))}.${digits(6)}'`),
    ]),
    sample(`datetime ${fsp}`, `datetime(${fsp})`, [
      "'0000-00-00 00:00:00'",
      "'2024-00-00 00:00:00'",
      "'0001-01-01 00:00:00'",
      "'9999-12-31 23:59:59'",
      "'1999-01-01 00:00:00.000001'",
      ...many(() => `'${date()} ${clock()}'`),
    ]),
    sample(`timestamp ${fsp}`, `timestamp(${fsp}) null`, [
      "'0000-00-00 00:00:00'",
      "'1970-01-01 00:00:01+00:00'",
      "'2038-01-19 03:14:07+00:00'",
      "'2024-03-31 02:30:00.25+01:00'",
      ...many(timestamp),
    ]),
  ]);
}

const latin = "abc é€ÿñ'\"\\\n\t\u0081~";
const wide = `${latin}漢字かな😀🧪\u0000\u{10ffff}`;
const chinese = "abc 汉字编码测试、。";

const samples: readonly Sample[] = [
  ...(["tinyint", "smallint", "mediumint", "int", "bigint"] as const).flatMap((type, i) => {
    const bits = [8, 16, 24, 32, 64][i] as number;
    return [
      sample(type, type, integers(bits, true)),
      sample(`${type} unsigned`, `${type} unsigned`, integers(bits, false)),
    ];
  }),
  sample("zerofill int", "int(8) unsigned zerofill", integers(32, false)),
  sample("zerofill bigint", "bigint zerofill", integers(64, false)),
  sample("zerofill decimal", "decimal(9,3) unsigned zerofill", ["0", "1.5", "999999.999"]),
  sample("zerofill double", "double unsigned zerofill", ["0", "1.5", "1e300"]),
  sample("zerofill float", "float unsigned zerofill", ["0", "1.5", "1e30"]),
  sample("decimal", "decimal(65,30)", [
    "0",
    `-${"9".repeat(35)}.${"9".repeat(30)}`,
    `${"9".repeat(35)}.${"9".repeat(30)}`,
    "0.000000000000000000000000000001",
    ...many(() => `${digits(35)}.${digits(30)}`),
  ]),
  sample("decimal integer", "decimal(20,0)", ["-1", "99999999999999999999", ...many(() => digits(20))]),
  sample("float", "float", [
    "0",
    "-0e0",
    "5592405.5",
    "3.402823466e38",
    "-3.402823466e38",
    "1.175494351e-38",
    "1.4e-45",
    "0.1",
    "-9.425597e-7",
    "2.387393616e-10",
    ...many(() => `${random() * 2 - 1}e${upTo(70) - 36}`),
  ]),
  sample("float with digits", "float(9,3)", ["0", "1234.5678", "-0.001", ...many(() => `${random() * 1000}`)]),
  sample("double", "double", [
    "0",
    "-0e0",
    "1.7976931348623157e308",
    "-1.7976931348623157e308",
    "2.2250738585072014e-308",
    "4.9406564584124654e-324",
    "0.1e0",
    "1e15",
    "1e16",
    "123456789012345680",
    "1e-5",
    "-9.425597032532095e-7",
    ...many(() => `${random() * 2 - 1}e-${upTo(15)}`),
    ...many(() => `${random() * 2 - 1}e${upTo(600) - 300}`, 12),
  ]),
  sample("double with digits", "double(20,4)", [
    "0",
    "-1.00005",
    "1234567890123456.7891",
    ...many(() => `${random() * 1e9}`),
  ]),
  ...[1, 8, 12, 33, 64].map((bits) =>
    sample(`bit ${bits}`, `bit(${bits})`, [
      "0",
      "1",
      String(2n ** BigInt(bits) - 1n),
      ...many(() => String(BigInt(digits(22)) % 2n ** BigInt(bits))),
    ]),
  ),
  sample("date", "date", [
    "'0000-00-00'",
    "'2024-00-00'",
    "'0001-01-01'",
    "'9999-12-31'",
    ...many(() => `'${date()}'`),
  ]),
  sample("year", "year", ["0", "1901", "2155", "2024"]),
  ...temporal(),
  sample("char utf8mb4", "char(10)", text(wide.replace("\u0000", ""), 10)),
  sample("char at most short", "char(62)", text(wide, 62)),
  sample("varchar utf8mb4", "varchar(300)", text(wide, 300)),
  sample("varchar utf8mb3", "varchar(100) character set utf8mb3", text(latin, 100)),
  sample("varchar ascii", "varchar(252) character set ascii", [
    ...text("abc", 252),
    `'${"a".repeat(250)}'`,
    `'${"a".repeat(251)}'`,
  ]),
  sample("char latin1", "char(20) character set latin1", text(latin, 20)),
  sample("varchar latin1", "varchar(200) character set latin1", [...text(latin, 200), `'${"€".repeat(84)}'`]),
  sample("varchar utf16", "varchar(90) character set utf16", text(wide, 90)),
  sample("varchar ucs2", "varchar(90) character set ucs2", text(latin, 90)),
  sample("varchar gbk", "varchar(90) character set gbk", text(chinese, 90)),
  sample("tinytext latin1", "tinytext character set latin1", [...text(latin, 255), `'${"€".repeat(255)}'`]),
  sample("text", "text", text(wide, 2000)),
  sample("mediumtext utf16", "mediumtext character set utf16", [
    ...text(wide, 2000),
    `REPEAT('é', 32768)`,
    `REPEAT('a', 65535)`,
  ]),
  sample("longtext", "longtext", [...text(wide, 2000), `REPEAT('a', 65535)`, `REPEAT('a', 65536)`]),
  sample("binary", "binary(5)", ["x''", "x'0000000000'", "x'6100'", ...many(() => hex(5))]),
  sample("binary long", "binary(255)", ["x''", allBytes.replace("ff'", "'"), ...many(() => hex(255))]),
  sample("varbinary", "varbinary(300)", ["x''", "x'00'", allBytes, ...many(() => hex(upTo(300)))]),
  sample("tinyblob", "tinyblob", [
    "x''",
    ...[250, 251, 252, 253, 254, 255].map((length) => `REPEAT(x'00', ${length})`),
  ]),
  sample("blob", "blob", ["x''", allBytes, "REPEAT(x'ff', 250)", "REPEAT(x'fb', 251)", "REPEAT(x'00', 65535)"]),
  sample("mediumblob", "mediumblob", [
    "x''",
    allBytes,
    ...[250, 251, 65_535, 65_536].map((length) => `REPEAT(x'fe', ${length})`),
  ]),
  sample("longblob", "longblob", ["x''", allBytes, hex(700), "REPEAT(x'fc', 65536)"]),
  sample("enum", "enum('a','b''c','é€','x,y','back\\\\slash','')", [
    "'a'",
    "2",
    "3",
    "4",
    "5",
    "''",
    "'no such member'",
    "0",
  ]),
  sample("enum latin1", "enum('ä','ö') character set latin1", ["'ä'", "'ö'", "'x'"]),
  sample("enum long", `enum('${"m".repeat(255)}','s')`, ["1", "2"]),
  sample("set", "set('a','b''c','é€','d')", ["''", "15", "'a'", "'é€,a'", "9"]),
  sample("json", "json", [
    "'null'",
    "'{}'",
    "'[18446744073709551615, -9223372036854775808, 1e308, 0.1, 12345678901234567890123]'",
    `'{"é": "漢😀", "quote\\\\"": "back\\\\\\\\slash\\\\n"}'`,
    `CAST(CONCAT('"', REPEAT('€', 30000), '"') AS JSON)`,
    "JSON_OBJECT('d', CAST('2024-01-02' AS DATE), 'x', CAST(1.10 AS DECIMAL(5,2)))",
  ]),
  sample("geometry", "geometry", [
    "ST_GeomFromText('POINT(1 2)')",
    "ST_GeomFromText('LINESTRING(0 0, 1 1e300)')",
    "ST_GeomFromText('POLYGON((0 0,10 0,10 10,0 10,0 0))')",
    "ST_GeomFromText('GEOMETRYCOLLECTION EMPTY')",
  ]),
  sample("point", "point", ["ST_GeomFromText('POINT(52.5 13.4)', 4326)", "ST_GeomFromText('POINT(0 0)')"]),
  sample("vector", "vector(3)", [
    "STRING_TO_VECTOR('[1,2.5,-3e10]')",
    "STRING_TO_VECTOR('[0,0,0]')",
    "x'0000803f00000000000080bf'",
  ]),
];

/** Columns of the table of every type, `id` first. */
export const everyColumn: readonly Column[] = [
  columnFromType("id", "int not null"),
  ...samples.map(({ column }) => column),
  columnFromType("hidden", "int not null invisible"),
];

/** Rows of it; each column goes through its own values, and each is NULL in the last row. */
export const everyRowCount = 25;

export function createEveryType(table: string): string {
  const columns = samples.map(({ definition }) => definition).join(", ");
  return `CREATE TABLE ${table} (id int not null primary key, ${columns}, hidden int not null default 7 invisible) ROW_FORMAT=DYNAMIC CHARSET=utf8mb4`;
}

/** One INSERT a row; sql_mode must allow zero dates and unknown enum members. */
export function insertEveryType(table: string): string[] {
  const names = ["id", ...samples.map(({ column }) => quoteName(column.name))].join(", ");
  return Array.from({ length: everyRowCount }, (_, row) => {
    const last = row === everyRowCount - 1;
    const values = samples.map(({ values }) => (last ? "NULL" : values[row % values.length]));
    return `INSERT INTO ${table} (${names}) VALUES (${[row, ...values].join(", ")})`;
  });
}
