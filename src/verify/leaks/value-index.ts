import { folded, isWordByte, shortestValue } from "./telling-values.ts";

/** A value to look for, as it comes from another thread. */
export interface LookedForValue {
  readonly bytes: Uint8Array;
  readonly alone: boolean;
}

/** Values in memory that threads share; what they belong to is up to the caller. */
export interface PackedValues {
  readonly bytes: SharedArrayBuffer;
  /** Uint32 per value and one more: where each starts. */
  readonly starts: SharedArrayBuffer;
  /** Uint8 per value: 1 when it has to stand by itself. */
  readonly alone: SharedArrayBuffer;
}

export function packValues(values: readonly LookedForValue[]): PackedValues {
  const total = values.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const packed = {
    bytes: new SharedArrayBuffer(total),
    starts: new SharedArrayBuffer((values.length + 1) * 4),
    alone: new SharedArrayBuffer(values.length),
  };
  const [bytes, starts] = [new Uint8Array(packed.bytes), new Uint32Array(packed.starts)];
  const alone = new Uint8Array(packed.alone);
  let at = 0;
  values.forEach((value, i) => {
    bytes.set(value.bytes, at);
    at += value.bytes.length;
    starts[i + 1] = at;
    alone[i] = value.alone ? 1 : 0;
  });
  return packed;
}

/** Finds values anywhere in a cell. `hit` is called with the number of each, once per place. */
export type FindValues = (bytes: Uint8Array, start: number, end: number, hit: (value: number) => void) => void;

const factor = 0x01000193;
/** What a byte counts for when it leaves the window: factor to the power of the window's length, in 32 bits. */
const leaving = Array.from({ length: shortestValue }).reduce<number>((power) => Math.imul(power, factor), 1);
const leavingOf = Int32Array.from({ length: 256 }, (_, byte) => Math.imul(byte, leaving));
/** 256 kB with 8 bits each: 200,000 values fill a tenth. */
const presentBits = 18;
const presentShift = 32 - presentBits;
/** Counters of how many values share a window, at most: 8 MB while the index is made. */
const mostCounterBits = 22;

/**
 * All values at once, in one pass over a cell: a hash rolls over windows of {@link shortestValue} bytes (Rabin–Karp), and each value hangs
 * at the one of its windows that fewest values share, so that a beginning in common (`customer-…`) costs nothing.
 */
export function valueIndex({ bytes: shared, starts: startsOf, alone: aloneOf }: PackedValues): FindValues {
  const values = new Uint8Array(shared);
  const starts = new Uint32Array(startsOf);
  const alone = new Uint8Array(aloneOf);
  const total = alone.length;
  const bits = Math.max(10, Math.ceil(Math.log2(total + 1)) + 3);
  // Small enough for a processor's cache, unlike the heads: most windows end here.
  const present = new Uint8Array(2 ** presentBits);
  const heads = new Int32Array(2 ** bits).fill(-1);
  const next = new Int32Array(total);
  const hashes = new Int32Array(total);
  const anchors = new Uint8Array(total);
  const counterBits = Math.min(mostCounterBits, bits + 4);
  const counterOf = (hash: number): number => Math.imul(hash, 0x85ebca6b) >>> (32 - counterBits);
  const sharing = new Uint16Array(2 ** counterBits);
  windows(values, 0, values.length, (hash) => {
    const counter = counterOf(hash);
    if ((sharing[counter] as number) < 0xffff) sharing[counter] = (sharing[counter] as number) + 1;
  });
  for (let value = 0; value < total; value++) {
    let fewest = Number.POSITIVE_INFINITY;
    windows(values, starts[value] as number, starts[value + 1] as number, (hash, offset) => {
      const others = sharing[counterOf(hash)] as number;
      if (others >= fewest) return;
      fewest = others;
      hashes[value] = hash;
      anchors[value] = offset;
    });
    const mark = Math.imul(hashes[value] as number, 0x9e3779b1);
    present[mark >>> presentShift] = (present[mark >>> presentShift] as number) | (1 << ((mark >>> 3) & 7));
    const slot = mark >>> (32 - bits);
    next[value] = heads[slot] as number;
    heads[slot] = value;
  }

  return (bytes, start, end, hit) => {
    // The same as windows(), written out: a call per byte of every row is what the search would cost.
    let hash = 0;
    const ahead = Math.min(end, start + shortestValue - 1);
    for (let at = start; at < ahead; at++)
      hash = (Math.imul(hash, factor) + (folded[bytes[at] as number] as number)) | 0;
    for (let at = ahead; at < end; at++) {
      hash = (Math.imul(hash, factor) + (folded[bytes[at] as number] as number)) | 0;
      const first = at - shortestValue + 1;
      if (first > start) hash = (hash - (leavingOf[folded[bytes[first - 1] as number] as number] as number)) | 0;
      const mark = Math.imul(hash, 0x9e3779b1);
      if (((present[mark >>> presentShift] as number) & (1 << ((mark >>> 3) & 7))) === 0) continue;
      for (let value = heads[mark >>> (32 - bits)] as number; value !== -1; value = next[value] as number) {
        if (hashes[value] !== hash) continue;
        if (isAt(value, bytes, start, end, first - (anchors[value] as number))) hit(value);
      }
    }
  };

  function isAt(value: number, bytes: Uint8Array, start: number, end: number, from: number): boolean {
    const first = starts[value] as number;
    const length = (starts[value + 1] as number) - first;
    const to = from + length;
    if (from < start || to > end) return false;
    for (let i = 0; i < length; i++) if (folded[bytes[from + i] as number] !== values[first + i]) return false;
    if (alone[value] === 0) return true;
    const word = (at: number): boolean => at >= start && at < end && isWordByte(folded[bytes[at] as number] as number);
    return !(word(from) && word(from - 1)) && !(word(to - 1) && word(to));
  }
}

function windows(bytes: Uint8Array, start: number, end: number, each: (hash: number, offset: number) => void): void {
  let hash = 0;
  for (let at = start; at < end; at++) {
    hash = (Math.imul(hash, factor) + (folded[bytes[at] as number] as number)) | 0;
    const before = at - shortestValue;
    if (before >= start) hash = (hash - Math.imul(folded[bytes[before] as number] as number, leaving)) | 0;
    if (before >= start - 1) each(hash, before + 1 - start);
  }
}
