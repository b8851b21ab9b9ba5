import { addChecksums, emptyChecksum } from "../contracts/checksum.ts";
import type { KeyRange } from "../contracts/chunk.ts";
import type { Checksum, RowBatch, RowShape } from "../contracts/rows.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { rangePredicate } from "../mysql/key-range.ts";
import { cellBytesExpression, checksumSelect } from "../mysql/row-bytes.ts";
import type { Session } from "../mysql/session.ts";
import { keyLiterals, rowKeyOf } from "./row-key.ts";

/** Rows in an answer: half of what vttablet allows by default outside of OLAP (10,000, queryserver-config-max-result-size). */
const pageRows = 5000;

/** The select list that gives rows as chunk files have them, whatever the shard's time zone and character set. */
export function exactList(columns: RowShape): string {
  return columns.map((column) => cellBytesExpression(column, quoteName(column.name))).join(", ");
}

export async function checksumOn(
  session: Session,
  table: string,
  columns: RowShape,
  where: string | null,
): Promise<Checksum> {
  const [row] = await session.query(checksumSelect(quoteName(table), columns, where));
  return { rows: Number(row?.["rows"] ?? 0), xor: Number(row?.["xor"] ?? 0), sum: row?.["sum"] ?? "0" };
}

export function sumOf(checksums: readonly Checksum[]): Checksum {
  return checksums.reduce(addChecksums, emptyChecksum);
}

/**
 * Every row of a table that has no key to page by. vttablet ends an ordinary answer at 10,000 rows (error 1317), but streams
 * to an OLAP session; the session is put back afterwards.
 */
export async function* allRows(session: Session, table: string, columns: RowShape): AsyncGenerator<RowBatch> {
  // A MySQL server behind no gate does not know the variable, and needs it not.
  const streams = await session.run("SET workload = 'olap'").then(
    () => true,
    () => false,
  );
  try {
    yield* session.readRows(`SELECT ${exactList(columns)} FROM ${quoteName(table)}`);
  } finally {
    if (streams) await session.run("SET workload = 'oltp'").catch(() => {});
  }
}

/** The rows of a key range in key order, a bounded page at a time, so that no statement runs long. */
export async function* rowsInRange(
  session: Session,
  table: string,
  columns: RowShape,
  rangeColumns: readonly string[],
  range: KeyRange,
): AsyncGenerator<RowBatch> {
  const key = rowKeyOf(columns, rangeColumns);
  if (key === null) throw new RangeError(`rows of ${table} do not carry ${rangeColumns.join(", ")}`);
  const order = rangeColumns.map(quoteName).join(", ");
  let { after } = range;
  for (let rows = pageRows; rows === pageRows; ) {
    rows = 0;
    const where = rangePredicate(rangeColumns, { after, upTo: range.upTo });
    const filter = where === null ? "" : ` WHERE ${where}`;
    const page = `SELECT ${exactList(columns)} FROM ${quoteName(table)}${filter} ORDER BY ${order} LIMIT ${pageRows}`;
    for await (const batch of session.readRows(page)) {
      rows += batch.rows;
      after = keyLiterals(key, batch, batch.rows - 1);
      yield batch;
    }
  }
}
