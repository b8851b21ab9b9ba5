import { isUtf8 } from "node:buffer";
import { VtpipeError } from "../../contracts/errors.ts";
import type { RowBatch } from "../../contracts/rows.ts";
import type { Column } from "../../contracts/schema.ts";
import { type RowRef, rowBytes } from "../../follow/changes.ts";
import type { RowsStatement, TableStatements } from "../../follow/statements.ts";
import { keyReader } from "../../load/keys.ts";
import { modeSplitter } from "../../load/load-mode.ts";
import { statementSize } from "../../load/pace-bounds.ts";
import { rowBuilder, sliceRows } from "../../load/row-select.ts";
import type { LoadTable } from "../../load/table.ts";
import { valuesStrategy } from "../../load/values.ts";
import { findCells } from "../../mysql/cells.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import { keysPredicate } from "../../mysql/key-range.ts";
import { cellLiteral } from "../../mysql/literal.ts";
import { rowBytesExpression } from "../../mysql/row-bytes.ts";

/** Keys of one DELETE. */
export const DELETED_AT_ONCE = 500;
/** Kinds whose equality by literal finds at least the equal rows, so that an index on them can be used. */
const findable: ReadonlySet<Column["kind"]> = new Set(["integer", "decimal", "text", "binary", "date"]);

/** How rows of a table are written on the target, by the loader's own encoders. */
export function tableStatements(table: LoadTable, statementLimit: number): TableStatements {
  const keys = keyReader(table);
  const split = modeSplitter(table);
  const values = valuesStrategy(table);
  const name = quoteName(table.name);
  const bounds = new Int32Array(table.columns.length * 2);
  const keyColumns = (table.key?.columns ?? []).map(
    (column) => table.columns.find((candidate) => candidate.name === column) as Column,
  );

  function literalsOf(row: RowRef, columns: readonly Column[]): string[] {
    const bytes = rowBytes(row);
    findCells(bytes, 0, bytes.length, table.columns.length, bounds);
    return columns.map((column) => {
      const at = table.columns.indexOf(column);
      const start = bounds[at * 2] as number;
      return cellLiteral(column, start < 0 ? null : bytes.subarray(start, bounds[at * 2 + 1]));
    });
  }

  function* deletesByKey(rows: readonly RowRef[]): Generator<RowsStatement> {
    let at = 0;
    while (at < rows.length) {
      const literals: string[][] = [];
      const first = at;
      for (let size = 0; at < rows.length && literals.length < DELETED_AT_ONCE; at++) {
        const one = literalsOf(rows[at] as RowRef, keyColumns);
        const length = one.reduce((sum, literal) => sum + literal.length * 3, 0);
        if (literals.length > 0 && size + length > statementSize.bytes) break;
        literals.push(one);
        size += length;
      }
      const sql = `DELETE FROM ${name} WHERE ${keysPredicate(keyColumns, literals)}`;
      yield { sql, rows: rows.slice(first, at), permissive: false };
    }
  }

  /** Equal rows stand together in what netting gives, and go in one statement. */
  function* deletesByRow(rows: readonly RowRef[]): Generator<RowsStatement> {
    for (let at = 0; at < rows.length; ) {
      const row = rows[at] as RowRef;
      const first = at;
      while (at < rows.length && rowBytes(rows[at] as RowRef).equals(rowBytes(row))) at++;
      const found = table.columns.filter(({ kind, generated }) => findable.has(kind) && generated === null);
      const literals = literalsOf(row, found);
      const conditions = found.map(({ name: column }, i) =>
        literals[i] === "NULL" ? `${quoteName(column)} IS NULL` : `${quoteName(column)} = ${literals[i]}`,
      );
      conditions.push(`${rowBytesExpression(table.columns)} = x'${rowBytes(row).toString("hex")}'`);
      const sql = `DELETE FROM ${name} WHERE ${conditions.join(" AND ")} LIMIT ${at - first}`;
      if (sql.length > statementLimit) throw oversized(table, textOf(row), sql.length, statementLimit);
      yield { sql, rows: rows.slice(first, at), permissive: false };
    }
  }

  function textOf(row: RowRef): string {
    return keys === null ? "a row of a table without a key" : keys.textOf(row.batch, row.row);
  }

  function* insertsOf(rows: RowBatch, permissive: boolean, replace: boolean): Generator<RowsStatement> {
    const bytes = values.encode(rows);
    if (!isUtf8(bytes)) throw notUtf8(table, textOf({ batch: rows, row: 0 }), rows.rows);
    if (bytes.length <= statementLimit) {
      const text = bytes.toString("utf8");
      const sql = replace ? text.replace(/^INSERT/, "REPLACE") : text;
      yield { sql, rows: refsOf(rows), permissive };
      return;
    }
    if (rows.rows === 1) throw oversized(table, textOf({ batch: rows, row: 0 }), bytes.length, statementLimit);
    const middle = rows.rows >>> 1;
    yield* insertsOf(sliceRows(rows, 0, middle), permissive, replace);
    yield* insertsOf(sliceRows(rows, middle, rows.rows), permissive, replace);
  }

  return {
    name: table.name,
    keyed: keys !== null,
    keyOf: (row) => (keys === null ? rowBytes(row).toString("latin1") : keys.bytesOf(row.batch, row.row)),
    textOf,
    deletes: (rows) => (keys === null ? deletesByRow(rows) : deletesByKey(rows)),
    *inserts(rows, replace) {
      const builder = rowBuilder();
      for (const [i, { batch, row }] of rows.entries()) {
        builder.add(batch, row);
        const full = builder.rows >= statementSize.rows || builder.bytes >= statementSize.bytes;
        if (!full && i < rows.length - 1) continue;
        for (const moded of split(builder.take())) {
          yield* insertsOf(moded.rows, moded.mode === "permissive", replace);
        }
      }
    },
    async firstMissing(session, rows) {
      if (keys === null) return rows[0] ?? null;
      const builder = rowBuilder();
      for (const { batch, row } of rows) builder.add(batch, row);
      const wanted = builder.take();
      const present = await keys.present(session, wanted);
      return refsOf(wanted).find(({ batch, row }) => !present.has(keys.bytesOf(batch, row))) ?? null;
    },
  };
}

function refsOf(batch: RowBatch): RowRef[] {
  return Array.from({ length: batch.rows }, (_, row) => ({ batch, row }));
}

function oversized(table: LoadTable, row: string, bytes: number, limit: number): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `A row of table ${table.name} needs a statement of ${bytes} bytes, the target takes ${limit}: ${row}.`,
    now: "Every change before it is on the target, none after it.",
    todo: "Raise --grpc-max-message-size on vtgate and vttablet and max_allowed_packet on the shards, and run the same command again.",
    context: { table: table.name, bytes, limit },
  });
}

function notUtf8(table: LoadTable, row: string, rows: number): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `Text of table ${table.name} is no UTF-8: ${rows === 1 ? row : `among ${rows} rows from ${row}`}.`,
    now: "Every change before it is on the target, none after it.",
    todo: "Make the transform give UTF-8, or make the column a binary one.",
    context: { table: table.name },
  });
}
