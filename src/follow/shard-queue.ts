import { type Gtid, withGtid } from "../mysql/gtid-set.ts";
import { bytesOf, type RowChange, type ShardItem } from "./changes.ts";

/** What one transaction of the target may hold. */
export interface BatchLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** Bytes a queue holds before reading waits. More than a batch, so that a large transaction can be applied in parts. */
export const QUEUE_BYTES: number = 16 << 20;
/** Rows and bytes of a target transaction: well within a tablet's time limit of 30 s. */
export const batchLimits: BatchLimits = { rows: 2000, bytes: 4 << 20 };
/**
 * Between two target transactions that are not full. Without it a reader that is just ahead of its appliers makes many small
 * ones, whose cost slows everything down; a row comes this much later at most.
 */
export const GATHER_MS = 100;
/** How long a position may lag behind transactions that did nothing on the shard. */
export const POSITION_EVERY_MS = 1000;

/** What is read but not yet applied on one shard. One reader fills it, one applier empties it. */
export interface ShardQueue {
  readonly bytes: number;
  readonly hasChanges: boolean;
  change(gtid: Gtid, change: RowChange): void;
  commit(gtid: Gtid, committedAt: number): void;
  /** Resolves when there is room for more. */
  room(): Promise<void>;
  /** Nothing more is read: what is left goes out, but for a transaction that is not complete. */
  end(): void;
  /** Ends both sides at once. */
  abort(error: unknown): void;
  /** The next items to be applied together; null: that was all. */
  take(limits: BatchLimits): Promise<readonly ShardItem[] | null>;
  /** What was taken could not be applied in one go. */
  putBack(items: readonly ShardItem[]): void;
}

export function newShardQueue(): ShardQueue {
  let items: ShardItem[] = [];
  let bytes = 0;
  let changes = 0;
  let ended = false;
  let failure: { readonly error: unknown } | null = null;
  let lastTaken = performance.now();
  let wakeTaker: () => void = () => {};
  let wakeReader: () => void = () => {};

  function check(): void {
    if (failure !== null) throw failure.error;
  }

  function removed(taken: readonly ShardItem[]): readonly ShardItem[] {
    for (const item of taken) {
      if (item.type !== "change") continue;
      bytes -= item.bytes;
      changes--;
    }
    lastTaken = performance.now();
    if (bytes < QUEUE_BYTES) wakeReader();
    return taken;
  }

  return {
    get bytes() {
      return bytes;
    },
    get hasChanges() {
      return changes > 0;
    },
    change(gtid, change) {
      const size = bytesOf(change);
      items.push({ type: "change", gtid, change, bytes: size });
      bytes += size;
      changes++;
      wakeTaker();
    },
    commit(gtid, committedAt) {
      const last = items.at(-1);
      const before = last?.type === "commit" ? last : null;
      const gtids = withGtid(before?.gtids ?? new Map(), gtid);
      if (before !== null) items.pop();
      items.push({ type: "commit", gtids, count: (before?.count ?? 0) + 1, committedAt });
      wakeTaker();
    },
    async room() {
      while (failure === null && bytes >= QUEUE_BYTES) {
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
      }
      check();
    },
    end() {
      ended = true;
      wakeTaker();
    },
    abort(error) {
      failure ??= { error };
      wakeTaker();
      wakeReader();
    },
    async take(limits) {
      for (;;) {
        check();
        const cut = cutOf(items, limits, ended);
        const full = ended || changes >= limits.rows || bytes >= limits.bytes;
        const notBefore = full ? 0 : lastTaken + (changes > 0 ? GATHER_MS : POSITION_EVERY_MS);
        if (cut > 0 && performance.now() >= notBefore) return removed(items.splice(0, cut));
        if (ended) {
          // A transaction whose end was not read is read again.
          removed(items.splice(0));
          return null;
        }
        await new Promise<void>((resolve) => {
          wakeTaker = resolve;
          if (cut > 0) setTimeout(resolve, Math.max(1, notBefore - performance.now())).unref();
        });
      }
    },
    putBack(taken) {
      items = [...taken, ...items];
      for (const item of taken) {
        if (item.type !== "change") continue;
        bytes += item.bytes;
        changes++;
      }
    },
  };
}

/**
 * Pure: how many items go together: whole transactions as long as they fit; of one that does not fit, what fits. 0: wait
 * for the end of the transaction that is being read.
 */
export function cutOf(items: readonly ShardItem[], limits: BatchLimits, ended: boolean): number {
  let [rows, bytes, whole] = [0, 0, 0];
  for (const [place, item] of items.entries()) {
    if (item.type === "commit") {
      whole = place + 1;
      continue;
    }
    if (rows > 0 && (rows >= limits.rows || bytes + item.bytes > limits.bytes)) {
      return whole > 0 ? whole : place;
    }
    rows++;
    bytes += item.bytes;
  }
  if (whole > 0 || ended) return whole;
  // Not more than what fits is there, but a transaction of just that size must not wait for room that never comes.
  return rows >= limits.rows || bytes >= limits.bytes ? items.length : 0;
}
