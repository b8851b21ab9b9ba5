import type { EventSink } from "../../contracts/events.ts";
import { countBeyond, includesSet, parsePosition } from "../../mysql/gtid-set.ts";
import type { ServerAddress } from "../../mysql/server-url.ts";
import { openSession, type Session } from "../../mysql/session.ts";
import type { FollowStatus } from "./follow-order.ts";

/** How often is told how far following is. */
const everyMs = 1000;
/** Speeds are of the last few seconds, so that they tell what is true now. */
const windowMs = 5000;

export interface WatchFollowOptions {
  readonly source: ServerAddress;
  readonly emit: EventSink;
  /** null: there is nothing to tell yet. */
  ask(): Promise<FollowStatus | null>;
}

/** Tells how far following is until it is disposed of. */
export function watchFollow(options: WatchFollowOptions): AsyncDisposable {
  const window: { at: number; transactions: number; rows: number }[] = [];
  let control: Session | null = null;
  let looking: Promise<void> = Promise.resolve();
  let busy = false;
  let caughtUp = false;

  /** What the source has and its clock; null while it does not answer. */
  async function sourceNow(): Promise<{ executed: string; at: number } | null> {
    try {
      control ??= await openSession(options.source, { purpose: "control" });
      const [row] = await control.query("SELECT @@global.gtid_executed AS executed, UNIX_TIMESTAMP(NOW(3)) AS at");
      return { executed: row?.["executed"] ?? "", at: Number(row?.["at"] ?? 0) * 1000 };
    } catch {
      control?.destroy();
      control = null;
      return null;
    }
  }

  async function look(): Promise<void> {
    const now = await sourceNow();
    const status = await options.ask();
    if (status === null) return;
    for (const text of status.notes) options.emit({ type: "note", text });
    const at = performance.now();
    window.push({ at, transactions: status.transactions, rows: status.rows });
    while (window.length > 2 && at - (window[0]?.at ?? 0) > windowMs) window.shift();
    const [first] = window;
    const seconds = first === undefined ? 0 : (at - first.at) / 1000;
    const rate = (what: "transactions" | "rows"): number =>
      first !== undefined && seconds > 0 ? (status[what] - first[what]) / seconds : 0;
    const applied = parsePosition(status.position);
    const executed = now === null ? null : parsePosition(now.executed);
    const isThere = executed !== null && includesSet(applied, executed);
    options.emit({
      type: "follow",
      position: status.position,
      transactions: status.transactions,
      rows: status.rows,
      transactionsPerSecond: rate("transactions"),
      rowsPerSecond: rate("rows"),
      lagTransactions: executed === null ? null : countBeyond(executed, applied),
      lagSeconds: lagOf(isThere, now?.at ?? null, status.committedAt),
      waitingBytes: status.waiting,
    });
    if (isThere && !caughtUp) {
      caughtUp = true;
      options.emit({
        type: "note",
        text: "Caught up with the source; what it commits from now on follows as it comes.",
      });
    }
  }

  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    looking = look()
      .catch(() => {})
      .finally(() => {
        busy = false;
      });
  }, everyMs);
  timer.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await looking;
      await control?.close();
    },
  };
}

function lagOf(isThere: boolean, now: number | null, committedAt: number): number | null {
  if (isThere) return 0;
  return now === null || committedAt === 0 ? null : Math.max(0, (now - committedAt) / 1000);
}
