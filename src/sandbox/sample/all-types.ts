import { clock, day, decimal, hex, maybe, prose, text } from "./literals.ts";
import type { Random } from "./random.ts";
import type { SampleTable } from "./sample-table.ts";
import { lineString, point, polygon } from "./well-known-binary.ts";

/** One column of the table of all types: its extremes as literals, and how other values come about. */
interface TypeColumn {
  readonly name: string;
  readonly type: string;
  /** Row n takes the n-th, the first when there are fewer. */
  readonly extremes: readonly string[];
  readonly value: (random: Random) => string;
}

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const latin1Text = "Ärger, naïve café £ ÿ ¤";
const fourBytes = "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🚀👩‍👩‍👧 é e\u0301";

function integer(name: string, type: string, bits: number): TypeColumn[] {
  const half = 2n ** BigInt(bits - 1);
  const low = (-half).toString();
  const high = (half - 1n).toString();
  const all = (half * 2n - 1n).toString();
  return [
    {
      name,
      type,
      extremes: ["0", low, high, "-1"],
      value: (random) => BigInt.asIntN(bits, random.uint64()).toString(),
    },
    {
      name: `${name}_u`,
      type: `${type} UNSIGNED`,
      extremes: ["0", "0", all, high],
      value: (random) => BigInt.asUintN(bits, random.uint64()).toString(),
    },
  ];
}

const numbers: readonly TypeColumn[] = [
  ...integer("t_tiny", "TINYINT", 8),
  ...integer("t_small", "SMALLINT", 16),
  ...integer("t_medium", "MEDIUMINT", 24),
  ...integer("t_int", "INT", 32),
  ...integer("t_big", "BIGINT", 64),
  {
    name: "t_decimal",
    type: "DECIMAL(65,30)",
    extremes: [
      "0",
      `-${"9".repeat(35)}.${"9".repeat(30)}`,
      `${"9".repeat(35)}.${"9".repeat(30)}`,
      `-0.${"0".repeat(29)}1`,
    ],
    value: (random) => decimal(random, 35, 30),
  },
  {
    name: "t_decimal0",
    type: "DECIMAL(10,0)",
    extremes: ["0", "-9999999999", "9999999999"],
    value: (random) => decimal(random, 10, 0),
  },
  {
    name: "t_float",
    type: "FLOAT",
    extremes: [
      "0",
      "-3.4028234663852886e38",
      "3.4028234663852886e38",
      "1.401298464324817e-45",
      "5592405.5",
      "1.1754943508222875e-38",
    ],
    value: (random) => String(Math.fround((random.fraction() - 0.5) * 10 ** random.int(-30, 30))),
  },
  {
    name: "t_double",
    type: "DOUBLE",
    extremes: ["0", "-1.7976931348623157e308", "1.7976931348623157e308", "5e-324", "-0e0", "2.2250738585072014e-308"],
    value: (random) => String((random.fraction() - 0.5) * 10 ** random.int(-300, 300)),
  },
  {
    name: "t_bit1",
    type: "BIT(1)",
    extremes: ["b'0'", "b'0'", "b'1'"],
    value: (random) => (random.chance(0.5) ? "b'1'" : "b'0'"),
  },
  {
    name: "t_bit12",
    type: "BIT(12)",
    extremes: ["b'0'", "b'0'", "4095", "10"],
    value: (random) => String(random.int(0, 4095)),
  },
  {
    name: "t_bit64",
    type: "BIT(64)",
    extremes: ["0", "0", "18446744073709551615"],
    value: (random) => random.uint64().toString(),
  },
];

