import type { Session } from "../mysql/session.ts";
import { IDLE_SECONDS } from "../mysql/session-settings.ts";
import { errnoOf } from "./errno.ts";

/** ER_LOCK_WAIT_TIMEOUT and ER_QUERY_INTERRUPTED: the lock was not to be had in time. */
const timeouts = new Set([1205, 1317]);
/** Access denied to a database, a table, or for want of a global privilege. */
const denials = new Set([1044, 1045, 1142, 1227]);

export type LockAttempt =
  | { readonly granted: true; readonly waitedMs: number }
  | { readonly granted: false; readonly reason: "denied" | "timeout"; readonly waitedMs: number };

/** Milliseconds since some fixed instant, never going back. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

/**
 * Runs a locking statement that gives up after `timeoutSeconds`, twice guarded: `lock_wait_timeout` bounds each wait
 * inside the server, and since one statement may wait several times, a timer has `watchdog` end it. While a lock is
 * pending, writers already queue behind it, so waiting is as harmful as holding.
 */
export async function tryLock(
  session: Session,
  watchdog: Session,
  statement: string,
  timeoutSeconds: number,
): Promise<LockAttempt> {
  await session.run(`SET SESSION lock_wait_timeout = ${Math.max(1, Math.ceil(timeoutSeconds))}`);
  let killed: Promise<unknown> | null = null;
  const timer = setTimeout(() => {
    killed = watchdog.run(`KILL QUERY ${session.connectionId}`).catch(() => session.destroy());
  }, timeoutSeconds * 1_000);
  const asked = now();
  try {
    await session.run(statement);
  } catch (error) {
    const errno = errnoOf(error) ?? 0;
    const waitedMs = now() - asked;
    if (denials.has(errno)) return { granted: false, reason: "denied", waitedMs };
    if (timeouts.has(errno)) return { granted: false, reason: "timeout", waitedMs };
    throw error;
  } finally {
    clearTimeout(timer);
    if (killed !== null) await killed;
  }
  const waitedMs = now() - asked;
  if (killed === null) return { granted: true, waitedMs };
  // Granted in the very moment it was given up: the KILL may hit whatever comes next, so this is no lock to build on.
  await unlock(session);
  return { granted: false, reason: "timeout", waitedMs };
}

/** Releases table locks; when that fails the connection is cut, and the server releases them itself. */
export async function unlock(session: Session): Promise<void> {
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      await session.run("UNLOCK TABLES");
      return;
    } catch (error) {
      if (errnoOf(error) === 1317 && attempt === 1) continue;
      session.destroy();
      throw error;
    }
  }
}

/** Seconds beyond the time a lock may be held after which the server itself takes it from a session that says nothing. */
const IDLE_GRACE_SECONDS = 5;

/**
 * Does `work` on a session that may hold a lock for `seconds` at a stretch. Should the server hear nothing of us any more, it ends
 * the session and its lock soon after, whatever has become of us or the network. After `work` has failed the session is not to be used.
 */
export async function lettingGo<T>(session: Session, seconds: number, work: () => Promise<T>): Promise<T> {
  await session.run(`SET SESSION wait_timeout = ${Math.ceil(seconds) + IDLE_GRACE_SECONDS}`);
  const result = await work();
  await session.run(`SET SESSION wait_timeout = ${IDLE_SECONDS}`);
  return result;
}

/** Statements of others that have run longer than `seconds`; only the session's own account without PROCESS. */
export async function longStatements(
  session: Session,
  seconds: number,
): Promise<readonly { readonly id: string; readonly user: string; readonly seconds: number }[]> {
  // Its successor in performance_schema holds no lock while it is read, but it is empty where that schema is off.
  const [schema] = await session.query("SELECT @@GLOBAL.performance_schema AS enabled");
  const select = (table: string): string =>
    `SELECT ID AS id, USER AS user, TIME AS seconds FROM ${table}
     WHERE COMMAND IN ('Query', 'Execute') AND TIME > ${seconds} AND ID <> CONNECTION_ID()
       AND USER NOT IN ('system user', 'event_scheduler') ORDER BY TIME DESC LIMIT 3`;
  const older = select("information_schema.PROCESSLIST");
  // Before 8.0.22 there was no successor.
  const rows = await (schema?.["enabled"] === "1"
    ? session.query(select("performance_schema.processlist")).catch(() => session.query(older))
    : session.query(older));
  return rows.map((row) => ({ id: row["id"] ?? "", user: row["user"] ?? "", seconds: Number(row["seconds"]) }));
}
