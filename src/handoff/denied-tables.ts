import type { VtctldCall } from "./step.ts";
import type { ShardView } from "./view.ts";

/**
 * Calls that have the primaries of `shards` refuse statements on `tables`, or take them again. Only the calls for shards
 * where something is to be changed. The record alone changes nothing: the tablets are told to read it again.
 */
export function denyTables(
  keyspace: string,
  shards: readonly ShardView[],
  tables: readonly string[],
  deny: boolean,
): VtctldCall[] {
  return shards.flatMap(({ name: shard, deniedTables }): VtctldCall[] => {
    const change = tables.filter((table) => deniedTables.includes(table) !== deny);
    if (change.length === 0) return [];
    return [
      {
        method: "SetShardTabletControl",
        request: { keyspace, shard, tabletType: "PRIMARY", deniedTables: change, remove: !deny },
      },
      { method: "RefreshStateByShard", request: { keyspace, shard } },
    ];
  });
}
