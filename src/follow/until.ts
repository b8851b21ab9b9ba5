import { type Gtid, type GtidSet, hasGtid, includesSet } from "../mysql/gtid-set.ts";

/** Where following ends; null: nowhere. */
export interface Until {
  readonly position: GtidSet;
  /** Must the target end at exactly this position, with no transaction beyond it? */
  readonly exact: boolean;
}

/** Is everything there that was asked for? */
export function isReached(until: Until | null, read: GtidSet): boolean {
  return until !== null && includesSet(read, until.position);
}

/** May a transaction be applied that comes before the end is reached? */
export function isWithin(until: Until | null, gtid: Gtid): boolean {
  return until === null || !until.exact || hasGtid(until.position, gtid);
}
