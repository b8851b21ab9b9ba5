import type { BinlogClock } from "../contracts/handoff-status.ts";
import { countBeyond, type GtidSet } from "../mysql/gtid-set.ts";

/** How long a server keeps its binary logs, and what it has purged already. */
export interface BinlogKeeping {
  readonly purged: GtidSet;
  /** 0: for ever. null: the server did not say. */
  readonly expireSeconds: number | null;
  /** false: expired logs stay until somebody purges them. */
  readonly autoPurge: boolean;
}

/** The neediest stream of those that read from a server. */
export interface Needed {
  readonly position: GtidSet;
  /** Seconds since the transaction at its position was committed; null: not known. */
  readonly ageSeconds: number | null;
}

/** Less than this is worth a warning: a person has to be found, and a copy has to be done again. */
export const fewHours = 6;

/**
 * Pure: how long a server is certain to keep what streams still need. A binary log expires so many seconds after it was last
 * written to, which was no earlier than the transaction the stream stands at, and is purged when the server rotates its log
 * after that. So the time that is left is a lower bound.
 */
export function binlogClock(server: string, keeping: BinlogKeeping, needed: readonly Needed[]): BinlogClock {
  const lost = Math.max(0, ...needed.map(({ position }) => countBeyond(keeping.purged, position)));
  const clock = (
    state: BinlogClock["state"],
    text: string,
    todo: string | null,
    secondsLeft: number | null = null,
  ) => ({
    ...{ server, state, secondsLeft, text, todo },
  });
  if (lost > 0) {
    return clock(
      "lost",
      `${server} has purged binary logs with ${lost} transactions that a stream has not seen; they are nowhere else.`,
      "Cancel the handoff, raise binlog_expire_logs_seconds on that server, and copy again.",
    );
  }
  const { expireSeconds } = keeping;
  if (expireSeconds === null)
    return clock("unknown", `${server} does not say how long it keeps its binary logs.`, null);
  if (!keeping.autoPurge) {
    return clock("kept", `${server} purges no binary log by itself (binlog_expire_logs_auto_purge is OFF).`, null);
  }
  if (expireSeconds === 0) {
    return clock("kept", `${server} purges no binary log by itself (binlog_expire_logs_seconds is 0).`, null);
  }
  const ages = needed.map(({ ageSeconds }) => ageSeconds);
  if (ages.includes(null)) {
    return clock(
      "unknown",
      `${server} keeps binary logs for ${hours(expireSeconds)}; how old the needed ones are is not known.`,
      null,
    );
  }
  const left = expireSeconds - Math.max(0, ...ages.map((age) => age ?? 0));
  const raise = `Raise binlog_expire_logs_seconds on ${server} now (SET PERSIST), or have the streams catch up.`;
  if (left <= 0) {
    return clock(
      "due",
      `Binary logs that a stream needs have expired on ${server}: it purges them when it rotates its log next.`,
      raise,
    );
  }
  const few = left < fewHours * 3600;
  return clock(
    "counting",
    `${server} keeps what the streams need for ${hours(left)} more at least.`,
    few ? raise : null,
    left,
  );
}

function hours(seconds: number): string {
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} minutes`;
  const whole = Math.floor(seconds / 3600);
  return whole < 48 ? `${whole} hours` : `${Math.floor(whole / 24)} days`;
}
