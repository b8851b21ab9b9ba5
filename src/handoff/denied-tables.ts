import type { VtctldCall } from "./step.ts";
import type { ShardView } from "./view.ts";

/**
 * Calls that have the primaries of `shards` refuse statements on `tables`, or take them again. The record alone changes
 * nothing: the tablets are told to read it again. They are told even where the record is as it should be, because it does not
 * show whether whoever changed it lived to tell them.
 */
export function denyTables(
  keyspace: string,
  shards: readonly ShardView[],
  tables: readonly string[],
  deny: boolean,
): VtctldCall[] {
  if (tables.length === 0) return [];
  return shards.flatMap(({ name: shard, deniedTables }): VtctldCall[] => {
    const change = tables.filter((table) => deniedTables.includes(table) !== deny);
    const refresh: VtctldCall = { method: "RefreshStateByShard", request: { keyspace, shard } };
    if (change.length === 0) return [refresh];
    return [
      {
        method: "SetShardTabletControl",
        request: { keyspace, shard, tabletType: "PRIMARY", deniedTables: change, remove: !deny },
      },
      refresh,
    ];
  });
}
