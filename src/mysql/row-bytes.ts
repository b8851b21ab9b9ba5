import type { Column } from "../contracts/schema.ts";
import { membersOf } from "./column-type.ts";
import { quoteName } from "./identifiers.ts";

/** Longest value whose length prefix is one byte. */
const SHORT = 250;

/** How one column's cell is made in SQL. */
interface CellSql {
  /** The value as a string; NULL for NULL. Evaluated once. */
  readonly value: string;
  /** Its length in bytes, when every value has the same; else an expression of it. */
  readonly length: number | string;
  /** An upper bound of the length in bytes. */
  readonly atMost: number;
}

/** A binary string: next to one of those, MySQL would else convert our length bytes to the text's character set. */
function binary(text: string): string {
  return `CAST(${text} AS BINARY)`;
}

function utf8(name: string): string {
  return `CONVERT(${name} USING utf8mb4)`;
}

/** Character sets whose text has the same bytes in utf8mb4. */
const sameBytes = new Set(["utf8mb4", "utf8mb3", "utf8", "ascii"]);

/** `stored`: `name` is the column itself, so what it holds is known to be in the column's character set. */
function textCell(column: Column, name: string, stored: boolean): CellSql {
  const text = stored && sameBytes.has(column.charset ?? "") ? name : utf8(name);
  const atMost = column.length === null ? Number.POSITIVE_INFINITY : column.length * 4;
  return { value: binary(text), length: `LENGTH(${text})`, atMost };
}

function memberCell(column: Column, name: string): CellSql {
  const lengths = membersOf(column.type).map((member) => Buffer.byteLength(member));
  const atMost =
    column.kind === "enum" ? Math.max(0, ...lengths) : lengths.reduce((sum, length) => sum + length + 1, 0);
  return { value: binary(utf8(name)), length: `LENGTH(${utf8(name)})`, atMost };
}

/** As text at UTC: UNIX_TIMESTAMP of a column is its stored number, in whatever zone the session is. */
function timestampCell(column: Column, name: string): CellSql {
  const fsp = column.fsp ?? 0;
  const fraction = fsp === 0 ? "" : `.${"0".repeat(fsp)}`;
  const epoch = "CAST('1970-01-01 00:00:00' AS DATETIME(6))";
  const utc = `CAST(DATE_ADD(${epoch}, INTERVAL UNIX_TIMESTAMP(${name}) SECOND) AS DATETIME(${fsp}))`;
  const text = `IF(UNIX_TIMESTAMP(${name}) = 0, '0000-00-00 00:00:00${fraction}', CAST(${utc} AS CHAR))`;
  return { value: binary(utf8(text)), length: 19 + fraction.length, atMost: SHORT };
}

function cellSql(column: Column, name: string, stored: boolean): CellSql {
  switch (column.kind) {
    case "integer":
    case "decimal":
    case "double":
    case "time":
      return { value: binary(name), length: `LENGTH(${name})`, atMost: SHORT };
    case "float": {
      const exact = `CAST(${name} AS DOUBLE)`;
      return { value: binary(exact), length: `LENGTH(${exact})`, atMost: SHORT };
    }
    case "year":
      return { value: binary(name), length: 4, atMost: 4 };
    case "date":
      return { value: binary(name), length: 10, atMost: 10 };
    case "datetime": {
      const fsp = column.fsp ?? 0;
      return { value: binary(name), length: fsp === 0 ? 19 : 20 + fsp, atMost: SHORT };
    }
    case "timestamp":
      return timestampCell(column, name);
    case "bit":
      // Alone a BIT is a number; joined to a string it is its bytes.
      return { value: `CONCAT(x'', ${name})`, length: Math.ceil((column.length ?? 64) / 8), atMost: 8 };
    case "binary": {
      const atMost = column.length ?? Number.POSITIVE_INFINITY;
      const padded = column.type.startsWith("binary");
      return { value: name, length: padded && atMost <= SHORT ? atMost : `LENGTH(${name})`, atMost };
    }
    case "text":
      return textCell(column, name, stored);
    case "enum":
    case "set":
      return memberCell(column, name);
    case "json":
      return { value: binary(utf8(name)), length: `LENGTH(${utf8(name)})`, atMost: Number.POSITIVE_INFINITY };
    case "geometry":
      return { value: name, length: `LENGTH(${name})`, atMost: Number.POSITIVE_INFINITY };
    case "vector":
      return { value: binary(name), length: `LENGTH(${name})`, atMost: Number.POSITIVE_INFINITY };
  }
}

/**
 * SQL for the bytes of one cell, without its length prefix, as a binary string; NULL for NULL. `value` is SQL for the
 * column's value: its quoted name or an expression of the column's type.
 */
export function cellBytesExpression(column: Column, value: string): string {
  return cellSql(column, value, false).value;
}

/**
 * `width` bytes of a length, lowest first, evaluating it once: a one in front keeps CHAR() from dropping high zero bytes.
 */
function littleEndian(length: string, width: 2 | 3): string {
  return `REVERSE(RIGHT(CHAR(${length} + ${2 ** (8 * width)}), ${width}))`;
}

/** The length prefix as `writeCellPrefix` writes it. */
function prefix(cell: CellSql): string {
  const { length, atMost } = cell;
  if (typeof length === "number") return `x'${length.toString(16).padStart(2, "0")}'`;
  if (atMost <= SHORT) return `CHAR(${length})`;
  const forms = [`CHAR(${length})`, `CONCAT(x'fc', ${littleEndian(length, 2)})`];
  const from = ["0", "251"];
  if (atMost >= 0x10000) {
    forms.push(`CONCAT(x'fd', ${littleEndian(length, 3)})`);
    from.push("65536");
  }
  if (atMost >= 0x1000000) {
    forms.push(`CONCAT(x'fe', REVERSE(CHAR(${length})), x'00000000')`);
    from.push("16777216");
  }
  return `ELT(INTERVAL(${length}, ${from.join(", ")}), ${forms.join(", ")})`;
}

/**
 * SQL whose value is exactly the bytes of a row as the text protocol carries `readList(columns)` to a session with
 * utf8mb4 and time zone +00:00, length prefixes included; in whatever character set and time zone this is executed.
 */
export function rowBytesExpression(columns: readonly Column[], nameOf?: (column: Column) => string): string {
  const cells = columns.map((column) => {
    const cell = cellSql(column, nameOf?.(column) ?? quoteName(column.name), nameOf === undefined);
    const bytes = `${prefix(cell)}, ${cell.value}`;
    return column.nullable ? `IFNULL(CONCAT(${bytes}), x'fb')` : bytes;
  });
  return `CONCAT(${cells.join(", ")})`;
}

/**
 * Count, xor and sum of the row checksums of a table (already quoted), as columns `rows`, `xor`, `sum`. Under a `where`
 * (a chunk) the checksums are kept in a temporary table, about 16 bytes a row, which halves the work; a whole table may be
 * too large for that, so there each checksum is computed twice.
 */
export function checksumSelect(table: string, columns: readonly Column[], where: string | null): string {
  const crc = `CRC32(${rowBytesExpression(columns)})`;
  const select = (hint: string, one: string, from: string): string =>
    `SELECT ${hint}COUNT(*) AS \`rows\`, COALESCE(BIT_XOR(${one}), 0) AS \`xor\`, COALESCE(SUM(${one}), 0) AS \`sum\` FROM ${from}`;
  if (where === null) return select("", crc, table);
  return select("/*+ NO_MERGE(`r`) */ ", "`c`", `(SELECT ${crc} AS \`c\` FROM ${table} WHERE ${where}) AS \`r\``);
}
