import { checksumOf } from "../contracts/checksum.ts";
import type { RowBatch } from "../contracts/rows.ts";
import { quoteString } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";

/**
 * Which parts of a run's keyless tables are on a shard: written in the same transaction as the rows, so the two cannot
 * differ. On the shards only while keyless tables are loaded; it is in no vschema, so vtgate never routes to it. A run has a
 * table of its own, with letters and digits of its plan's fingerprint, so that taking it away is nobody else's loss.
 */
export function ledgerTable(run: string): string {
  return `_vtpipe_ledger_${run.slice(0, 12)}`;
}

/** One part of a chunk: the rows that go to one shard in one transaction. */
export interface LedgerPart {
  readonly run: string;
  readonly chunk: string;
  readonly part: number;
}

const where = ({ chunk, part }: LedgerPart): string => `chunk = ${quoteString(chunk)} AND part = ${part}`;

/** Makes the table on the shard of this session, if it is not there. */
export async function createLoadLedger(session: Session, run: string): Promise<void> {
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${ledgerTable(run)} (chunk VARBINARY(64) NOT NULL, part INT UNSIGNED NOT NULL, row_count INT UNSIGNED NOT NULL, row_crc INT UNSIGNED NOT NULL, PRIMARY KEY (chunk, part)) ENGINE=InnoDB COMMENT='vtpipe: parts of tables without a key that are loaded; may be dropped when the load is over'`,
  );
}

/** Takes a run's table off the shard of this session. A transaction of that run that is still under way is waited for. */
export async function dropLoadLedger(session: Session, run: string): Promise<void> {
  await session.run(`DROP TABLE IF EXISTS ${ledgerTable(run)}`);
}

export function ledgerInsert(part: LedgerPart, rows: RowBatch): string {
  const { xor } = checksumOf(rows);
  return `INSERT INTO ${ledgerTable(part.run)} (chunk, part, row_count, row_crc) VALUES (${quoteString(part.chunk)}, ${part.part}, ${rows.rows}, ${xor})`;
}

/** Is the part there? "other": one of that number, but of other rows. */
export async function findPart(session: Session, part: LedgerPart, rows: RowBatch): Promise<"yes" | "no" | "other"> {
  const [row] = await session.query(`SELECT row_count, row_crc FROM ${ledgerTable(part.run)} WHERE ${where(part)}`);
  if (row === undefined) return "no";
  const { xor } = checksumOf(rows);
  return row["row_count"] === String(rows.rows) && row["row_crc"] === String(xor) ? "yes" : "other";
}
