import type { RowBatch } from "../contracts/rows.ts";
import { findCells } from "../mysql/cells.ts";
import { quoteName } from "../mysql/identifiers.ts";
import type { Outcome, Session } from "../mysql/session.ts";
import { ByteWriter, encodingBy, type StatementWriter } from "./byte-writer.ts";
import { escapeTable, isZeroTimestamp, type Strategy, utcOffset } from "./strategy.ts";
import { type InsertedCell, insertedCells, type LoadTable } from "./table.ts";

const quote = 0x27;
const open = 0x28;
const close = 0x29;
const comma = 0x2c;
const minus = 0x2d;
const letterX = 0x78;
const sqlNull = Buffer.from("NULL");
const escapes = escapeTable({ 0: "\\0", 26: "\\Z", 39: "\\'", 92: "\\\\" });

/** vtgate's hash vindex takes a negative number only as a bare literal; what is no integer is quoted, never trusted. */
function isInteger(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start] === minus ? start + 1 : start;
  if (first === end || end - first > 20) return false;
  for (let i = first; i < end; i++) {
    const digit = bytes[i] as number;
    if (digit < 0x30 || digit > 0x39) return false;
  }
  return true;
}

function writeQuoted(writer: StatementWriter, bytes: Uint8Array, start: number, end: number): void {
  writer.byte(quote);
  writer.escaped(bytes, start, end, escapes);
  writer.byte(quote);
}

function writeCell(writer: StatementWriter, cell: InsertedCell, bytes: Uint8Array, start: number, end: number): void {
  switch (cell.column.kind) {
    case "integer":
      if (isInteger(bytes, start, end)) writer.copy(bytes, start, end);
      else writeQuoted(writer, bytes, start, end);
      return;
    case "bit":
    case "binary":
    case "geometry":
    case "vector":
      writer.byte(letterX);
      writer.byte(quote);
      writer.hex(bytes, start, end);
      writer.byte(quote);
      return;
    case "timestamp":
      writer.byte(quote);
      writer.escaped(bytes, start, end, escapes);
      if (!isZeroTimestamp(bytes, start, end)) writer.raw(utcOffset);
      writer.byte(quote);
      return;
    default:
      writeQuoted(writer, bytes, start, end);
  }
}

/** `INSERT INTO t (…) VALUES (…), (…)` in text. Every server and every gate understands it. */
export function valuesStrategy(table: LoadTable): Strategy {
  const cells = insertedCells(table);
  const head = Buffer.from(
    `INSERT INTO ${quoteName(table.name)} (${cells.map(({ column }) => quoteName(column.name)).join(", ")}) VALUES `,
  );
  const bounds = new Int32Array(table.columns.length * 2);
  const writer = new ByteWriter(1 << 16);

  function write(writer: StatementWriter, { bytes, offsets, rows }: RowBatch): void {
    writer.raw(head);
    for (let row = 0; row < rows; row++) {
      findCells(bytes, offsets[row] as number, offsets[row + 1] as number, table.columns.length, bounds);
      if (row > 0) writer.byte(comma);
      writer.byte(open);
      for (let i = 0; i < cells.length; i++) {
        const cell = cells[i] as InsertedCell;
        const start = bounds[cell.index * 2] as number;
        if (i > 0) writer.byte(comma);
        if (start < 0) writer.raw(sqlNull);
        else writeCell(writer, cell, bytes, start, bounds[cell.index * 2 + 1] as number);
      }
      writer.byte(close);
    }
  }

  return {
    name: "values",
    prepares: false,
    ...encodingBy(writer, write),
    send(session: Session, encoded: Buffer): Promise<Outcome> {
      const text = encoded.toString("utf8");
      writer.giveBack(encoded);
      return session.run(text);
    },
  };
}
