import { checksumOf } from "../contracts/checksum.ts";
import type { RowBatch } from "../contracts/rows.ts";
import { quoteString } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";

/**
 * Which parts of keyless tables are on a shard: written in the same transaction as the rows, so the two cannot differ.
 * On the shards only while keyless tables are loaded; it is in no vschema, so vtgate never routes to it.
 */
export const LEDGER_TABLE = "_vtpipe_ledger";

/** One part of a chunk: the rows that go to one shard in one transaction. */
export interface LedgerPart {
  readonly run: string;
  readonly chunk: string;
  readonly part: number;
}

const where = ({ run, chunk, part }: LedgerPart): string =>
  `run = ${quoteString(run)} AND chunk = ${quoteString(chunk)} AND part = ${part}`;

/** Makes the table on the shard of this session. */
export async function createLoadLedger(session: Session): Promise<void> {
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${LEDGER_TABLE} (run VARBINARY(255) NOT NULL, chunk VARBINARY(64) NOT NULL, part INT UNSIGNED NOT NULL, row_count INT UNSIGNED NOT NULL, row_crc INT UNSIGNED NOT NULL, PRIMARY KEY (run, chunk, part)) ENGINE=InnoDB COMMENT='vtpipe: parts of tables without a key that are loaded; may be dropped when the load is over'`,
  );
}

/** Takes a finished run's parts out of the shard of this session, and the table too when no other run has any. */
export async function forgetRun(session: Session, run: string): Promise<void> {
  await session.run(`DELETE FROM ${LEDGER_TABLE} WHERE run = ${quoteString(run)}`);
  const left = await session.query(`SELECT 1 FROM ${LEDGER_TABLE} LIMIT 1`);
  if (left.length === 0) await session.run(`DROP TABLE IF EXISTS ${LEDGER_TABLE}`);
}

export function ledgerInsert(part: LedgerPart, rows: RowBatch): string {
  const { xor } = checksumOf(rows);
  return `INSERT INTO ${LEDGER_TABLE} (run, chunk, part, row_count, row_crc) VALUES (${quoteString(part.run)}, ${quoteString(part.chunk)}, ${part.part}, ${rows.rows}, ${xor})`;
}

/** Is the part there? "other": one of that number, but of other rows. */
export async function findPart(session: Session, part: LedgerPart, rows: RowBatch): Promise<"yes" | "no" | "other"> {
  const [row] = await session.query(`SELECT row_count, row_crc FROM ${LEDGER_TABLE} WHERE ${where(part)}`);
  if (row === undefined) return "no";
  const { xor } = checksumOf(rows);
  return row["row_count"] === String(rows.rows) && row["row_crc"] === String(xor) ? "yes" : "other";
}
