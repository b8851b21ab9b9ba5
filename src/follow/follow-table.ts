import { type GtidSet, gtidText, parsePosition } from "../mysql/gtid-set.ts";
import { hasTable } from "../mysql/has-table.ts";
import { quoteString } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";
import { gtidName, parseGtidName, type ShardPosition } from "./cursor.ts";

/**
 * How far each shard is, written in the transaction that brings its rows. In no vschema, so vtgate never routes to it. A
 * copy has a table of its own, with one line, so that dropping it is nobody else's loss.
 */
export function followTable(copy: string): string {
  return `_vtpipe_follow_${copy.slice(0, 12)}`;
}

/** The line of one copy on one shard. */
export interface FollowLine {
  readonly position: ShardPosition;
  /** Who writes it: the newest process that took the line over. */
  readonly writer: string;
  /** Goes up with each transaction, so that a change of the line always counts as one. */
  readonly step: number;
}

export async function createFollowTable(session: Session, copy: string): Promise<void> {
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${followTable(copy)} (copy VARBINARY(64) NOT NULL PRIMARY KEY, position LONGBLOB NOT NULL, partial_gtid VARBINARY(64), partial_done BIGINT UNSIGNED NOT NULL, writer VARBINARY(64) NOT NULL, step BIGINT UNSIGNED NOT NULL, committed_at DATETIME(3)) ENGINE=InnoDB COMMENT='vtpipe: how far follow is; vtpipe follow --finish takes it away'`,
  );
}

/** Reads the line; null: there is none, or not even the table. */
export async function readLine(session: Session, copy: string): Promise<FollowLine | null> {
  return (await hasTable(session, followTable(copy))) ? lineOf(await session.query(selectLine(copy))) : null;
}

/** The same, after any transaction of ours that is still under way has come to its end, whichever it is. */
export async function awaitLine(session: Session, copy: string): Promise<FollowLine | null> {
  await session.run("BEGIN");
  const line = lineOf(await session.query(`${selectLine(copy)} FOR UPDATE`));
  await session.run("COMMIT");
  return line;
}

function selectLine(copy: string): string {
  return `SELECT position, partial_gtid, partial_done, writer, step FROM ${followTable(copy)} WHERE copy = ${quoteString(copy)}`;
}

function lineOf([row]: readonly Record<string, string | null>[]): FollowLine | null {
  if (row === undefined) return null;
  const gtid = row["partial_gtid"] ?? null;
  return {
    position: {
      applied: parsePosition(row["position"] ?? ""),
      partial: gtid === null ? null : { gtid: parseGtidName(gtid), done: Number(row["partial_done"]) },
    },
    writer: row["writer"] ?? "",
    step: Number(row["step"]),
  };
}

/** Writes the line of a shard on which nothing was followed yet. */
export async function insertLine(session: Session, copy: string, start: GtidSet, writer: string): Promise<void> {
  await session.run(
    `INSERT INTO ${followTable(copy)} (copy, position, partial_gtid, partial_done, writer, step) VALUES (${quoteString(copy)}, ${quoteString(gtidText(start))}, NULL, 0, ${quoteString(writer)}, 0)`,
  );
}

/** Makes `writer` the only one whose further steps count, once a transaction that has the line has come to its end. */
export async function claimLine(session: Session, copy: string, writer: string): Promise<void> {
  await session.run(
    `UPDATE ${followTable(copy)} SET writer = ${quoteString(writer)}, step = step + 1 WHERE copy = ${quoteString(copy)}`,
  );
}

/** The statement that moves the line on; it must change one row, or somebody else has the line. */
export function advanceLine(copy: string, from: FollowLine, to: ShardPosition, committedAt: number | null): string {
  const { applied, partial } = to;
  const at = committedAt === null ? "" : `, committed_at = '${utcText(committedAt)}'`;
  return `UPDATE ${followTable(copy)} SET position = ${quoteString(gtidText(applied))}, partial_gtid = ${partial === null ? "NULL" : quoteString(gtidName(partial.gtid))}, partial_done = ${partial?.done ?? 0}, step = ${from.step + 1}${at} WHERE copy = ${quoteString(copy)} AND writer = ${quoteString(from.writer)} AND step = ${from.step}`;
}

export async function dropFollowTable(session: Session, copy: string): Promise<void> {
  await session.run(`DROP TABLE IF EXISTS ${followTable(copy)}`);
}

function utcText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("T", " ").replace("Z", "");
}
