import type { KeyBound, KeyRange } from "../contracts/chunk.ts";

interface Tile {
  readonly chunk: string;
  readonly range: KeyRange;
}

const keyOf = (bound: KeyBound | null): string => (bound === null ? "" : JSON.stringify(bound));
const textOf = (bound: KeyBound | null, open: string): string => (bound === null ? open : `(${bound.join(", ")})`);

/**
 * Do these chunks of one table chain from its start to its end, each beginning where another ended? Bounds are
 * compared as literals, never by order: a bound is handed on as it is from the chunk that ends at it.
 * null: they tile the table. Otherwise what is wrong, naming the place.
 */
export function tiling(chunks: readonly Tile[]): string | null {
  if (chunks.length === 0) return "no chunk has been read";
  const byStart = new Map<string, Tile>();
  for (const tile of chunks) {
    const other = byStart.get(keyOf(tile.range.after));
    if (other !== undefined) {
      return `chunks ${other.chunk} and ${tile.chunk} both begin after ${textOf(tile.range.after, "the start of the table")}`;
    }
    byStart.set(keyOf(tile.range.after), tile);
  }
  let after: KeyBound | null = null;
  for (let walked = 1; walked <= chunks.length; walked++) {
    const tile: Tile | undefined = byStart.get(keyOf(after));
    if (tile === undefined) return `no chunk begins after ${textOf(after, "the start of the table")}`;
    after = tile.range.upTo;
    if (after === null) {
      return walked === chunks.length
        ? null
        : `${chunks.length - walked} chunks lie outside the chain to the table's end`;
    }
  }
  return `no chunk reaches the end of the table; the last one ends at ${textOf(after, "")}`;
}