const times: readonly TypeColumn[] = [
  {
    name: "t_date",
    type: "DATE",
    extremes: ["'0000-00-00'", "'1000-01-01'", "'9999-12-31'", "'2024-00-00'", "'2024-02-29'"],
    value: (random) => text(day(random, 1000, 9999)),
  },
  {
    name: "t_time",
    type: "TIME",
    extremes: ["'00:00:00'", "'-838:59:59'", "'838:59:59'"],
    value: (random) => text(clock(random, 0)),
  },
  {
    name: "t_time6",
    type: "TIME(6)",
    extremes: ["'00:00:00'", "'-838:59:59'", "'838:59:59'", "'-00:00:00.000001'"],
    value: (random) => text(clock(random, 6)),
  },
  {
    name: "t_datetime",
    type: "DATETIME",
    extremes: ["'0000-00-00 00:00:00'", "'1000-01-01 00:00:00'", "'9999-12-31 23:59:59'"],
    value: (random) => text(`${day(random, 1000, 9999)} ${clock(random, 0)}`),
  },
  {
    name: "t_datetime6",
    type: "DATETIME(6)",
    extremes: ["'0000-00-00 00:00:00'", "'1000-01-01 00:00:00'", "'9999-12-31 23:59:59.499999'"],
    value: (random) => text(`${day(random, 1000, 9999)} ${clock(random, 6)}`),
  },
  {
    name: "t_timestamp",
    type: "TIMESTAMP NULL",
    extremes: ["'0000-00-00 00:00:00'", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'"],
    value: (random) => text(`${day(random, 1971, 2037)} ${clock(random, 0)}`),
  },
  {
    name: "t_timestamp6",
    type: "TIMESTAMP(6) NULL",
    extremes: ["'0000-00-00 00:00:00'", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.499999'"],
    value: (random) => text(`${day(random, 1971, 2037)} ${clock(random, 6)}`),
  },
  { name: "t_year", type: "YEAR", extremes: ["0", "1901", "2155"], value: (random) => String(random.int(1901, 2155)) },
];

function textColumn(name: string, type: string, charset: string, extremes: readonly string[]): TypeColumn {
  const latin = charset === "latin1" || charset === "ascii";
  const plain = (random: Random): string =>
    Array.from({ length: random.int(0, 15) }, () => random.pick([..."aZ9 -"] as ["a"])).join("");
  const accented = (random: Random): string =>
    `${plain(random)}${charset === "ascii" ? "" : random.pick(["é", "ß", "ÿ"])}`;
  const threeBytes = (random: Random): string => prose(random, 3, 18).replace(/[\u{10000}-\u{10ffff}]/gu, "?");
  const value = latin ? accented : charset === "utf8mb3" ? threeBytes : (random: Random) => prose(random, 3, 18);
  return {
    name,
    type: `${type} CHARACTER SET ${charset}`,
    extremes: ["''", ...extremes.map(text)],
    value: (random) => text(value(random)),
  };
}

const texts: readonly TypeColumn[] = [
  textColumn("t_char", "CHAR(40)", "utf8mb4", ["no trailing blanks", fourBytes, "\0\n\r\t\x1a'\"\\%_"]),
  textColumn("t_char_latin1", "CHAR(30)", "latin1", [latin1Text]),
  textColumn("t_varchar", "VARCHAR(200)", "utf8mb4", ["trailing blanks  ", fourBytes, "\0\n\r\t\x1a'\"\\%_"]),
  textColumn("t_varchar_latin1", "VARCHAR(200)", "latin1", [latin1Text]),
  textColumn("t_varchar_ascii", "VARCHAR(50)", "ascii", ["~"]),
  textColumn("t_varchar_utf16", "VARCHAR(50)", "utf16", [fourBytes]),
  textColumn("t_varchar_utf8mb3", "VARCHAR(50)", "utf8mb3", ["東京 é"]),
  textColumn("t_tinytext", "TINYTEXT", "utf8mb4", [fourBytes]),
  textColumn("t_text", "TEXT", "utf8mb4", [fourBytes.repeat(50)]),
  textColumn("t_text_latin1", "TEXT", "latin1", [latin1Text.repeat(100)]),
  textColumn("t_mediumtext", "MEDIUMTEXT", "utf8mb4", [fourBytes.repeat(500)]),
  textColumn("t_longtext", "LONGTEXT", "utf8mb4", [fourBytes.repeat(1000)]),
  {
    name: "t_enum",
    type: "ENUM('red','green','it''s','жёлтый','')",
    extremes: ["'no such member'", "'red'", "'жёлтый'", "''"],
    value: (random) => String(random.int(1, 5)),
  },
  {
    name: "t_set",
    type: "SET('a','b','ç','d')",
    extremes: ["''", "'a,b,ç,d'", "'ç'"],
    value: (random) => String(random.int(0, 15)),
  },
  {
    name: "t_json",
    type: "JSON",
    extremes: [
      "'null'",
      text('{"big":18446744073709551615,"low":-9223372036854775808,"max":1.7976931348623157e308,"tiny":5e-324}'),
      text(JSON.stringify({ [fourBytes]: [fourBytes, '\u0000\n"\\', true, false, null, {}, []] })),
      "'\"text\"'",
      "'[]'",
    ],
    value: (random) =>
      text(
        JSON.stringify({
          n: random.int(-1e9, 1e9),
          f: random.fraction(),
          s: prose(random, 3),
          list: [random.int(0, 9), null],
        }),
      ),
  },
];

function bytesColumn(name: string, type: string, most: number, large: Buffer): TypeColumn {
  const fixed = type.startsWith("BINARY");
  return {
    name,
    type,
    extremes: [hex(fixed ? Buffer.alloc(most) : ""), hex(large), hex(Buffer.alloc(Math.min(most, 8), 0xff)), hex("\0")],
    value: (random) => hex(random.bytes(random.int(0, most))),
  };
}

const binaries: readonly TypeColumn[] = [
  bytesColumn("t_binary", "BINARY(32)", 32, everyByte.subarray(224)),
  bytesColumn("t_varbinary", "VARBINARY(300)", 60, everyByte),
  bytesColumn("t_tinyblob", "TINYBLOB", 60, everyByte.subarray(1)),
  bytesColumn("t_blob", "BLOB", 60, Buffer.concat(Array.from({ length: 20 }, () => everyByte))),
  bytesColumn("t_mediumblob", "MEDIUMBLOB", 60, Buffer.concat(Array.from({ length: 200 }, () => everyByte))),
  bytesColumn("t_longblob", "LONGBLOB", 60, Buffer.concat(Array.from({ length: 400 }, () => everyByte))),
  {
    name: "t_geometry",
    type: "GEOMETRY",
    extremes: [hex(point(0, 0, 0)), hex(polygon(0)), hex(lineString(3857, 5))],
    value: (random) => hex(point(random.pick([0, 3857]), random.int(-1e6, 1e6) / 7, random.int(-1e6, 1e6) / 7)),
  },
  {
    name: "t_point",
    type: "POINT SRID 4326",
    extremes: [hex(point(4326, 0, 0)), hex(point(4326, -180 + 1e-9, -90)), hex(point(4326, 180, 90))],
    value: (random) =>
      hex(point(4326, random.int(-179, 179) + random.fraction(), random.int(-89, 89) + random.fraction())),
  },
];

const vector: TypeColumn = {
  name: "t_vector",
  type: "VECTOR(8)",
  extremes: [hex(Buffer.alloc(32)), hex(Buffer.from(new Float32Array(8).fill(3.4028234663852886e38).buffer))],
  value: (random) => hex(Buffer.from(Float32Array.from({ length: 8 }, () => random.fraction() - 0.5).buffer)),
};

const EXTREME_ROWS = 6;

/** Every column type of MySQL; VECTOR only where the server has it (9.0 and newer). */
export function allTypesTable(hasVector: boolean): SampleTable {
  const columns = [...numbers, ...times, ...texts, ...binaries, ...(hasVector ? [vector] : [])];
  const extremeRow = (index: number): string[] => [
    String(index - EXTREME_ROWS),
    ...columns.map(({ extremes }) => extremes[index] ?? extremes[0] ?? "NULL"),
    "DEFAULT",
  ];
  return {
    name: "all_types",
    create: `CREATE TABLE all_types (
      id INT NOT NULL,
      ${columns.map(({ name, type }) => `${name} ${type}${type.endsWith("NULL") ? "" : " DEFAULT NULL"}`).join(",\n      ")},
      hidden INT DEFAULT 7 INVISIBLE,
      g_virtual BIGINT GENERATED ALWAYS AS (t_small + 1) VIRTUAL,
      g_stored VARCHAR(250) GENERATED ALWAYS AS (CONCAT(t_varchar, '/', id)) STORED,
      PRIMARY KEY (id),
      KEY (g_virtual)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
    columns: ["id", ...columns.map(({ name }) => name), "hidden"],
    rows: 2_000,
    first: [
      ...Array.from({ length: EXTREME_ROWS }, (_, index) => extremeRow(index)),
      ["0", ...columns.map(() => "NULL"), "NULL"],
    ],
    row: (random, index) => [
      String((index + 1) * 3),
      ...columns.map(({ value }) => maybe(random, 0.05, () => value(random))),
      String(random.int(0, 100)),
    ],
  };
}
