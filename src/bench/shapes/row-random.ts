/**
 * Random values of one row, which depend on the seed and the row's number alone: sfc32 (Chris Doty-Humphrey's small fast
 * counter generator, public domain) with the number in its state, set anew for every row. Not for secrets.
 */
export class RowRandom {
  readonly #seed: readonly [number, number, number];
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 0;

  constructor(seed: string) {
    this.#seed = [spread(`${seed}/a`), spread(`${seed}/b`), spread(`${seed}/c`)];
  }

  /** Goes to the start of row `n`. */
  row(n: number): void {
    this.#a = this.#seed[0] ^ (n | 0);
    this.#b = this.#seed[1] ^ Math.floor(n / 0x1_0000_0000);
    this.#c = this.#seed[2];
    this.#counter = 1;
    // So many rounds until neighbours have nothing in common.
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** 0 ≤ n < 2^32 */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 ≤ n < `below`, at most 2^32. */
  below(below: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * below);
  }

  /** Whole number from `low` up to and including `high`, no more than 2^32 apart. */
  int(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.uint32() < probability * 0x1_0000_0000;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }
}

/** FNV-1a over the text's UTF-16 units. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}
