import { setTimeout as delay } from "node:timers/promises";
import { VtpipeError } from "../contracts/errors.ts";
import type { EventSink } from "../contracts/events.ts";
import type { Snapshot } from "../contracts/position.ts";
import type { TableSchema } from "../contracts/schema.ts";
import { quoteTable } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";
import { lettingGo, longStatements, now, tryLock, unlock } from "./server-lock.ts";
import { isReplicating, readSourceState, type SourceState } from "./source-position.ts";

export interface SnapshotOptions {
  /** Takes the locks. Its being lost releases them. Not a read-only session, and in no transaction. */
  readonly control: Session;
  /** Ends a lock statement of `control` that waits too long; a session of the same account. */
  readonly watchdog: Session;
  /**
   * Opens every worker's transaction (START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY) and resolves when all are
   * open. May be called again: each call replaces the transactions of the call before.
   */
  readonly openAll: () => Promise<void>;
  readonly tables: readonly Pick<TableSchema, "database" | "name">[];
  /** Longest time writers may be held off: by waiting for a lock, all tries together, and again by holding it. */
  readonly lockTimeoutSeconds: number;
  /** Running number of the snapshot within the run directory. */
  readonly id: number;
  readonly onEvent: EventSink;
}

/** Each try costs a few round trips; a source that writes in every one of this many gaps needs a lock. */
const tries = 20;
const longestPauseMs = 200;

/**
 * A lock is asked for this often, each time for a part of the time limit, and writers go on in between. Waiting longer
 * at a stretch does not help: a transaction that holds a row lock another statement waits for is itself held up by our
 * pending lock, and nothing in the server sees that circle.
 */
const lockTries = 5;

type Taken = Pick<Snapshot, "position" | "method" | "lockMs" | "serverUuid">;

/**
 * All workers' transactions at one position, with as little harm to the source as its grants allow: a read-only source
 * needs no lock; else a short global read lock; else read locks on the tables to be moved; else no lock, and the
 * snapshots are accepted only if the position did not move. Throws `snapshot` when none of these works.
 */
export async function takeSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  const { control, id } = options;
  const state = await readSourceState(control);
  const taken =
    (await onReadOnlySource(options, state)) ??
    (await underGlobalLock(options)) ??
    (await underTableLocks(options)) ??
    (await withoutLock(options));
  if (taken === null) throw noSnapshot(state);
  return { id, ...taken, takenAt: new Date().toISOString(), serverVersion: control.serverVersion };
}

async function onReadOnlySource(options: SnapshotOptions, before: SourceState): Promise<Taken | null> {
  const { control, openAll } = options;
  if (!before.superReadOnly) return null;
  // Without GTIDs only the absence of every writer, replication included, shows that nothing moves.
  if (before.position === null && (await isReplicating(control))) return null;
  await openAll();
  const after = await readSourceState(control);
  if (!after.superReadOnly || after.committing || after.position !== before.position) return null;
  return { position: after.position, method: "no lock, read only source", lockMs: 0, serverUuid: after.serverUuid };
}

async function underGlobalLock(options: SnapshotOptions): Promise<Taken | null> {
  const { control, lockTimeoutSeconds, onEvent } = options;
  const [longest] = await longStatements(control, lockTimeoutSeconds);
  if (longest !== undefined) {
    onEvent({
      type: "warning",
      code: "lock-skipped",
      text: `No global read lock was asked for: a statement of ${longest.user} (connection ${longest.id}) has been running for ${longest.seconds} s, and every writer would have waited for it.`,
    });
    return null;
  }
  return underLock(options, "FLUSH TABLES WITH READ LOCK", "global read lock");
}

async function underTableLocks(options: SnapshotOptions): Promise<Taken | null> {
  const names = options.tables.map(({ database, name }) => quoteTable(database, name)).toSorted();
  if (names.length === 0) return null;
  return underLock(options, `LOCK TABLES ${names.map((name) => `${name} READ`).join(", ")}`, "table locks");
}

