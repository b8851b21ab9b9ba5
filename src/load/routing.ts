import { VtpipeError } from "../contracts/errors.ts";
import type { Column } from "../contracts/schema.ts";
import type { Session } from "../mysql/session.ts";
import { makeShardRouter, type ShardRouter } from "../vitess/shard-router.ts";
import type { Topology } from "../vitess/topology.ts";
import { checkVindex } from "../vitess/vindex-check.ts";
import { vindexFunction } from "../vitess/vindexes/vindex-function.ts";
import type { VschemaTable } from "../vitess/vschema.ts";

/** How rows of a table find their shard. Plain data, so it crosses threads; `why` is for people. */
export type RoutingPlan =
  /** There is only one shard. */
  | { readonly kind: "one"; readonly why: string }
  /** Every shard gets every row: a reference table. */
  | { readonly kind: "every"; readonly why: string }
  /** The vindex is computed here, from the cell with this index. */
  | { readonly kind: "vindex"; readonly cell: number; readonly type: string; readonly why: string }
  /** vtgate decides. */
  | { readonly kind: "routed"; readonly why: string };

/** Decides from what vtgate says about the table. Throws `preflight` when rows lack the sharding column. */
export function planRouting(table: VschemaTable, columns: readonly Column[], topology: Topology): RoutingPlan {
  const { primaryVindex, ownedLookups } = table;
  if (ownedLookups.length > 0) {
    return { kind: "routed", why: `only vtgate fills the lookup vindex ${ownedLookups.join(", ")}` };
  }
  if (topology.shards.length === 1) return { kind: "one", why: `${topology.keyspace} has one shard` };
  if (primaryVindex === null) return { kind: "every", why: "a table without vindexes has a copy on every shard" };
  const { type, columns: vindexColumn } = primaryVindex;
  const cell = columns.findIndex((column) => column.name.toLowerCase() === vindexColumn.toLowerCase());
  const column = columns[cell];
  if (column === undefined) {
    if (vindexColumn.includes(", ")) return { kind: "routed", why: `vindex ${type} takes several columns` };
    throw new VtpipeError({
      code: "preflight",
      message: `Rows for table ${table.name} have no column ${vindexColumn}, which decides their shard (vindex ${type}).`,
      now: "Nothing was changed.",
      todo: `Do not drop or rename ${vindexColumn}, or correct the vschema of ${topology.keyspace}.`,
      context: { table: table.name, column: vindexColumn },
    });
  }
  if (vindexFunction(type, column) === null) {
    return { kind: "routed", why: `vindex ${type} over a ${column.kind} column is computed by vtgate only` };
  }
  return { kind: "vindex", cell, type, why: `vindex ${type} of ${column.name} computed here` };
}

/** The router of a plan; null where no value decides. */
export function routerOf(plan: RoutingPlan, columns: readonly Column[], topology: Topology): ShardRouter | null {
  const column = plan.kind === "vindex" ? columns[plan.cell] : undefined;
  if (plan.kind !== "vindex" || column === undefined) return null;
  const vindex = vindexFunction(plan.type, column);
  return vindex === null ? null : makeShardRouter(vindex, topology.shards);
}

/**
 * Holds a plan against the live vtgate before the first row is sent: sample values of the sharding column must get the
 * same keyspace id and shard there. On any difference vtgate routes the rows itself, and `warning` says why. The session
 * must be in the keyspace, not shard-targeted.
 */
export async function proveRouting(
  session: Session,
  plan: RoutingPlan,
  table: VschemaTable,
  columns: readonly Column[],
  topology: Topology,
  samples: readonly Uint8Array[],
): Promise<{ readonly plan: RoutingPlan; readonly warning: string | null }> {
  const column = plan.kind === "vindex" ? columns[plan.cell] : undefined;
  if (plan.kind !== "vindex" || column === undefined || table.primaryVindex === null) return { plan, warning: null };
  const vindex = vindexFunction(plan.type, column);
  if (vindex === null) return { plan, warning: null };
  const { primaryVindex } = table;
  const mismatch = await checkVindex(session, primaryVindex, column, vindex, topology.shards, samples);
  if (mismatch === null) return { plan, warning: null };
  const warning = `vtgate places ${column.name} = ${mismatch.value} of table ${table.name} at ${mismatch.theirs}, we at ${mismatch.ours}: vtgate routes this table's rows.`;
  return { plan: { kind: "routed", why: "vtgate and vtpipe disagree about the vindex" }, warning };
}
