import type { Limits } from "../../contracts/limits.ts";
import type { Session } from "../../mysql/session.ts";
import type { Verdict } from "./judge.ts";

type Rows = readonly Readonly<Record<string, string | null>>[];

/** What the source's load is, as far as there are limits for it. */
export async function lookAtSource(session: Session, limits: Limits, ownReaders: number): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  if (limits.threadsRunning !== null) {
    const rows = await session.query("SHOW GLOBAL STATUS LIKE 'Threads_running'");
    verdicts.push(threadsVerdict(rows, limits.threadsRunning, ownReaders));
  }
  if (limits.sourceLagSeconds !== null) {
    verdicts.push(sourceLagVerdict(await replicaStatus(session), limits.sourceLagSeconds));
  }
  return verdicts;
}

/** Verdicts for a source that gives no answer: nothing is known of what is limited. */
export function blindToSource(limits: Limits): Verdict[] {
  const verdicts: Verdict[] = [];
  if (limits.threadsRunning !== null) verdicts.push(threadsVerdict([], limits.threadsRunning, 0));
  if (limits.sourceLagSeconds !== null) verdicts.push(sourceLagVerdict(null, limits.sourceLagSeconds));
  return verdicts;
}

/** Of the threads that are at work one asks this very question, and one is at work for each reader of ours. */
export function threadsVerdict(rows: Rows, limit: number, ownReaders: number): Verdict {
  const text = rows[0]?.["Value"] ?? null;
  const observed = text === null ? null : Math.max(0, Number(text) - 1 - ownReaders);
  const base = { reason: "threads-running", way: "reading", limit, observed } as const;
  if (observed === null)
    return { ...base, over: null, text: "the source does not tell how many threads it has running" };
  const said = `the source has ${observed} threads running besides ours, limit ${limit}`;
  return { ...base, over: observed > limit, text: said };
}

/**
 * The lag of the channel that is furthest behind. A channel whose applier was stopped on purpose, as for reading from a replica that
 * stands still, has none. null: it may not be asked for, or there was no answer.
 */
export function sourceLagVerdict(channels: Rows | null, limit: number): Verdict {
  const base = { reason: "source-lag", way: "reading", limit } as const;
  const unknown = {
    ...base,
    observed: null,
    over: null,
    text: "the source does not tell how far it is behind",
  } as const;
  if (channels === null) return unknown;
  const applying = channels.filter((row) => field(row, "Replica_SQL_Running", "Slave_SQL_Running") === "Yes");
  const lags = applying.map((row) => field(row, "Seconds_Behind_Source", "Seconds_Behind_Master"));
  // It applies what it has, but the server it gets it from is away: what is missing is not known.
  if (lags.some((lag) => lag === null)) return unknown;
  const observed = Math.max(0, ...lags.map(Number));
  return {
    ...base,
    observed,
    over: observed > limit,
    text: `the source is ${observed} s behind its own source, limit ${limit} s`,
  };
}

const field = (row: Rows[number], name: string, before: string): string | null => row[name] ?? row[before] ?? null;

async function replicaStatus(session: Session): Promise<Rows | null> {
  try {
    return await session.query("SHOW REPLICA STATUS");
  } catch {
    // Before 8.0.22 it had another name; an account without REPLICATION CLIENT may ask neither.
    return session.query("SHOW SLAVE STATUS").catch(() => null);
  }
}

/**
 * Transactions whose undo the source has not purged yet. null: it cannot be seen, mostly for want of PROCESS.
 */
export async function historyListLength(session: Session): Promise<number | null> {
  try {
    const [row] = await session.query(
      "SELECT `COUNT` AS length FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'",
    );
    const length = row?.["length"] ?? null;
    return length === null ? null : Number(length);
  } catch {
    return null;
  }
}
