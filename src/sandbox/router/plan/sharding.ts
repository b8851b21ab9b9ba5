import type { VschemaTableConfig } from "../config.ts";
import { type Keyspace, shardOf, tableOf } from "../keyspace.ts";
import { refusal, SqlError } from "../refusal.ts";
import type { VindexInput } from "../sql/literals.ts";
import { keyspaceIdFunction } from "./vindex.ts";

/** How a table's rows find their shard. */
export interface Sharding {
  readonly table: string;
  /** Lower case, as column names compare. */
  readonly column: string;
  readonly vindex: string;
  /** The shard of a value; null: the vindex has no keyspace id for it (Vitess: VT09023). */
  shardOf(value: VindexInput): string | null;
}

/** Refuses tables the VSchema does not know, as vtgate does, and those whose rows this router cannot place. */
export function knownTable(keyspace: Keyspace, name: string): VschemaTableConfig {
  const table = tableOf(keyspace, name);
  if (table === null) throw new SqlError(1105, "HY000", `table ${name} not found`);
  return table;
}

export function shardingOf(keyspace: Keyspace, name: string): Sharding {
  const table = knownTable(keyspace, name);
  const primary = table.columnVindexes[0];
  if (table.type !== "") throw refusal(`writing to the ${table.type} table "${name}"`);
  if (primary === undefined)
    throw new SqlError(1173, "42000", `VT09001: table '${name}' does not have a primary vindex`);
  const [column, ...others] = primary.columns;
  if (column === undefined || others.length > 0) throw refusal(`the multi-column vindex of table "${name}"`);
  const keyspaceId = keyspaceIdFunction(keyspace, primary.name);
  return {
    table: name,
    column: column.toLowerCase(),
    vindex: primary.name,
    shardOf(value) {
      const id = keyspaceId(value);
      return id === null ? null : shardOf(keyspace, id).config.name;
    },
  };
}

/** Lookup vindexes a table owns must be written with its rows, which this router does not do. */
export function refuseOwnedVindexes(keyspace: Keyspace, name: string): void {
  for (const { name: vindex } of tableOf(keyspace, name)?.columnVindexes ?? []) {
    const owner = keyspace.vschema.vindexes.get(vindex)?.owner;
    if (owner === name) throw refusal(`writing to table "${name}", which owns the lookup vindex "${vindex}",`);
  }
}

export function shardNames(keyspace: Keyspace): string[] {
  return keyspace.shards.map((shard) => shard.config.name);
}

export function firstShard(keyspace: Keyspace): string {
  return shardNames(keyspace)[0] ?? "";
}
