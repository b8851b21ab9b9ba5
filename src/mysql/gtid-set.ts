import { VtpipeError } from "../contracts/errors.ts";

/** One transaction's name: the server it began on and its number there. */
export interface Gtid {
  /** 32 hex digits with dashes, lower case. */
  readonly uuid: string;
  readonly number: number;
}

/** Transaction numbers from `first` to `last`, both included. */
interface Interval {
  readonly first: number;
  readonly last: number;
}

/** A set of transactions: per server uuid its numbers, as ascending intervals that do not touch. Never changed in place. */
export type GtidSet = ReadonlyMap<string, readonly Interval[]>;

const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Reads a position as vtpipe and Vitess write it (`MySQL56/uuid:1-5:7,…`) or as MySQL does, without the prefix. Throws
 * `preflight` for tagged GTIDs (MySQL 8.3 and later, `uuid:tag:1`), which neither Vitess nor vtpipe follows.
 */
export function parsePosition(position: string): GtidSet {
  const set = new Map<string, readonly Interval[]>();
  const text = position.replace(/^MySQL56\//i, "").replace(/\s+/g, "");
  for (const part of text === "" ? [] : text.split(",")) {
    const [uuid = "", ...ranges] = part.toLowerCase().split(":");
    if (!uuidText.test(uuid) || ranges.length === 0) throw unreadable(position);
    for (const range of ranges) {
      const found = /^(\d+)(?:-(\d+))?$/.exec(range);
      if (found === null) throw /^[a-z_][a-z0-9_]{0,31}$/.test(range) ? tagged(part) : unreadable(position);
      const first = Number(found[1]);
      const last = Number(found[2] ?? found[1]);
      if (first < 1 || !Number.isSafeInteger(last)) throw unreadable(position);
      // mysqld itself writes and takes an interval that ends before it begins as an empty one.
      if (last >= first) set.set(uuid, merged(set.get(uuid) ?? [], { first, last }));
    }
  }
  return set;
}

/** The position as vtpipe and Vitess write it. */
export function positionText(set: GtidSet): string {
  return `MySQL56/${gtidText(set)}`;
}

/** As MySQL writes `gtid_executed`. */
export function gtidText(set: GtidSet): string {
  return [...set]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([uuid, intervals]) => [uuid, ...intervals.map(intervalText)].join(":"))
    .join(",");
}

export function hasGtid(set: GtidSet, { uuid, number }: Gtid): boolean {
  return (set.get(uuid) ?? []).some(({ first, last }) => first <= number && number <= last);
}

export function withGtid(set: GtidSet, { uuid, number }: Gtid): GtidSet {
  return new Map([...set, [uuid, merged(set.get(uuid) ?? [], { first: number, last: number })]]);
}

/** Is every transaction of `part` in `whole`? */
export function includesSet(whole: GtidSet, part: GtidSet): boolean {
  for (const [uuid, intervals] of part) {
    const own = whole.get(uuid) ?? [];
    const inside = ({ first, last }: Interval): boolean => own.some((i) => i.first <= first && last <= i.last);
    if (!intervals.every(inside)) return false;
  }
  return true;
}

export function intersection(a: GtidSet, b: GtidSet): GtidSet {
  const common = new Map<string, readonly Interval[]>();
  for (const [uuid, intervals] of a) {
    const shared = intervals.flatMap((mine) =>
      (b.get(uuid) ?? []).flatMap((theirs): Interval[] => {
        const first = Math.max(mine.first, theirs.first);
        const last = Math.min(mine.last, theirs.last);
        return first <= last ? [{ first, last }] : [];
      }),
    );
    if (shared.length > 0) common.set(uuid, shared);
  }
  return common;
}

export function union(a: GtidSet, b: GtidSet): GtidSet {
  const all = new Map(a);
  for (const [uuid, intervals] of b) {
    all.set(
      uuid,
      intervals.reduce((sum: readonly Interval[], interval) => merged(sum, interval), all.get(uuid) ?? []),
    );
  }
  return all;
}

/** How many transactions of `a` are not in `b`. */
export function countBeyond(a: GtidSet, b: GtidSet): number {
  return countOf(a) - countOf(intersection(a, b));
}

function countOf(set: GtidSet): number {
  let count = 0;
  for (const intervals of set.values()) for (const { first, last } of intervals) count += last - first + 1;
  return count;
}

/**
 * As COM_BINLOG_DUMP_GTID takes it: number of uuids, then per uuid its 16 bytes, number of intervals, and each interval's
 * first and the number after its last; all numbers 8 bytes, lowest first.
 */
export function encodeGtidSet(set: GtidSet): Buffer {
  const parts = [bytes8(set.size)];
  for (const [uuid, intervals] of set) {
    parts.push(Buffer.from(uuid.replaceAll("-", ""), "hex"), bytes8(intervals.length));
    for (const { first, last } of intervals) parts.push(bytes8(first), bytes8(last + 1));
  }
  return Buffer.concat(parts);
}

function bytes8(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function merged(intervals: readonly Interval[], added: Interval): readonly Interval[] {
  const last = intervals.at(-1);
  // Nearly always the next number after the newest.
  if (last !== undefined && last.first <= added.first && last.last + 1 >= added.first) {
    return [...intervals.slice(0, -1), { first: last.first, last: Math.max(last.last, added.last) }];
  }
  const all = [...intervals, added].sort((a, b) => a.first - b.first);
  const joined: Interval[] = [];
  for (const interval of all) {
    const before = joined.at(-1);
    if (before !== undefined && interval.first <= before.last + 1) {
      joined[joined.length - 1] = { first: before.first, last: Math.max(before.last, interval.last) };
    } else joined.push(interval);
  }
  return joined;
}

function intervalText({ first, last }: Interval): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function unreadable(position: string): VtpipeError {
  return new VtpipeError({
    code: "config",
    message: `"${position.slice(0, 200)}" is not a GTID position.`,
    now: "Nothing was read or changed.",
    todo: "Give a position like MySQL56/3e11fa47-71ca-11e1-9e33-c80aa9429562:1-77.",
  });
}

function tagged(part: string): VtpipeError {
  return new VtpipeError({
    code: "preflight",
    message: `The position has tagged GTIDs in it (${part.slice(0, 100)}), which neither Vitess nor vtpipe can follow.`,
    now: "Nothing was read or changed.",
    todo: "Have the source's writers use GTIDs without tags (gtid_next = AUTOMATIC), and copy from a server whose gtid_executed has none.",
  });
}

/** The tags in a GTID set such as `uuid:1-5:audit:1-2`, each once. */
export function tagsIn(gtidSet: string): readonly string[] {
  const parts = gtidSet.split(",").flatMap((set) => set.trim().split(":").slice(1));
  return Array.from(new Set(parts.filter((part) => /^[a-z_]/i.test(part)))).toSorted();
}
