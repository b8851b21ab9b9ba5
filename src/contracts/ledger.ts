import type { DumpedChunk, KeyBound, KeyRange } from "./chunk.ts";
import type { HandedTable } from "./handoff.ts";
import type { Snapshot } from "./position.ts";
import type { SecondaryKey } from "./secondary-key.ts";

/**
 * What has happened to each chunk, in order, as `ledger.jsonl` of the run directory. Appended and fsynced by the
 * main thread only; a write that fails stops the run. State is the fold of these records.
 */
export type LedgerRecord =
  /** First record: whose ledger this is. */
  | { readonly type: "run"; readonly format: 1; readonly plan: string; readonly vtpipe: string; readonly at: string }
  | { readonly type: "snapshot"; readonly snapshot: Snapshot }
  /** A range of a table to be read from its start to its end by one reader at a time. Spans of a table tile its key order. */
  | { readonly type: "span"; readonly table: string; readonly span: number; readonly range: KeyRange }
  /** The unread end of `span` beyond `at` is now `into`. */
  | {
      readonly type: "split";
      readonly table: string;
      readonly span: number;
      readonly at: KeyBound;
      readonly into: number;
    }
  /** A chunk is complete on disk: its file is renamed and fsynced. */
  | { readonly type: "dumped"; readonly span: number; readonly snapshot: number; readonly dumped: DumpedChunk }
  /** Written before the first row of a chunk is sent: from here on some of its rows may be on the target. */
  | { readonly type: "loading"; readonly target: string; readonly chunk: string }
  /** Every row of the chunk was acknowledged by the target. */
  | { readonly type: "loaded"; readonly target: string; readonly chunk: string; readonly rows: number }
  /** Written before secondary keys of a table are dropped on the target, and when all of them are there again. */
  | {
      readonly type: "keys";
      readonly target: string;
      /** Source name. */
      readonly table: string;
      readonly event: "deferred" | "built";
      /** What is to be built; none with `built`. */
      readonly keys: readonly SecondaryKey[];
    }
  | { readonly type: "verified"; readonly target: string; readonly table: string; readonly equal: boolean }
  /** Source and target were compared while VReplication keeps them alike. */
  | { readonly type: "vdiff"; readonly target: string; readonly at: string; readonly equal: boolean }
  /** Written before a handoff does what its name says, so that a workflow that is gone is known to have been there. */
  | {
      readonly type: "handoff";
      readonly target: string;
      readonly workflow: string;
      readonly event: "prepared" | "bridged" | "started" | "completed";
      readonly tables: readonly HandedTable[];
    }
  /**
   * `vtpipe follow` carries these tables on. `started`: the shards have a position from which they go on; `stopped`: they all
   * have at least this one; `finished`: their positions were taken away, nothing goes on any more.
   */
  | {
      readonly type: "follow";
      readonly target: string;
      /** Names tables and copy in the shards' follow table. */
      readonly copy: string;
      readonly event: "started" | "stopped" | "finished";
      /** Source names. */
      readonly tables: readonly string[];
      readonly position: string;
      readonly at: string;
    };
