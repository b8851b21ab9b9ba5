/** A shard's half-open range of keyspace ids; an empty bound is open. */
export interface ShardRange {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/** Reads a shard name: `-80`, `80-c0`, `c0-`, `-`, or an unsharded keyspace's `0`. null when it names no range. */
export function parseShardName(name: string): ShardRange | null {
  if (name === "0" || name === "-") return { start: new Uint8Array(0), end: new Uint8Array(0) };
  const parts = /^((?:[0-9a-f]{2})*)-((?:[0-9a-f]{2})*)$/i.exec(name);
  if (parts === null) return null;
  return { start: Buffer.from(parts[1] as string, "hex"), end: Buffer.from(parts[2] as string, "hex") };
}

function significant(bytes: Uint8Array): number {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return length;
}

/** Order of keyspace ids: as byte strings, zero bytes at the end not counted (go/vt/key/key.go). */
export function compareIds(a: Uint8Array, b: Uint8Array): number {
  const lengthA = significant(a);
  const lengthB = significant(b);
  const common = Math.min(lengthA, lengthB);
  for (let at = 0; at < common; at++) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}

/** How ranges in order fail to cover every keyspace id exactly once, in words; null when they do. */
export function coverageFault(ranges: readonly { readonly name: string; readonly range: ShardRange }[]): string | null {
  const [first] = ranges;
  if (first === undefined) return "it has no shards";
  if (significant(first.range.start) > 0) return `nothing covers the ids before ${hex(first.range.start)}`;
  for (const [index, { name, range }] of ranges.entries()) {
    const next = ranges[index + 1];
    if (next === undefined) {
      return range.end.length === 0 ? null : `nothing covers the ids from ${hex(range.end)} on`;
    }
    const order = range.end.length === 0 ? 1 : compareIds(range.end, next.range.start);
    if (order > 0) return `shards ${name} and ${next.name} overlap`;
    if (order < 0) return `nothing covers the ids from ${hex(range.end)} to ${hex(next.range.start)}`;
  }
  return null;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
