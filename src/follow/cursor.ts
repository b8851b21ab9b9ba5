import { type Gtid, type GtidSet, hasGtid, parsePosition, union, withGtid } from "../mysql/gtid-set.ts";
import type { ShardItem } from "./changes.ts";

/** How far a shard is: whole transactions, and the first changes of one more. */
export interface ShardPosition {
  readonly applied: GtidSet;
  /** A transaction too large for one of the target's, of which this shard has done its first `done` changes. */
  readonly partial: { readonly gtid: Gtid; readonly done: number } | null;
}

/** The position after a batch; its changes may end inside a transaction. */
export function advanced(position: ShardPosition, items: readonly ShardItem[]): ShardPosition {
  let { applied, partial } = position;
  for (const item of items) {
    if (item.type === "commit") {
      applied = union(applied, item.gtids);
      partial = null;
    } else {
      const goesOn = partial !== null && sameGtid(partial.gtid, item.gtid);
      partial = { gtid: item.gtid, done: (goesOn ? (partial?.done ?? 0) : 0) + 1 };
    }
  }
  return { applied, partial };
}

/** Tells which of the changes that are read a shard still has to be given, and remembers what it was given. */
export interface Intake {
  /** Is this, the next change for the shard in transaction `gtid`, still to be done? */
  wants(gtid: Gtid): boolean;
  /** Is the end of a transaction still to be told? */
  ends(gtid: Gtid): boolean;
  /** The log is read again from a position before the transaction that is half read. */
  again(): void;
}

export function newIntake({ applied, partial }: ShardPosition): Intake {
  let given = applied;
  let half = partial;
  let current: { gtid: Gtid; seen: number } | null = null;
  return {
    wants(gtid) {
      if (hasGtid(given, gtid)) return false;
      if (current === null || !sameGtid(current.gtid, gtid)) current = { gtid, seen: 0 };
      current.seen++;
      const done = half !== null && sameGtid(half.gtid, gtid) ? half.done : 0;
      if (current.seen <= done) return false;
      half = { gtid, done: current.seen };
      return true;
    },
    ends(gtid) {
      current = null;
      if (hasGtid(given, gtid)) return false;
      given = withGtid(given, gtid);
      half = null;
      return true;
    },
    again() {
      current = null;
    },
  };
}

export function sameGtid(a: Gtid, b: Gtid): boolean {
  return a.number === b.number && a.uuid === b.uuid;
}

/** A transaction's name as MySQL writes it. */
export function gtidName({ uuid, number }: Gtid): string {
  return `${uuid}:${number}`;
}

export function parseGtidName(text: string): Gtid {
  const [[uuid, intervals] = ["", []]] = parsePosition(text);
  return { uuid, number: intervals[0]?.first ?? 0 };
}
