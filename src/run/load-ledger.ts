import { VtpipeError } from "../contracts/errors.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import { createLoadLedger, dropLoadLedger, ledgerTable } from "../load/ledger-table.ts";
import { hasTable } from "../mysql/has-table.ts";
import type { RunState } from "./run-state.ts";
import { onShard, type TargetSide } from "./target-side.ts";

/**
 * Makes this run's load ledger on every shard, when there are tables without a key whose rows we route; false: there are none. Refuses
 * where a chunk is begun of which only a ledger that is gone could tell. `tables` by source name; `begun`: was anything sent before?
 */
export async function prepareLedger(
  target: TargetSide,
  state: RunState,
  tables: ReadonlyMap<string, ManifestTable>,
  begun: boolean,
): Promise<boolean> {
  const tracked = new Map(
    [...tables].filter(([source, { key }]) => key === null && target.routing.get(source)?.kind !== "routed"),
  );
  if (tracked.size === 0) return false;
  const { chunks, plan } = state.manifest;
  const unfinished = chunks.find(
    ({ table, chunk }) => tracked.has(table) && state.journal.loadState(target.id, chunk) === "loading",
  );
  for (const { name } of target.topology.shards) {
    await using session = await onShard(target, name);
    // An earlier copy of the same plan that was given up says nothing of the rows of this one.
    if (!begun) await dropLoadLedger(session, plan);
    if (unfinished !== undefined && !(await hasTable(session, ledgerTable(plan)))) {
      const table = tracked.get(unfinished.table)?.target ?? unfinished.table;
      throw ledgerGone({ table, chunk: unfinished.chunk }, plan, `${target.topology.keyspace}/${name}`);
    }
    await createLoadLedger(session, plan);
  }
  return true;
}

/** Takes this run's load ledger off the shards: every row is there. */
export async function clearLedger(target: TargetSide, run: string): Promise<void> {
  for (const { name } of target.topology.shards) {
    await using session = await onShard(target, name);
    await dropLoadLedger(session, run);
  }
}

function ledgerGone(
  { table, chunk }: { readonly table: string; readonly chunk: string },
  plan: string,
  shard: string,
): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `The table ${ledgerTable(plan)} is gone from shard ${shard}: it told which rows of table ${table}, which has no key, are there.`,
    now: `Some rows of table ${table} may be on the target; nothing was changed.`,
    todo: `Empty ${table} on the target and load it again into a fresh run directory.`,
    context: { table, chunk },
  });
}
