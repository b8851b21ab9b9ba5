import type { WireError } from "./errors.ts";
import type { HandoffStatus } from "./handoff-status.ts";
import type { Limits, ThrottleReason, Way } from "./limits.ts";
import type { TableClass } from "./manifest.ts";
import type { Position } from "./position.ts";
import type { QueuePicture } from "./queue-picture.ts";
import type { StageSeconds } from "./stages.ts";

/** A snapshot of a run's progress; sent a few times a second, less often the more tables there are. */
export interface Progress {
  readonly phase: "preparing" | "copying" | "verifying" | "done";
  readonly tables: readonly TableProgress[];
  readonly rowsDumped: number;
  readonly rowsLoaded: number;
  readonly bytesDumped: number;
  readonly bytesLoaded: number;
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
  /** null until there is something to go by. */
  readonly etaSeconds: number | null;
  readonly stages: StageSeconds;
  /** Seconds the workers' threads ran code, and seconds they were there, both summed over workers. */
  readonly threadsBusySeconds: number;
  readonly threadsSeconds: number;
  /** Of the whole process, now. */
  readonly rssBytes: number;
  /** The stage that limits the run now, e.g. "target (vtgate)"; null until known. */
  readonly limitedBy: string | null;
  /** Why rows wait although they could go on, in words; null: they don't. */
  readonly throttled: string | null;
}

export interface TableProgress {
  readonly source: string;
  readonly rowsEstimate: number;
  readonly rowsDumped: number;
  readonly rowsLoaded: number;
  readonly chunksDumped: number;
  readonly chunksLoaded: number;
  readonly dumped: boolean;
  readonly loaded: boolean;
}

/** One line per table of the closing summary. */
export interface TableSummary {
  readonly source: string;
  readonly target: string;
  readonly class: TableClass;
  readonly rows: number;
  readonly bytes: number;
  readonly chunks: number;
  /** true: equal; false: differs; null: not verified. */
  readonly verified: boolean | null;
}

/** The last line of every command's `--json` output. */
export interface Summary {
  readonly type: "summary";
  readonly command: string;
  readonly ok: boolean;
  readonly error: WireError | null;
  readonly tables: readonly TableSummary[];
  readonly position: Position;
  readonly lockMs: number | null;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly peakRssBytes: number;
  readonly directory: string | null;
  /** What the target is: real Vitess, the stand-in, or none. */
  readonly target: "vitess" | "stand-in" | null;
}

/** Everything a command says while it works; `--json` prints these as they are, one a line. */
export type RunEvent =
  | { readonly type: "note"; readonly text: string }
  /** What follows is a part of its own. */
  | { readonly type: "headline"; readonly text: string }
  | {
      readonly type: "warning";
      readonly code: string;
      readonly text: string;
      readonly table?: string;
      readonly column?: string;
    }
  | {
      readonly type: "snapshot";
      readonly position: Position;
      readonly lockMs: number;
      readonly method: string;
      readonly workers: number;
    }
  | {
      readonly type: "table:planned";
      readonly table: string;
      readonly target: string;
      readonly class: TableClass;
      readonly rowsEstimate: number;
      readonly bytesEstimate: number;
      readonly chunkKey: readonly string[];
    }
  | {
      readonly type: "table:dumped";
      readonly table: string;
      readonly rows: number;
      readonly bytes: number;
      readonly chunks: number;
    }
  | { readonly type: "table:loaded"; readonly table: string; readonly rows: number }
  | { readonly type: "table:verified"; readonly table: string; readonly equal: boolean; readonly rows: number }
  | {
      readonly type: "difference";
      readonly table: string;
      readonly key: string;
      readonly columns: readonly string[];
      readonly what: "missing" | "different" | "extra";
    }
  | { readonly type: "progress"; readonly progress: Progress }
  /** One measurement of a bench; `of` many are to come in all. */
  | {
      readonly type: "measured";
      readonly what: string;
      readonly number: number;
      readonly of: number;
      readonly rowsPerSecond: number;
      readonly bytesPerSecond: number;
    }
  | {
      readonly type: "strategy";
      readonly table: string;
      readonly strategy: string;
      readonly routing: string;
      readonly why: string;
    }
  /** How one worker's statements go to a shard from now on; told when it has changed. */
  | {
      readonly type: "pace";
      readonly worker: number;
      /** The table that was being loaded. */
      readonly table: string;
      /** null: vtgate routes. */
      readonly shard: string | null;
      /** Statements in flight at most. */
      readonly sessions: number;
      readonly rowsPerStatement: number;
      readonly bytesPerStatement: number;
      /** The target pushed back; its answers took long; it has taken everything since; it was measured to be faster. */
      readonly because: "refused" | "slow" | "calm" | "faster";
      readonly why: string;
    }
  /** How much of a table a chunk holds from now on; told when it has changed clearly. */
  | { readonly type: "chunk:size"; readonly table: string; readonly bytes: number; readonly why: string }
  /** What the copy keeps to from now on: at its start, if there is anything, and when `vtpipe limits` has changed it. */
  | { readonly type: "limits"; readonly limits: Limits; readonly paused: boolean }
  /** Rows wait, or no longer do. `slowed`: they go on, at the speed that is allowed. */
  | {
      readonly type: "throttle";
      readonly way: Way;
      readonly state: "paused" | "slowed" | "running";
      readonly reason: ThrottleReason;
      /** What was seen, in the limit's unit; null: there is no number. */
      readonly observed: number | null;
      readonly limit: number | null;
      readonly text: string;
    }
  /** At the end of a copy that was throttled. */
  | {
      readonly type: "throttle:total";
      readonly pausedSeconds: Readonly<Record<Way, number>>;
      /** What workers waited for limits of any kind, added up. */
      readonly workerSeconds: number;
    }
  /** A worker has made no progress for so long, with everything that waits. */
  | {
      readonly type: "stalled";
      readonly worker: number;
      readonly way: Way;
      readonly table: string;
      readonly chunk: string;
      /** What it waits for or does. */
      readonly stage: string;
      readonly seconds: number;
      readonly picture: QueuePicture;
      readonly text: string;
    }
  /** A step of a handoff: planned only, or done after so many seconds. */
  | {
      readonly type: "step";
      readonly title: string;
      /** vtctldclient lines that do the same. */
      readonly commands: readonly string[];
      readonly seconds: number | null;
    }
  /** How the handoff stands; sent at each look of `status --watch`. */
  | { readonly type: "handoff"; readonly status: HandoffStatus }
  /** How far `vtpipe follow` is; once a second. Speeds are of the last seconds. */
  | {
      readonly type: "follow";
      /** Transactions that every shard has. */
      readonly position: string;
      /** Since the start: transactions read, and row changes applied on shards. */
      readonly transactions: number;
      readonly rows: number;
      readonly transactionsPerSecond: number;
      readonly rowsPerSecond: number;
      /** What the source has beyond the target; null while it does not answer. */
      readonly lagTransactions: number | null;
      /** Between the commit on the source of the newest applied transaction and now; null: not known. */
      readonly lagSeconds: number | null;
      /** Read, but not yet applied. */
      readonly waitingBytes: number;
    }
  | Summary;

/** Where events go: the CLI's renderer, a test's array. */
export type EventSink = (event: RunEvent) => void;
