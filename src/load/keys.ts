import type { RowBatch } from "../contracts/rows.ts";
import type { Column } from "../contracts/schema.ts";
import { cellSize, findCells } from "../mysql/cells.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { keysPredicate } from "../mysql/key-range.ts";
import { cellLiteral } from "../mysql/literal.ts";
import { rowBytesExpression } from "../mysql/row-bytes.ts";
import type { Session } from "../mysql/session.ts";
import type { LoadTable } from "./table.ts";

/** Reads rows' keys: as bytes to compare by, as SQL to look up by, as text for people. */
export interface KeyReader {
  /** The key's cells as the row carries them, one latin1 character a byte. */
  bytesOf(batch: RowBatch, row: number): string;
  /** `id = 5`, `a = 'x' AND b = 2`. */
  textOf(batch: RowBatch, row: number): string;
  /** Which of these keys the target holds, in the form of `bytesOf`. */
  present(session: Session, batch: RowBatch): Promise<Set<string>>;
}

/** Longest key shown in a message. */
const SHOWN = 200;

/** A reader for the table's key; null for a table without one. */
export function keyReader(table: LoadTable): KeyReader | null {
  const { columns } = table;
  const indexes = (table.key?.columns ?? []).map((name) => columns.findIndex((column) => column.name === name));
  if (indexes.length === 0 || indexes.includes(-1)) return null;
  const keyColumns = indexes.map((index) => columns[index] as Column);
  const head = `SELECT ${rowBytesExpression(keyColumns)} AS k FROM ${quoteName(table.name)} WHERE `;
  const bounds = new Int32Array(columns.length * 2);

  function find(batch: RowBatch, row: number): void {
    findCells(batch.bytes, batch.offsets[row] as number, batch.offsets[row + 1] as number, columns.length, bounds);
  }

  function literals(batch: RowBatch, row: number): string[] {
    find(batch, row);
    return indexes.map((index, i) => {
      const start = bounds[index * 2] as number;
      const value = start < 0 ? null : batch.bytes.subarray(start, bounds[index * 2 + 1]);
      return cellLiteral(keyColumns[i] as Column, value);
    });
  }

  return {
    bytesOf(batch, row) {
      find(batch, row);
      let key = "";
      for (const index of indexes) {
        const start = bounds[index * 2] as number;
        const end = bounds[index * 2 + 1] as number;
        const prefix = start < 0 ? 1 : cellSize(end - start) - (end - start);
        key += start < 0 ? "\u00fb" : batch.bytes.toString("latin1", start - prefix, end);
      }
      return key;
    },

    textOf(batch, row) {
      const text = literals(batch, row)
        .map((literal, i) => `${(keyColumns[i] as Column).name} = ${literal}`)
        .join(" AND ");
      return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
    },

    async present(session, batch) {
      const wanted = Array.from({ length: batch.rows }, (_, row) => literals(batch, row));
      const found = new Set<string>();
      const cell = new Int32Array(2);
      for await (const rows of session.readRows(`${head}${keysPredicate(keyColumns, wanted)}`)) {
        for (let row = 0; row < rows.rows; row++) {
          findCells(rows.bytes, rows.offsets[row] as number, rows.offsets[row + 1] as number, 1, cell);
          found.add(rows.bytes.toString("latin1", cell[0], cell[1]));
        }
      }
      return found;
    },
  };
}

/** Names a row for people; without a key by its place, because other cells are nobody's to show. */
export function rowText(table: LoadTable, keys: KeyReader | null, batch: RowBatch, row: number): string {
  return keys === null ? `row ${row + 1} of a batch of table ${table.name}` : keys.textOf(batch, row);
}
