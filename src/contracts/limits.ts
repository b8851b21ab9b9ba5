/** What a copy spares its servers. null: that is not limited. */
export interface Limits {
  /** Row bytes per second, all workers together: read from the source, and as many sent to the target. */
  readonly maxRate: number | null;
  /** Threads at work on the source besides our own readers. */
  readonly threadsRunning: number | null;
  /** How far the source may be behind the server it replicates from. */
  readonly sourceLagSeconds: number | null;
  /** How far a replica of the target's shards may be behind. */
  readonly targetLagSeconds: number | null;
  /** Is Vitess's throttler asked? */
  readonly vitessThrottler: boolean;
  /** Undo that the source may keep for the snapshot, in transactions; above it the snapshot is given up. */
  readonly historyListLength: number | null;
}

/** Changes made while a run is at work, as `limits.json` of the run directory holds them: what is not in it stays as it was. */
export type LimitChanges = { readonly [K in keyof Limits]?: Limits[K] | undefined } & {
  /** Neither read nor load, until it is taken back. */
  readonly paused?: boolean | undefined;
};

export const noLimits: Limits = Object.freeze({
  maxRate: null,
  threadsRunning: null,
  sourceLagSeconds: null,
  targetLagSeconds: null,
  vitessThrottler: false,
  historyListLength: null,
});

/** The two ways rows take: from the source into files, from files to the target. */
export const ways = ["reading", "loading"] as const;
export type Way = (typeof ways)[number];

/** Why rows wait. */
export type ThrottleReason =
  | "max-rate"
  | "threads-running"
  | "source-lag"
  | "target-lag"
  | "vitess-throttler"
  | "on-request";
