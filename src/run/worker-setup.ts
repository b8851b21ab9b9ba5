import type { Config } from "../config/config.ts";
import { IN_FLIGHT_BYTES, type PaceBounds } from "../load/pace-bounds.ts";
import type { CopyJob } from "./copy-job.ts";
import { workerMemory } from "./worker-memory.ts";
import type { WorkerSetup } from "./worker-task.ts";

/** A worker needs two sessions to a shard to have one statement on its way while the next is encoded. */
const firstPerWorker = 2;
/** vttablet's transaction pool has 20 places, and other users of the target need some. */
const usualPerShard = 10;

/** Between what one worker's statements to a shard may move: what the config allows a shard, shared out. */
export function paceBounds({ load, workers }: Pick<Config, "load" | "workers">, shards: number): PaceBounds {
  const share = Math.max(1, Math.floor((load.sessions ?? usualPerShard) / workers));
  return {
    sessions: { start: Math.min(firstPerWorker, share), max: share },
    rows: load.statementRows,
    bytes: load.statementBytes,
    memory: Math.floor(IN_FLIGHT_BYTES / shards),
  };
}

/** What one worker is given at its start. */
export function workerSetup(
  job: Omit<CopyJob, "threads">,
  worker: number,
  counters: SharedArrayBuffer,
  valve?: SharedArrayBuffer,
): WorkerSetup {
  const { config, context, state, source, target } = job;
  const planned = new Map(source?.plan.tables.map((table) => [table.manifest.source, table.source]));
  return {
    worker,
    counters,
    ...workerMemory(valve),
    stop: context.stop.memory,
    directory: state.directory.path,
    key: state.key,
    baseDirectory: config.baseDirectory,
    source: source?.address ?? null,
    target: target && {
      address: target.side.address,
      topology: target.side.topology,
      run: state.manifest.plan,
      pace: paceBounds(config, target.side.topology.shards.length),
      statementLimit: target.fit.statementLimit,
    },
    tables: state.manifest.tables.map((manifest) => ({
      manifest: target?.fit.tables.get(manifest.source) ?? manifest,
      source: planned.get(manifest.source) ?? null,
      routing: target?.side.routing.get(manifest.source) ?? null,
    })),
  };
}
