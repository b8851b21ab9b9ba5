import type { ChunkRequest, DumpedChunk } from "../contracts/chunk.ts";
import type { WireError } from "../contracts/errors.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { Snapshot } from "../contracts/position.ts";
import type { Column, TableSchema } from "../contracts/schema.ts";
import type { ConfiguredStep } from "../contracts/transform.ts";
import type { RoutingPlan } from "../load/routing.ts";
import type { StrategyName } from "../load/strategy.ts";
import type { StrategyDecision } from "../load/strategy-choice.ts";
import type { ServerAddress } from "../mysql/server-url.ts";
import type { StoreKey } from "../store/store-key.ts";
import type { LeakHit } from "../verify/leaks/search-leaks.ts";
import type { TableVerdict } from "../verify/verify-table.ts";
import type { ChainFigures, ChainOrder } from "./bench/chain-task.ts";
import type { ReadOrder } from "./bench/read-task.ts";
import type { KeptRows, RowsOrder, SendOrder, SentRows } from "./bench/target-task.ts";
import type { FollowOrder, FollowResult, FollowStatus } from "./follow/follow-order.ts";
import type { LeakSampleRequest, LeakSampleResult, LeakValues } from "./leak-tasks.ts";
import type { PreviewOrder, TablePreview } from "./preview-table.ts";
import type { ShardPace, TargetSetup } from "./target-lane.ts";

/** How rows of one table are read and transformed. Plain data: each thread plans the chain itself, functions do not travel. */
export interface WorkerSource {
  readonly table: TableSchema;
  readonly columns: readonly Column[];
  readonly where: string | null;
  readonly steps: readonly ConfiguredStep[];
}

/** One table as a worker sees it; `source` is null when only files are loaded, `routing` when nothing is. */
export interface WorkerTable {
  readonly manifest: ManifestTable;
  readonly source: WorkerSource | null;
  readonly routing: RoutingPlan | null;
}

/** All a worker thread is given at its start. */
export interface WorkerSetup {
  readonly worker: number;
  readonly counters: SharedArrayBuffer;
  /** Where its transforms are; see `step-notes.ts`. */
  readonly notes: SharedArrayBuffer;
  /** What its two lanes are doing; see `stalls/lane-notes.ts`. */
  readonly lanes: SharedArrayBuffer;
  /** What all workers' rows pass; see `limits/valve.ts`. */
  readonly valve: SharedArrayBuffer;
  readonly stop: SharedArrayBuffer;
  readonly directory: string;
  /** Of the run directory; null: it is not encrypted. */
  readonly key: StoreKey | null;
  /** The folder user modules are found from. */
  readonly baseDirectory: string;
  readonly source: ServerAddress | null;
  readonly target: TargetSetup | null;
  readonly tables: readonly WorkerTable[];
}

/** The first task of every thread: what its worker is to work with. */
export interface WorkerBegin {
  readonly kind: "begin";
  readonly setup: WorkerSetup;
}

export type WorkerTask =
  /** Log in to the source, so that opening the snapshot under the lock is one statement. */
  | { readonly kind: "connect" }
  /** Start this worker's transaction at the source's present state. */
  | { readonly kind: "open-snapshot" }
  /** End the transaction: everything is read. */
  | { readonly kind: "close-source" }
  | { readonly kind: "dump"; readonly request: ChunkRequest; readonly snapshot: Snapshot }
  | {
      readonly kind: "load";
      readonly dumped: DumpedChunk;
      /** Was this chunk begun before, so that some of its rows may be on the target? */
      readonly recover: boolean;
      /** null: this worker finds out on the rows. */
      readonly strategy: StrategyName | null;
    }
  | { readonly kind: "preview"; readonly order: PreviewOrder }
  | { readonly kind: "verify"; readonly table: string; readonly chunks: readonly DumpedChunk[] }
  /** Collect values of the source that the table's chain hides. */
  | { readonly kind: "sample-leaks"; readonly table: string; readonly request: LeakSampleRequest }
  /** What the next searches look for. */
  | { readonly kind: "leak-values"; readonly values: LeakValues }
  | { readonly kind: "search-leaks"; readonly dumped: DumpedChunk }
  /** Read a chunk and let its rows go; null: time was up. */
  | { readonly kind: "bench-read"; readonly order: ReadOrder }
  /** Keep rows in memory for the sends that follow. */
  | { readonly kind: "bench-keep"; readonly order: RowsOrder }
  | { readonly kind: "bench-send"; readonly order: SendOrder }
  | { readonly kind: "bench-chain"; readonly order: ChainOrder }
  /** Apply the source's log to the target until told to stop. */
  | { readonly kind: "follow"; readonly order: FollowOrder }
  /** How far that is, asked while it is under way. */
  | { readonly kind: "follow-status" };

export interface LoadedChunk {
  readonly rows: number;
  /** What the probe found out, once it has. */
  readonly decision: StrategyDecision | null;
  /** How the worker's pace has changed meanwhile. */
  readonly paces: readonly ShardPace[];
}

/** What each kind of task gives back. */
export interface WorkerResults {
  readonly connect: null;
  readonly "open-snapshot": null;
  readonly "close-source": null;
  readonly dump: DumpedChunk;
  readonly load: LoadedChunk;
  readonly preview: TablePreview;
  readonly verify: TableVerdict;
  readonly "sample-leaks": LeakSampleResult;
  readonly "leak-values": null;
  readonly "search-leaks": readonly LeakHit[];
  readonly "bench-read": DumpedChunk | null;
  readonly "bench-keep": KeptRows;
  readonly "bench-send": SentRows;
  readonly "bench-chain": ChainFigures;
  readonly follow: FollowResult;
  readonly "follow-status": FollowStatus | null;
}

/** Errors travel as data: structured clone would drop their class and code. */
export type WorkerReply =
  | { readonly error: null; readonly result: WorkerResults[WorkerTask["kind"]] }
  | { readonly error: WireError };
