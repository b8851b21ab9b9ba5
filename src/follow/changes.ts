import type { RowBatch } from "../contracts/rows.ts";
import type { Gtid, GtidSet } from "../mysql/gtid-set.ts";

/** One row of a batch. */
export interface RowRef {
  readonly batch: RowBatch;
  readonly row: number;
}

/** A row of a target table as transforms made it, before and after; null: there is none on this shard. */
export interface RowChange {
  /** Source name of the table. */
  readonly table: string;
  readonly before: RowRef | null;
  readonly after: RowRef | null;
  /** The target may hold the row as it was earlier or later than `before`: what is written has to come out right all the same. */
  readonly idempotent: boolean;
}

/** What an applier is given, in commit order: changes, and after those of a transaction that it is complete. */
export type ShardItem =
  | { readonly type: "change"; readonly gtid: Gtid; readonly change: RowChange; readonly bytes: number }
  | {
      readonly type: "commit";
      /** This transaction and those after it that did nothing on this shard. */
      readonly gtids: GtidSet;
      readonly count: number;
      /** When the newest of them was committed on the source, milliseconds since 1970. */
      readonly committedAt: number;
    };

export function rowBytes({ batch, row }: RowRef): Buffer {
  return batch.bytes.subarray(batch.offsets[row] as number, batch.offsets[row + 1]);
}

/** What is to be done when a row was `before` and is `after`; null: nothing. */
export function changeOf(
  table: string,
  before: RowRef | null,
  after: RowRef | null,
  idempotent: boolean,
): RowChange | null {
  if (before === null && after === null) return null;
  if (before !== null && after !== null && rowBytes(before).equals(rowBytes(after))) return null;
  return { table, before, after, idempotent };
}

/** The part of a change that a shard does when the row leaves one shard for another. */
export function leaving(change: RowChange): RowChange {
  return { ...change, after: null };
}

export function arriving(change: RowChange): RowChange {
  return { ...change, before: null };
}

/** Roughly what a change keeps in memory. */
export function bytesOf({ before, after }: RowChange): number {
  const own = 200;
  return own + (before === null ? 0 : rowBytes(before).length) + (after === null ? 0 : rowBytes(after).length);
}
