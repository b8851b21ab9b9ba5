import type { Config } from "../config/config.ts";
import type { CopyJob } from "./copy-job.ts";
import { newStepNotes } from "./step-notes.ts";
import type { WorkerSetup } from "./worker-task.ts";

/** A worker needs two sessions to a shard to have one statement on its way while the next is encoded. */
const usualPerWorker = 2;
/** vttablet's transaction pool has 20 places, and other users of the target need some. */
const usualPerShard = 10;

function sessionsPerWorker({ load: { sessions }, workers }: Config): number {
  const share = Math.floor((sessions ?? usualPerShard) / workers);
  return Math.max(1, sessions === null ? Math.min(usualPerWorker, share) : share);
}

/** How many sessions to each shard all workers of a run have together. */
export function sessionsToEachShard(config: Config): number {
  return sessionsPerWorker(config) * config.workers;
}

/** What one worker is given at its start. */
export function workerSetup(job: CopyJob, worker: number, counters: SharedArrayBuffer): WorkerSetup {
  const { config, context, state, source, target } = job;
  const planned = new Map(source?.plan.tables.map((table) => [table.manifest.source, table.source]));
  const sessionsPerShard = sessionsPerWorker(config);
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
