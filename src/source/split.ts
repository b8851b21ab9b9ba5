import type { KeyBound, KeyRange } from "../contracts/chunk.ts";
import type { Column, TableSchema } from "../contracts/schema.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { rangePredicate } from "../mysql/key-range.ts";
import { cellLiteral } from "../mysql/literal.ts";
import type { Session } from "../mysql/session.ts";
import { errnoOf } from "./errno.ts";
import { type KeyProbe, keyProbe, type RealKey } from "./key-probe.ts";
import { midpoint } from "./midpoint.ts";

/** Each round halves the keys or the values under question; ten of them find the middle of badly skewed keys. */
const rounds = 10;
/** A side this many times larger than the other is worth another round. */
const lopsided = 2;

/**
 * A key of the table at which `range` can be cut: keys up to and including it on one side, at least one key beyond it
 * on the other. Looked for near the middle, by halving the distance between two values and checking what the optimizer
 * thinks lies on either side; every query reads a few index pages. null when the range has fewer than two keys, or the
 * table no chunk key. The rule's `where` plays no part: it would turn single look-ups into scans.
 */
export async function splitPoint(session: Session, table: TableSchema, range: KeyRange): Promise<KeyBound | null> {
  const probe = keyProbe(session, table);
  if (probe === null) return null;
  const inside = (narrowed: KeyRange): string | null => rangePredicate(probe.columns, narrowed);
  let low = await probe.first(inside(range));
  let high = await probe.last(inside(range));
  let best: { at: KeyBound; imbalance: number } | null = null;
  for (let round = 1; round <= rounds && low !== null && high !== null; round++) {
    const candidate: RealKey | null = await keyBetween(probe, low, high);
    if (candidate === null) break;
    const at = candidate.bound;
    const left = Math.max(1, await probe.estimate({ after: range.after, upTo: at }));
    const right = Math.max(1, await probe.estimate({ after: at, upTo: range.upTo }));
    const imbalance = Math.max(left / right, right / left);
    if (best === null || imbalance < best.imbalance) best = { at, imbalance };
    if (imbalance <= lopsided) break;
    // The middle lies in the larger side: go on between its ends.
    if (left > right) high = candidate;
    else low = await probe.first(inside({ after: at, upTo: high.bound }));
  }
  return best?.at ?? null;
}

/**
 * A real key from `low` on and before `high`: the last one whose first differing part is at most halfway. null when the
 * two are the same key.
 */
async function keyBetween(probe: KeyProbe, low: RealKey, high: RealKey): Promise<RealKey | null> {
  const prefix: string[] = [];
  for (const [at, column] of probe.columns.entries()) {
    const name = quoteName(column.name);
    const from = low.values[at] as Buffer;
    const to = high.values[at] as Buffer;
    const start = low.bound[at] as string;
    if (!from.equals(to)) {
      const within = [...prefix, `${name} >= ${start}`, `${name} < ${high.bound[at]}`];
      const found =
        (await nearMiddle(probe, column, within, from, to)) ??
        // `low`'s own value always serves.
        (await probe.last([...within, `${name} <= ${start}`].join(" AND ")));
      if (found !== null) return found;
      // Different bytes that the collation holds equal, such as a and A: the next part decides.
    }
    prefix.push(`${name} = ${start}`);
  }
  return null;
}

/** Guesses that a collation puts before the range are corrected upwards this often. */
const guesses = 3;
/** ER_CANNOT_CONVERT_STRING: the guess has a character that the column's character set lacks. */
const notConvertible = 3854;

async function nearMiddle(
  probe: KeyProbe,
  column: Column,
  within: readonly string[],
  from: Buffer,
  to: Buffer,
): Promise<RealKey | null> {
  let low = from;
  for (let guess = 1; guess <= guesses; guess++) {
    const middle = midpoint(column, low, to);
    if (middle === null || middle.equals(low)) return null;
    try {
      const found = await probe.last(
        [...within, `${quoteName(column.name)} <= ${cellLiteral(column, middle)}`].join(" AND "),
      );
      if (found !== null) return found;
    } catch (error) {
      if (errnoOf(error) !== notConvertible) throw error;
      return null;
    }
    low = middle;
  }
  return null;
}
