import { compareIds } from "./key-range.ts";
import type { Shard } from "./topology.ts";
import type { VindexFunction } from "./vindexes/vindex.ts";

/** From values of the vindex column to indexes into the topology's shards; -1: the value has no shard. */
export type ShardRouter = (values: readonly (Uint8Array | null)[]) => Int32Array;

/** The index of the shard whose range holds the id. `shards` must be in order and without gaps. */
export function shardOf(shards: readonly Shard[], id: Uint8Array): number {
  let low = 0;
  let high = shards.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (compareIds((shards[middle] as Shard).range.start, id) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function makeShardRouter(vindex: VindexFunction, shards: readonly Shard[]): ShardRouter {
  return (values) => Int32Array.from(vindex(values), (id) => (id === null ? -1 : shardOf(shards, id)));
}
