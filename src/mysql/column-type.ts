import { VtpipeError } from "../contracts/errors.ts";
import type { CellKind, Column } from "../contracts/schema.ts";

/** What a SQL type text says about a column's cells. */
export interface ColumnType {
  readonly kind: CellKind;
  readonly unsigned: boolean;
  /** As `Column.length`: characters of text, bytes of binary, bits of bit; null where it does not apply. */
  readonly length: number | null;
  /** Fractional second digits of time, datetime and timestamp; null for others. */
  readonly fsp: number | null;
  /** The bare type in lower case under its customary name: `int`, `varchar`, `geomcollection`. */
  readonly dataType: string;
}

const synonyms: Readonly<Record<string, string>> = {
  integer: "int",
  bool: "tinyint",
  boolean: "tinyint",
  int1: "tinyint",
  int2: "smallint",
  int3: "mediumint",
  int4: "int",
  int8: "bigint",
  numeric: "decimal",
  dec: "decimal",
  fixed: "decimal",
  real: "double",
  "double precision": "double",
  character: "char",
  nchar: "char",
  nvarchar: "varchar",
  "character varying": "varchar",
  geometrycollection: "geomcollection",
};

const kinds: Readonly<Record<string, CellKind>> = {
  tinyint: "integer",
  smallint: "integer",
  mediumint: "integer",
  int: "integer",
  bigint: "integer",
  decimal: "decimal",
  float: "float",
  double: "double",
  bit: "bit",
  char: "text",
  varchar: "text",
  tinytext: "text",
  text: "text",
  mediumtext: "text",
  longtext: "text",
  binary: "binary",
  varbinary: "binary",
  tinyblob: "binary",
  blob: "binary",
  mediumblob: "binary",
  longblob: "binary",
  enum: "enum",
  set: "set",
  json: "json",
  date: "date",
  time: "time",
  datetime: "datetime",
  timestamp: "timestamp",
  year: "year",
  geometry: "geometry",
  point: "geometry",
  linestring: "geometry",
  polygon: "geometry",
  multipoint: "geometry",
  multilinestring: "geometry",
  multipolygon: "geometry",
  geomcollection: "geometry",
  vector: "vector",
};

/** Longest value of the types that take no length; MySQL counts them in bytes, also for text. */
const fixedLengths: Readonly<Record<string, number>> = {
  tinytext: 255,
  tinyblob: 255,
  text: 65_535,
  blob: 65_535,
  mediumtext: 16_777_215,
  mediumblob: 16_777_215,
  longtext: 4_294_967_295,
  longblob: 4_294_967_295,
};

const lengthOfOne = new Set(["char", "binary", "bit"]);
const numbers = /^\s*\d+(\s*,\s*\d+)?\s*$/;
const members = /^\s*'(?:[^'\\]|''|\\[\s\S])*'(\s*,\s*'(?:[^'\\]|''|\\[\s\S])*')*\s*$/;
const shape = /^\s*([a-z]+\d?(?:\s+(?:precision|varying))?)\s*(\((?:[^()']|'(?:[^'\\]|''|\\.)*')*\))?([\s\S]*)$/i;

interface Parts {
  readonly dataType: string;
  /** Text between the parentheses, or null. */
  readonly argument: string | null;
  /** What follows the type, as written. */
  readonly attributes: string;
}

function split(type: string): Parts {
  const match = shape.exec(type);
  const word = (match?.[1] ?? "").toLowerCase().replace(/\s+/g, " ");
  const named = (Object.hasOwn(synonyms, word) ? synonyms[word] : undefined) ?? word;
  const argument = match?.[2]?.slice(1, -1) ?? null;
  const dataType =
    named === "float" && argument !== null && /^\s*(2[5-9]|[345]\d)\s*$/.test(argument) ? "double" : named;
  const attributes = match?.[3] ?? "";
  const listed = dataType === "enum" || dataType === "set";
  const understood = listed ? members.test(argument ?? "") : argument === null || numbers.test(argument);
  if (!Object.hasOwn(kinds, dataType) || !understood || /^\s*\(/.test(attributes)) {
    throw new VtpipeError({
      code: "config",
      message: `Column type "${type}" is not a MySQL column type that vtpipe knows.`,
      now: "Nothing was changed.",
      todo: "Use a MySQL 8 or 9 column type, e.g. varchar(190), bigint unsigned, datetime(6).",
      context: { type },
    });
  }
  return { dataType, argument, attributes };
}

function lengthOf(dataType: string, argument: string | null): number | null {
  const fixed = fixedLengths[dataType];
  if (fixed !== undefined) return fixed;
  if (!["char", "varchar", "binary", "varbinary", "bit"].includes(dataType)) return null;
  if (argument !== null) return Number(argument);
  return lengthOfOne.has(dataType) ? 1 : null;
}

/** Understands a type as `information_schema.COLUMNS.COLUMN_TYPE` or CREATE TABLE writes it; attributes after it are allowed. */
export function parseColumnType(type: string): ColumnType {
  const { dataType, argument, attributes } = split(type);
  return {
    kind: kinds[dataType] as CellKind,
    unsigned: /\b(unsigned|zerofill)\b/i.test(attributes),
    length: lengthOf(dataType, argument),
    fsp: ["time", "datetime", "timestamp"].includes(dataType) ? Number(argument ?? 0) : null,
    dataType,
  };
}

const unescapes: Readonly<Record<string, string>> = { "0": "\0", n: "\n", r: "\r", t: "\t", b: "\b", Z: "\x1a" };

/** The members of an enum or set type in order; a member's index in MySQL is its place here plus 1. */
export function membersOf(type: string): string[] {
  const { argument } = split(type);
  return Array.from((argument ?? "").matchAll(/'((?:[^'\\]|''|\\[\s\S])*)'/g), (match) =>
    (match[1] as string).replace(/''|\\([\s\S])/g, (_, escaped: string | undefined) =>
      escaped === undefined ? "'" : (unescapes[escaped] ?? escaped),
    ),
  );
}

/** A column made from a name and a type text such as `int unsigned not null`; text is utf8mb4 unless the text says otherwise. */
export function columnFromType(name: string, typeText: string): Column {
  const { dataType, argument, attributes } = split(typeText);
  const parsed = parseColumnType(typeText);
  const sign = `${parsed.unsigned ? " unsigned" : ""}${/\bzerofill\b/i.test(attributes) ? " zerofill" : ""}`;
  const hasCharset = ["text", "enum", "set"].includes(parsed.kind);
  const collation = /\bcollate\s+(\w+)/i.exec(attributes)?.[1]?.toLowerCase() ?? null;
  const charset = /\b(?:character\s+set|charset)\s+(\w+)/i.exec(attributes)?.[1]?.toLowerCase() ?? null;
  return {
    name,
    type: `${dataType}${argument === null ? "" : `(${argument})`}${sign}`,
    kind: parsed.kind,
    nullable: !/\bnot\s+null\b/i.test(attributes),
    unsigned: parsed.unsigned,
    charset: hasCharset ? (charset ?? collation?.split("_")[0] ?? "utf8mb4") : null,
    collation: hasCharset ? (collation ?? (charset === null ? "utf8mb4_0900_ai_ci" : null)) : null,
    length: parsed.length,
    fsp: parsed.fsp,
    generated: null,
    invisible: /\binvisible\b/i.test(attributes),
    autoIncrement: /\bauto_increment\b/i.test(attributes),
  };
}
