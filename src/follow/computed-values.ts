import { VtpipeError } from "../contracts/errors.ts";
import type { RowBatch } from "../contracts/rows.ts";
import type { Column } from "../contracts/schema.ts";
import { findCells } from "../mysql/cells.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { cellLiteral } from "../mysql/literal.ts";
import type { Session } from "../mysql/session.ts";

/** Rows and bytes of one question to the source. */
export const ASKED_ROWS = 200;
export const ASKED_BYTES: number = 1 << 20;

const texts = /('(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*")|(`(?:[^`]|``)*`)/g;

/**
 * An expression of the chain (`ComputedCell.expression`) over a row that is not in the table any more: each column, which
 * stands there with its type around it, gives way to its value. VReplication does the same with an SQL twin.
 */
export function overLiterals(expression: string, literalOf: ReadonlyMap<string, string>): string {
  return expression.replace(texts, (all, _text, name: string | undefined) => {
    if (name === undefined) return all;
    const literal = literalOf.get(name);
    if (literal === undefined) throw new RangeError(`an expression has ${name} in it, which is no column`);
    return literal;
  });
}

/** A cell as the literal that an expression's typed reference takes. */
function operand(column: Column, value: Uint8Array | null): string {
  if (value === null) return "NULL";
  if (column.kind === "json") return `CAST(${cellLiteral(column, value)} AS JSON)`;
  // The reference makes a DATETIME of it, in a session at +00:00.
  if (column.kind === "timestamp") return cellLiteral({ ...column, kind: "datetime" }, value);
  return cellLiteral(column, value);
}

/** The same for several batches, which are asked for together. */
export async function withComputedAll(
  session: Session,
  columns: readonly Column[],
  expressions: readonly string[],
  batches: readonly RowBatch[],
): Promise<readonly RowBatch[]> {
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  const offsets = new Uint32Array(rows + 1);
  let [at, base] = [0, 0];
  for (const batch of batches) {
    for (let row = 1; row <= batch.rows; row++) offsets[++at] = base + (batch.offsets[row] as number);
    base += batch.offsets[batch.rows] as number;
  }
  const bytes = Buffer.concat(batches.map((batch) => batch.bytes.subarray(0, batch.offsets[batch.rows])));
  const all = await withComputed(session, columns, expressions, { bytes, offsets, rows });
  let first = 0;
  return batches.map((batch) => {
    const start = all.offsets[first] as number;
    const own = all.offsets.subarray(first, first + batch.rows + 1).map((offset) => offset - start);
    first += batch.rows;
    return { bytes: all.bytes.subarray(start, all.offsets[first]), offsets: own, rows: batch.rows };
  });
}

/** The rows with the computed cells after their own, as a SELECT in a source session gives them. */
export async function withComputed(
  session: Session,
  columns: readonly Column[],
  expressions: readonly string[],
  rows: RowBatch,
): Promise<RowBatch> {
  const parts: Buffer[] = [];
  const offsets = new Uint32Array(rows.rows + 1);
  const bounds = new Int32Array(columns.length * 2);
  const place = new Int32Array((expressions.length + 1) * 2);
  const names = columns.map(({ name }) => quoteName(name));
  let total = 0;
  for (let at = 0; at < rows.rows; ) {
    const selects: string[] = [];
    for (let size = 0; at + selects.length < rows.rows && selects.length < ASKED_ROWS && size < ASKED_BYTES; ) {
      const row = at + selects.length;
      findCells(rows.bytes, rows.offsets[row] as number, rows.offsets[row + 1] as number, columns.length, bounds);
      const literals = new Map(
        columns.map((column, i) => {
          const start = bounds[i * 2] as number;
          return [
            names[i] as string,
            operand(column, start < 0 ? null : rows.bytes.subarray(start, bounds[i * 2 + 1])),
          ];
        }),
      );
      const select = `SELECT ${[String(row), ...expressions.map((sql) => overLiterals(sql, literals))].join(", ")}`;
      selects.push(select);
      size += select.length;
    }
    let answered = 0;
    for await (const batch of session.readRows(selects.join(" UNION ALL "))) {
      for (let i = 0; i < batch.rows; i++, answered++) {
        const [start, end] = [batch.offsets[i] as number, batch.offsets[i + 1] as number];
        findCells(batch.bytes, start, end, expressions.length + 1, place);
        const row = at + answered;
        if (batch.bytes.toString("latin1", place[0], place[1]) !== String(row)) throw outOfOrder();
        const own = rows.bytes.subarray(rows.offsets[row], rows.offsets[row + 1]);
        // Behind the number are the cells, prefixes and all.
        const computed = Buffer.from(batch.bytes.subarray(place[1], end));
        parts.push(own, computed);
        total += own.length + computed.length;
        offsets[row + 1] = total;
      }
    }
    if (answered !== selects.length) throw outOfOrder();
    at += selects.length;
  }
  return { bytes: Buffer.concat(parts), offsets, rows: rows.rows };
}

function outOfOrder(): VtpipeError {
  return new VtpipeError({
    code: "source",
    message: "The source did not answer for each row that was asked for, in order.",
    now: "Nothing was made of the answer.",
    todo: "Check what answers at the source's address: a proxy in between may rewrite statements.",
  });
}
