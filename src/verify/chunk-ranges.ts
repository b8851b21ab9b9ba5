import type { DumpedChunk, KeyBound } from "../contracts/chunk.ts";

const same = (a: KeyBound, b: KeyBound): boolean => a.length === b.length && a.every((part, i) => part === b[i]);

/**
 * Do the ranges cover the whole key order, each place once? Only then does comparing range by range find rows that should
 * not be on the target at all.
 */
export function rangesTile(chunks: readonly DumpedChunk[]): boolean {
  const byStart = new Map<string, DumpedChunk>();
  for (const chunk of chunks) byStart.set(JSON.stringify(chunk.range.after), chunk);
  if (byStart.size !== chunks.length) return false;
  let next = byStart.get("null");
  let seen = 0;
  for (; next !== undefined; seen++) {
    const { after, upTo }: DumpedChunk["range"] = next.range;
    if (upTo === null) return seen + 1 === chunks.length;
    if (seen > chunks.length || (after !== null && same(after, upTo))) return false;
    next = byStart.get(JSON.stringify(upTo));
  }
  return false;
}
