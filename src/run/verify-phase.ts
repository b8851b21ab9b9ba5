import { VtpipeError } from "../contracts/errors.ts";
import type { TableVerdict } from "../verify/verify-table.ts";
import type { JobContext } from "./job.ts";
import { chunksByTable, type RunState } from "./run-state.ts";
import type { TargetSide } from "./target-side.ts";
import { newWaitingLine } from "./waiting-line.ts";
import type { WorkerPool } from "./worker-pool.ts";

export interface VerifyPhaseOptions {
  readonly state: RunState;
  readonly target: TargetSide;
  readonly pool: WorkerPool;
  readonly context: JobContext;
}

/**
 * Verifies every table, several at a time, and records each verdict. Returns the `differ` error when a table is not
 * equal, null when all are; the rows that differ have been told by then.
 */
export async function verifyTables(options: VerifyPhaseOptions): Promise<VtpipeError | null> {
  const { state, pool, context } = options;
  const line = newWaitingLine<string>();
  for (const { source } of state.manifest.tables) line.put(source);
  line.close();
  const chunks = chunksByTable(state.manifest);
  const differing: { table: string; verdict: TableVerdict }[] = [];
  const lane = async (worker: number): Promise<void> => {
    for (let table = await line.take(); table !== null; table = await line.take()) {
      context.stop.check();
      const verdict = await pool.run(worker, { kind: "verify", table, chunks: chunks.get(table) ?? [] });
      await tell(options, table, verdict);
      if (!verdict.equal) differing.push({ table, verdict });
    }
  };
  const lanes = Array.from({ length: pool.size }, (_, worker) => lane(worker));
  await Promise.allSettled(lanes);
  await Promise.all(lanes);
  return differing.length === 0 ? null : differError(differing);
}

async function tell(
  { state, target, context }: VerifyPhaseOptions,
  table: string,
  verdict: TableVerdict,
): Promise<void> {
  await state.record({ type: "verified", target: target.id, table, equal: verdict.equal });
  for (const difference of verdict.differences) context.emit({ type: "difference", table, ...difference });
  for (const text of verdict.notes) context.emit({ type: "note", text });
  context.emit({ type: "table:verified", table, equal: verdict.equal, rows: verdict.rows });
}

function differError(differing: readonly { table: string; verdict: TableVerdict }[]): VtpipeError {
  const parts = differing.map(({ table, verdict: { counts } }) => {
    const { missing, different, extra } = counts;
    const kinds = [`${missing} missing`, `${different} different`, `${extra} extra`];
    return `${table} (${kinds.filter((kind) => !kind.startsWith("0 ")).join(", ")})`;
  });
  return new VtpipeError({
    code: "differ",
    message: `The target does not hold what the chunk files hold: ${parts.join("; ")}.`,
    now: "Everything was loaded and nothing else was changed; the rows that differ are named above.",
    todo: "Find out who else writes to the target, and whether it converts what is written (triggers, column types); then load into empty tables again.",
    context: { table: differing[0]?.table ?? "" },
  });
}
