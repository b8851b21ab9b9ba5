/**
 * Places for 64-bit hashes of keys, 12 bytes each, over all keys of one table: 50 MB. What does not fit is counted in further
 * passes over the rows, so counts are exact however many rows there are.
 */
export const keyPlaces: number = 1 << 22;
const firstPlaces = 1 << 10;
const fullest = 0.7;

/** Counts keys that occur more than once, by their hashes, in as many passes as memory makes necessary. */
export interface KeyCounter {
  /** One row's key in the present pass. True: it was there already. */
  add(high: number, low: number): boolean;
  /** Ends a pass over all rows. True: another one is needed, over the same rows. */
  nextPass(): boolean;
  /** Of the passes that are over. `duplicates` are keys that were there already. */
  totals(): { readonly keys: number; readonly duplicates: number };
}

/**
 * A pass takes the hashes whose lower bits are its own; when they do not fit into `most` places (a power of two), it leaves
 * half of them to a later pass.
 */
export function keyCounter(most: number = keyPlaces): KeyCounter {
  let bits = 0;
  let own = 0;
  const later: { readonly bits: number; readonly own: number }[] = [];
  let table = places(Math.min(firstPlaces, most));
  let used = 0;
  let keys = 0;
  let duplicates = 0;

  const isOwn = (low: number): boolean => bits === 0 || (low & ((1 << bits) - 1)) === own;

  function put(high: number, low: number, times: number): boolean {
    const { highs, lows, counts } = table;
    const mask = counts.length - 1;
    let at = Math.imul(high ^ (low >>> 7), 0x9e3779b1) & mask;
    while (counts[at] !== 0) {
      if (highs[at] === high && lows[at] === low) {
        counts[at] = (counts[at] as number) + times;
        return true;
      }
      at = (at + 1) & mask;
    }
    highs[at] = high;
    lows[at] = low;
    counts[at] = times;
    used += 1;
    return false;
  }

  function makeRoom(): void {
    const full = table;
    if (full.counts.length < most) table = places(full.counts.length * 2);
    else {
      later.push({ bits: bits + 1, own: own | (1 << bits) });
      bits += 1;
      table = places(full.counts.length);
    }
    used = 0;
    for (const [at, times] of full.counts.entries()) {
      const low = full.lows[at] as number;
      if (times > 0 && isOwn(low)) put(full.highs[at] as number, low, times);
    }
  }

  return {
    add(high, low) {
      if (!isOwn(low)) return false;
      const known = put(high, low, 1);
      if (used > table.counts.length * fullest) makeRoom();
      return known;
    },
    nextPass() {
      for (const times of table.counts) {
        if (times === 0) continue;
        keys += times;
        duplicates += times - 1;
      }
      table.counts.fill(0);
      used = 0;
      const next = later.pop();
      if (next === undefined) return false;
      bits = next.bits;
      own = next.own;
      return true;
    },
    totals: () => ({ keys, duplicates }),
  };
}

function places(size: number): { highs: Uint32Array; lows: Uint32Array; counts: Uint32Array } {
  return { highs: new Uint32Array(size), lows: new Uint32Array(size), counts: new Uint32Array(size) };
}
