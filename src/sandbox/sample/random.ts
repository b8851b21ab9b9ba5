/** Pseudo-random values that depend on the seed alone, the same on every machine. Not for secrets. */
export interface Random {
  /** 0 ≤ n < 2^32 */
  uint32(): number;
  /** 0 ≤ n < 1, with 32 random bits. */
  fraction(): number;
  /** Whole number from `low` up to and including `high`; both safe integers no more than 2^32 apart. */
  int(low: number, high: number): number;
  /** 0 ≤ n < 2^64 */
  uint64(): bigint;
  chance(probability: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
  bytes(length: number): Buffer;
}

/**
 * sfc32 (Chris Doty-Humphrey's small fast counter generator, public domain): 128 bits of state, passes PractRand.
 * The seed text is spread over the state with FNV-1a, and the first outputs are thrown away.
 */
export function seededRandom(seed: string): Random {
  let a = fnv1a(`${seed}/a`);
  let b = fnv1a(`${seed}/b`);
  let c = fnv1a(`${seed}/c`);
  let counter = 1;

  const uint32 = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) uint32();

  const fraction = (): number => uint32() / 0x1_0000_0000;
  const int = (low: number, high: number): number => low + Math.floor(fraction() * (high - low + 1));
  return {
    uint32,
    fraction,
    int,
    uint64: () => (BigInt(uint32()) << 32n) | BigInt(uint32()),
    chance: (probability) => fraction() < probability,
    pick: (from) => from[int(0, from.length - 1)] ?? from[0],
    bytes: (length) => {
      const bytes = Buffer.alloc(length);
      for (let at = 0; at < length; at++) bytes[at] = uint32() >>> 24;
      return bytes;
    },
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
