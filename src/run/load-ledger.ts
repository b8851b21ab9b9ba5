import { VtpipeError } from "../contracts/errors.ts";
import { createLoadLedger, dropLoadLedger, hasLoadLedger, ledgerTable } from "../load/ledger-table.ts";
import type { RunState } from "./run-state.ts";
import type { TargetFit } from "./target-check.ts";
import { onShard, type TargetSide } from "./target-side.ts";

/** A chunk of a table without a key. */
interface Unfinished {
  readonly table: string;
  readonly chunk: string;
}

/** Makes this run's load ledger on every shard; refuses where chunks are begun that only a ledger which is gone could tell of. */
export async function prepareLedger(
  target: TargetSide,
  state: RunState,
  fits: TargetFit["tables"],
  begun: boolean,
): Promise<void> {
  const { plan } = state.manifest;
  const unfinished = firstUnfinished(target, state, fits);
  for (const { name } of target.topology.shards) {
    await using session = await onShard(target, name);
    // An earlier copy of the same plan that was given up says nothing of the rows of this one.
    if (!begun) await dropLoadLedger(session, plan);
    if (unfinished !== null && !(await hasLoadLedger(session, plan))) {
      throw ledgerGone(unfinished, plan, `${target.topology.keyspace}/${name}`);
    }
    await createLoadLedger(session, plan);
  }
}

/** Takes this run's load ledger off the shards: every row is there. */
export async function clearLedger(target: TargetSide, run: string): Promise<void> {
  for (const { name } of target.topology.shards) {
    await using session = await onShard(target, name);
    await dropLoadLedger(session, run);
  }
}

function firstUnfinished(
  { id, routing }: TargetSide,
  { manifest, journal }: RunState,
  fits: TargetFit["tables"],
): Unfinished | null {
  const found = manifest.chunks.find(
    ({ table, chunk }) =>
      journal.loadState(id, chunk) === "loading" &&
      fits.get(table)?.key === null &&
      routing.get(table)?.kind !== "routed",
  );
  return found === undefined ? null : { table: fits.get(found.table)?.target ?? found.table, chunk: found.chunk };
}

function ledgerGone({ table, chunk }: Unfinished, plan: string, shard: string): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `The table ${ledgerTable(plan)} is gone from shard ${shard}: it told which rows of table ${table}, which has no key, are there.`,
    now: `Some rows of table ${table} may be on the target; nothing was changed.`,
    todo: `Empty ${table} on the target and load it again into a fresh run directory.`,
    context: { table, chunk },
  });
}
