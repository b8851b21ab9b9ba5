import type { DumpedChunk } from "../contracts/chunk.ts";
import type { LedgerRecord } from "../contracts/ledger.ts";
import type { Snapshot } from "../contracts/position.ts";
import type { SecondaryKey } from "../contracts/secondary-key.ts";

/** What a chunk has been through on one target. Some of a `loading` chunk's rows may be there. */
export type LoadState = "not loaded" | "loading" | "loaded";

/** A chunk on disk with the snapshot its rows were read at. */
export type StoredChunk = DumpedChunk & { readonly snapshot: number };

/** A handoff as the ledger remembers it: the newest of its records. */
export type HandoffRecord = Extract<LedgerRecord, { type: "handoff" }>;

/** How far `vtpipe follow` was, by what it last recorded. */
export type FollowRecord = Extract<LedgerRecord, { type: "follow" }>;

export type VdiffRecord = Extract<LedgerRecord, { type: "vdiff" }>;

/** The ledger folded into what is true now. */
export interface Journal {
  readonly plan: string | null;
  readonly snapshots: readonly Snapshot[];
  readonly chunks: ReadonlyMap<string, StoredChunk>;
  loadState(target: string, chunk: string): LoadState;
  /** Keys that were dropped on a target and are to be built, by source table. */
  deferredKeys(target: string): ReadonlyMap<string, readonly SecondaryKey[]>;
  verified(target: string, table: string): boolean | null;
  /** How far a handoff to a target was ever taken; null: it was not begun. */
  handoff(target: string): HandoffRecord | null;
  /** The newest record of each set of tables that was ever followed to a target. */
  follows(target: string): readonly FollowRecord[];
  /** The newest comparison of source and target after a handoff; null: there was none. */
  vdiff(target: string): VdiffRecord | null;
  /** Targets that something was ever sent to from this directory. */
  readonly targets: readonly string[];
  apply(record: LedgerRecord): void;
}

const pairKey = (target: string, name: string): string => `${target}\n${name}`;

/** Folds records in ledger order; later records win, so that a table verified again has its newest verdict. */
export function newJournal(records: Iterable<LedgerRecord> = []): Journal {
  let plan: string | null = null;
  const snapshots: Snapshot[] = [];
  const chunks = new Map<string, StoredChunk>();
  const loads = new Map<string, LoadState>();
  const verdicts = new Map<string, boolean>();
  const targets = new Set<string>();
  const vdiffs = new Map<string, VdiffRecord>();
  const handoffs = new Map<string, HandoffRecord>();
  const follows = new Map<string, FollowRecord>();
  const keys = new Map<string, Map<string, readonly SecondaryKey[]>>();

  const apply = (record: LedgerRecord): void => {
    switch (record.type) {
      case "run":
        plan = record.plan;
        return;
      case "snapshot":
        snapshots.push(record.snapshot);
        return;
      case "dumped":
        chunks.set(record.dumped.chunk, { ...record.dumped, snapshot: record.snapshot });
        return;
      case "loading":
        targets.add(record.target);
        loads.set(pairKey(record.target, record.chunk), "loading");
        return;
      case "loaded":
        loads.set(pairKey(record.target, record.chunk), "loaded");
        return;
      case "keys": {
        const left = keys.get(record.target) ?? new Map<string, readonly SecondaryKey[]>();
        if (record.event === "built") left.delete(record.table);
        else left.set(record.table, record.keys);
        keys.set(record.target, left);
        return;
      }
      case "verified":
        verdicts.set(pairKey(record.target, record.table), record.equal);
        return;
      case "vdiff":
        vdiffs.set(record.target, record);
        return;
      case "handoff":
        handoffs.set(record.target, record);
        return;
      case "follow":
        follows.set(pairKey(record.target, record.copy), record);
        return;
      case "span":
      case "split":
        return; // folded by the reading plan, see src/source/spans.ts
    }
  };
  for (const record of records) apply(record);

  return {
    get plan() {
      return plan;
    },
    snapshots,
    chunks,
    loadState: (target, chunk) => loads.get(pairKey(target, chunk)) ?? "not loaded",
    deferredKeys: (target) => new Map(keys.get(target)),
    verified: (target, table) => verdicts.get(pairKey(target, table)) ?? null,
    vdiff: (target) => vdiffs.get(target) ?? null,
    handoff: (target) => handoffs.get(target) ?? null,
    follows: (target) => [...follows.values()].filter((record) => record.target === target),
    get targets() {
      return [...targets];
    },
    apply,
  };
}
