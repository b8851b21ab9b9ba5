import type { Lane } from "./handoff.ts";

/** How a handoff stands at one moment, as `status` tells it. Plain data. */
export interface HandoffStatus {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The lanes that have tables; none while no handoff was begun from the run directory. */
  readonly lanes: readonly LaneStatus[];
  /** Only workflows that there are. */
  readonly workflows: readonly WorkflowStatus[];
  /** One for each server that streams read from, as long as they need its binary logs. */
  readonly binlogs: readonly BinlogClock[];
  /** Who did not answer, and since when: everything else is then what was last known. null: all did. */
  readonly away: { readonly since: string; readonly what: string } | null;
}

export interface LaneStatus {
  readonly lane: Lane;
  readonly workflow: string;
  readonly tables: number;
  /** In the words of the handoff's state machine: none, prepared, positioned, running, failed, … */
  readonly state: string;
  readonly meaning: string;
}

export interface WorkflowStatus {
  readonly name: string;
  /** `reverse` carries what the target takes back to the source once traffic is switched. */
  readonly role: Lane | "bridge" | "reverse";
  readonly streams: readonly StreamStatus[];
}

/**
 * How a stream gets on. `caught-up`: hardly behind; `gaining`: catches up; `falling-behind`: the source is faster;
 * `stalled`: it is behind and does not move; `idle`: it is not meant to move; `unknown`: seen once only.
 */
export type StreamTrend = "caught-up" | "gaining" | "falling-behind" | "stalled" | "idle" | "unknown";

export interface StreamStatus {
  readonly id: string;
  /** The shard it writes to and the one it reads, `keyspace/shard`. */
  readonly into: string;
  readonly from: string;
  readonly tablet: string;
  /** Vitess's word: Stopped, Running, Copying, Error, … */
  readonly state: string;
  readonly position: string;
  readonly trend: StreamTrend;
  /** Transactions it has still to see, exactly; null: not known. */
  readonly transactionsBehind: number | null;
  /** Seconds by which it is behind, at most; null: not known. */
  readonly secondsBehind: number | null;
  /** Transactions a second it goes through; null until it was seen twice. */
  readonly transactionsPerSecond: number | null;
  /** Until it is caught up at the present pace; null: not known, or never at this pace. */
  readonly etaSeconds: number | null;
  /** Who holds it back now, and why as the throttler says; null: nobody does. */
  readonly throttled: Throttling | null;
  readonly trouble: StreamTrouble | null;
}

export interface Throttling {
  /** Vitess's name of the part that is held back, with what it does. */
  readonly by: string;
  /** Empty: the throttler did not say. */
  readonly why: string;
}

/** What a stream reports, put so that somebody can act on it. */
export interface StreamTrouble {
  readonly kind: string;
  readonly meaning: string;
  readonly todo: string;
  /** true: Vitess tries again by itself; false: the stream has given up. */
  readonly retried: boolean;
  /** Vitess's own words, without row data. */
  readonly message: string;
}

/**
 * When a server purges binary logs that streams still need. `counting`: not before `secondsLeft`; `due`: whenever it rotates
 * its log next; `kept`: it never does by itself; `lost`: it has done so; `unknown`: it cannot be told.
 */
export interface BinlogClock {
  /** `keyspace/shard` */
  readonly server: string;
  readonly state: "counting" | "due" | "kept" | "lost" | "unknown";
  /** At least; only with `counting`. */
  readonly secondsLeft: number | null;
  readonly text: string;
  /** What to do about it; null: nothing. */
  readonly todo: string | null;
}

/** What somebody waits for: streams that are hardly behind, or the target having the traffic. */
export const untils = ["caught-up", "switched"] as const;

export type Until = (typeof untils)[number];
