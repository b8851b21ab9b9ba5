import type { RowBatch } from "../contracts/rows.ts";
import { findCells } from "../mysql/cells.ts";
import { quoteName } from "../mysql/identifiers.ts";
import type { Outcome, Prepared, Session } from "../mysql/session.ts";
import { ByteWriter, encodingBy, type StatementWriter } from "./byte-writer.ts";
import { escapeTable, isZeroTimestamp, type Strategy, utcOffset } from "./strategy.ts";
import { type InsertedCell, insertedCells, type LoadTable } from "./table.ts";

const quote = 0x22;
const comma = 0x2c;
const firstRow = Buffer.from("[[");
const nextRow = Buffer.from("],[");
const jsonNull = Buffer.from("null");

const controls = Object.fromEntries(
  Array.from({ length: 32 }, (_, code) => [code, `\\u${code.toString(16).padStart(4, "0")}`]),
);
const escapes = escapeTable({
  ...controls,
  8: "\\b",
  9: "\\t",
  10: "\\n",
  12: "\\f",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
});

/** How the text of a JSON_TABLE column becomes the value: mostly as a quoted literal would. */
function valueSql({ column }: InsertedCell, name: string): string {
  switch (column.kind) {
    case "binary":
    case "geometry":
    case "vector":
      return `FROM_BASE64(${name})`;
    case "bit":
      return `CAST(${name} AS UNSIGNED)`;
    default:
      return name;
  }
}

/** Big-endian bytes as a decimal number; a BigInt only where a double would not be exact. */
function wholeNumber(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > 6) return BigInt(`0x${Buffer.from(bytes.subarray(start, end)).toString("hex")}`).toString();
  let number = 0;
  for (let i = start; i < end; i++) number = number * 256 + (bytes[i] as number);
  return String(number);
}

function writeCell(writer: StatementWriter, cell: InsertedCell, bytes: Uint8Array, start: number, end: number): void {
  switch (cell.column.kind) {
    case "binary":
    case "geometry":
    case "vector":
      writer.base64(bytes, start, end);
      return;
    case "bit":
      writer.ascii(wholeNumber(bytes, start, end));
      return;
    case "timestamp":
      writer.escaped(bytes, start, end, escapes);
      if (!isZeroTimestamp(bytes, start, end)) writer.raw(utcOffset);
      return;
    default:
      writer.escaped(bytes, start, end, escapes);
  }
}

/**
 * The statement whose one parameter is a whole batch, `[["1","a",null],…]`, so that neither vtgate nor vttablet parses
 * rows. Every column is text and ERROR ON EMPTY ERROR ON ERROR: by default JSON_TABLE turns bad values into NULL. JSON
 * null becomes NULL all the same. The parameter arrives as bytes, hence CONVERT.
 */
export function jsonTableStatement(table: LoadTable): string {
  const cells = insertedCells(table);
  const names = cells.map(({ column }) => quoteName(column.name)).join(", ");
  const values = cells.map((cell, i) => valueSql(cell, `j.c${i}`)).join(", ");
  const columns = cells.map(
    (_, i) => `c${i} LONGTEXT CHARACTER SET utf8mb4 PATH '$[${i}]' ERROR ON EMPTY ERROR ON ERROR`,
  );
  return `INSERT INTO ${quoteName(table.name)} (${names}) SELECT ${values} FROM JSON_TABLE(CONVERT(? USING utf8mb4), '$[*]' COLUMNS (${columns.join(", ")})) AS j`;
}

/** One prepared `INSERT … SELECT … FROM JSON_TABLE(?)` per session and table. MySQL 8.0.4 and later. */
export function jsonTableStrategy(table: LoadTable): Strategy {
  const cells = insertedCells(table);
  const statement = jsonTableStatement(table);
  const prepared = new WeakMap<Session, Promise<Prepared>>();
  const bounds = new Int32Array(table.columns.length * 2);
  const writer = new ByteWriter(1 << 16);

  function write(writer: StatementWriter, { bytes, offsets, rows }: RowBatch): void {
    for (let row = 0; row < rows; row++) {
      findCells(bytes, offsets[row] as number, offsets[row + 1] as number, table.columns.length, bounds);
      writer.raw(row === 0 ? firstRow : nextRow);
      for (let i = 0; i < cells.length; i++) {
        const cell = cells[i] as InsertedCell;
        const start = bounds[cell.index * 2] as number;
        if (i > 0) writer.byte(comma);
        if (start < 0) {
          writer.raw(jsonNull);
          continue;
        }
        writer.byte(quote);
        writeCell(writer, cell, bytes, start, bounds[cell.index * 2 + 1] as number);
        writer.byte(quote);
      }
    }
    writer.ascii(rows === 0 ? "[]" : "]]");
  }

  return {
    name: "json-table",
    prepares: true,
    ...encodingBy(writer, write),
    async send(session: Session, encoded: Buffer): Promise<Outcome> {
      let ready = prepared.get(session);
      if (ready === undefined) {
        ready = session.prepare(statement);
        prepared.set(session, ready);
        ready.catch(() => prepared.delete(session));
      }
      // mysql2 has copied it into a packet by the time the answer comes.
      const outcome = await (await ready).execute([encoded]);
      writer.giveBack(encoded);
      return outcome;
    },
  };
}
