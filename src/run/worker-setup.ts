import type { CopyJob } from "./copy-job.ts";
import { newStepNotes } from "./step-notes.ts";
import type { WorkerSetup } from "./worker-task.ts";

/** A worker needs two sessions to a shard to have one statement on its way while the next is encoded. */
const usualPerWorker = 2;
/** vttablet's transaction pool has 20 places, and other users of the target need some. */
const usualPerShard = 10;

/** What one worker is given at its start. */
export function workerSetup(job: CopyJob, worker: number, counters: SharedArrayBuffer): WorkerSetup {
  const { config, context, state, source, target } = job;
  const planned = new Map(source?.plan.tables.map((table) => [table.manifest.source, table.source]));
  const { sessions } = config.load;
  const share = Math.floor((sessions ?? usualPerShard) / config.workers);
  const sessionsPerShard = Math.max(1, sessions === null ? Math.min(usualPerWorker, share) : share);
  return {
    worker,
    counters,
    notes: newStepNotes(),
    stop: context.stop.memory,
    directory: state.directory.path,
    baseDirectory: config.baseDirectory,
    source: source?.address ?? null,
    target: target && {
      address: target.side.address,
      topology: target.side.topology,
      run: state.manifest.plan,
      sessionsPerShard,
      statementLimit: target.fit.statementLimit,
    },
    tables: state.manifest.tables.map((manifest) => ({
      manifest: target?.fit.tables.get(manifest.source) ?? manifest,
      source: planned.get(manifest.source) ?? null,
      routing: target?.side.routing.get(manifest.source) ?? null,
    })),
  };
}