function underLock(options: SnapshotOptions, statement: string, method: Taken["method"]): Promise<Taken | null> {
  const { control, lockTimeoutSeconds } = options;
  return lettingGo(control, lockTimeoutSeconds, () => lockAndOpen(options, statement, method));
}

async function lockAndOpen(
  options: SnapshotOptions,
  statement: string,
  method: Taken["method"],
): Promise<Taken | null> {
  const { control, watchdog, openAll, lockTimeoutSeconds, onEvent } = options;
  let attempt = await tryLock(control, watchdog, statement, lockTimeoutSeconds / lockTries);
  for (let again = 2; again <= lockTries && !attempt.granted && attempt.reason === "timeout"; again++) {
    await pause();
    attempt = await tryLock(control, watchdog, statement, lockTimeoutSeconds / lockTries);
  }
  if (!attempt.granted) {
    const why =
      attempt.reason === "denied"
        ? "the account may not take it"
        : `it was not granted in ${lockTries} tries within ${lockTimeoutSeconds} s and was given up so that writers go on`;
    onEvent({ type: "warning", code: `lock-${attempt.reason}`, text: `No ${method}: ${why}.` });
    return null;
  }
  const grantedAt = now();
  let state: SourceState;
  try {
    await inTime(openAll(), lockTimeoutSeconds);
    // On the session that holds the lock: an answer proves that it still does.
    state = await readSourceState(control);
  } catch (error) {
    await unlock(control).catch(() => {});
    throw error;
  }
  await unlock(control);
  const lockMs = now() - grantedAt;
  onEvent({
    type: "note",
    text: `Writers were held off for ${lockMs.toFixed(1)} ms by a ${method}, after ${attempt.waitedMs.toFixed(1)} ms of waiting for it.`,
  });
  return { position: state.position, method, lockMs, serverUuid: state.serverUuid };
}

async function pause(): Promise<void> {
  await delay(Math.random() * longestPauseMs);
}

async function inTime(opening: Promise<void>, seconds: number): Promise<void> {
  const giveUp = new AbortController();
  const tooLate = delay(seconds * 1_000, undefined, { signal: giveUp.signal }).then(() => {
    throw new VtpipeError({
      code: "snapshot",
      message: `The workers' transactions were not all open within ${seconds} s of getting the lock.`,
      now: "The lock was released; nothing was read.",
      todo: "Run the same command again, with fewer workers or a longer lock timeout if it happens again.",
      retryable: true,
    });
  });
  try {
    await Promise.race([opening, tooLate]);
  } finally {
    giveUp.abort();
    tooLate.catch(() => {});
  }
}

/**
 * When no transaction was committing after the snapshots were opened and gtid_executed is what it was before, then what
 * each of them sees is exactly that set: a visible transaction is in it by now, and its members were visible from the start.
 */
async function withoutLock(options: SnapshotOptions): Promise<Taken | null> {
  const { control, openAll } = options;
  let before = await readSourceState(control);
  if (before.position === null) return null;
  for (let attempt = 1; attempt <= tries; attempt++) {
    await openAll();
    const after = await readSourceState(control);
    if (!after.committing && after.position === before.position) {
      const { position, serverUuid } = after;
      return { position, method: "no lock, position unchanged", lockMs: 0, serverUuid };
    }
    await pause();
    before = await readSourceState(control);
  }
  return null;
}

function noSnapshot(state: SourceState): VtpipeError {
  const why =
    state.position === null
      ? "Without GTIDs only a lock can make the workers' transactions see the same rows, and none was to be had."
      : `No lock was to be had, and the source wrote something in each of ${tries} tries to open the transactions between two writes.`;
  return new VtpipeError({
    code: "snapshot",
    message: `No consistent snapshot could be taken. ${why}`,
    now: "No lock is held; nothing was read and nothing was changed.",
    todo: "Grant FLUSH_TABLES (or RELOAD) on *.*, or LOCK TABLES on the database; or read from a replica; or try again when no long statement is running.",
    retryable: true,
  });
}
