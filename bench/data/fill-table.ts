import type { TableShape } from "../../src/bench/shapes/shape.ts";
import { valuesStrategy } from "../../src/load/values.ts";
import { quoteName } from "../../src/mysql/identifiers.ts";
import type { Session } from "../../src/mysql/session.ts";

export interface FillOptions {
  readonly table: string;
  readonly rows: number;
  readonly seed: string;
  /** Rows that are all different, at most; those after them repeat the first ones under other ids. Default 200,000. */
  readonly distinct?: number;
}

const DISTINCT_ROWS = 200_000;
/** Of rows that are sent; what is to be more is made by the server out of those. */
const DISTINCT_BYTES = 256 << 20;
/** Row bytes of a statement that sends rows. */
const SENT_BYTES = 1 << 20;
/** Most rows and row bytes the server copies by one statement, which is one transaction. */
const COPIED_ROWS = 100_000;
const COPIED_BYTES = 128 << 20;

/**
 * Makes a table with rows 1 to `rows` of a shape, on a server of the bench's own: a table of that name goes. The first
 * rows are generated and sent; a larger table then grows on the server out of these, so its rows repeat but for `id`.
 * Outside the binary log, which no one reads. Secondary keys are made last.
 */
export async function fillTable(session: Session, shape: TableShape, options: FillOptions): Promise<void> {
  const { table, rows } = options;
  await session.run("SET @bench_log_bin = @@SESSION.sql_log_bin, sql_log_bin = 0");
  await session.run(`DROP TABLE IF EXISTS ${quoteName(table)}`);
  await session.run(shape.createTable(table));
  const sent = await sendRows(session, shape, options);
  if (sent.rows < rows) await growTable(session, shape, options, sent);
  if (shape.secondaryKeys.length > 0) {
    await session.run(`ALTER TABLE ${quoteName(table)} ${shape.secondaryKeys.map((key) => `ADD ${key}`).join(", ")}`);
  }
  await session.query(`ANALYZE TABLE ${quoteName(table)}`);
  await session.run("SET sql_log_bin = @bench_log_bin");
}

interface Sent {
  readonly rows: number;
  readonly bytes: number;
}

async function sendRows(
  session: Session,
  shape: TableShape,
  { table, rows, seed, distinct }: FillOptions,
): Promise<Sent> {
  const strategy = valuesStrategy({ name: table, columns: shape.columns, key: { index: "PRIMARY", columns: ["id"] } });
  const wanted = Math.min(rows, distinct ?? DISTINCT_ROWS);
  let sent: Sent = { rows: 0, bytes: 0 };
  // The first statement is a small one: it tells how large rows are.
  let next = 50;
  while (sent.rows < wanted && sent.bytes < DISTINCT_BYTES) {
    const batch = shape.rows(seed, sent.rows + 1, Math.min(next, wanted - sent.rows));
    await strategy.send(session, strategy.encode(batch));
    sent = { rows: sent.rows + batch.rows, bytes: sent.bytes + batch.bytes.length };
    next = rowsWithin(SENT_BYTES, sent);
  }
  return sent;
}

async function growTable(session: Session, shape: TableShape, { table, rows }: FillOptions, sent: Sent): Promise<void> {
  const name = quoteName(table);
  const others = shape.columns.slice(1).map((column) => quoteName(column.name));
  const most = Math.min(COPIED_ROWS, rowsWithin(COPIED_BYTES, sent));
  for (let have = sent.rows; have < rows; ) {
    const after = have % sent.rows;
    const count = Math.min(most, sent.rows - after, rows - have);
    await session.run(
      `INSERT INTO ${name} (${["`id`", ...others].join(", ")}) SELECT ${[`\`id\` + ${have - after}`, ...others].join(", ")} FROM ${name} WHERE \`id\` > ${after} AND \`id\` <= ${after + count}`,
    );
    have += count;
  }
}

const rowsWithin = (bytes: number, sent: Sent): number => Math.max(1, Math.floor((bytes * sent.rows) / sent.bytes));
