import { availableParallelism } from "node:os";
import { spreadOf } from "../../bench/statistics.ts";
import type { Config } from "../../config/config.ts";
import type { SourceBench, SourceStep, Spread } from "../../contracts/bench.ts";
import { newSourceReader, onlyRead, type ReadVisit } from "../bench/read-visit.ts";
import { sourceVerdict } from "../bench/source-verdict.ts";
import { checkStopped } from "../bench/stopped.ts";
import { connectionSteps, visitsOf } from "../bench/visits.ts";
import { newCounters } from "../counters.ts";
import type { JobContext } from "../job.ts";
import { openSourceSide, type SourceSide } from "../source-side.ts";
import { workerMemory } from "../worker-memory.ts";
import { startWorkers } from "../worker-pool.ts";

export interface SourceBenchOptions {
  /** The most connections. */
  readonly connections: number;
  /** Of each step, all rounds together. */
  readonly seconds: number;
  readonly rounds: number;
}

/**
 * What the source gives at 1, 2, 4, … connections: the SELECTs of a dump, their rows cut out of the packets and let go of, a thread for
 * each connection, as a dump has them. One thread for all would do for some 600,000 rows a second (a million of them cost
 * about 1.5 s of CPU) and then be what is measured. Writes nothing and takes no lock.
 */
export async function benchSourceJob(
  config: Config,
  { connections, seconds, rounds }: SourceBenchOptions,
  context: JobContext,
): Promise<SourceBench> {
  await using source = await openSourceSide(config);
  const steps = connectionSteps(connections);
  const found = await readSteps(config, source, visitsOf(steps, rounds), seconds / rounds, context);
  const cores = availableParallelism();
  const measured = steps.map((step) => stepOf(step, found.visits.get(step) ?? []));
  return {
    type: "bench",
    command: "bench source",
    server: `MySQL ${source.control.serverVersion}`,
    tables: source.plan.tables.map(({ manifest }) => manifest.source),
    secondsPerStep: seconds,
    rounds,
    cores,
    steps: measured,
    timesRead: found.timesRead,
    ...sourceVerdict(measured, cores),
  };
}

/** Visits by their number of connections. */
async function readSteps(
  config: Config,
  source: SourceSide,
  visits: readonly number[],
  seconds: number,
  { emit, stop }: JobContext,
): Promise<{ readonly visits: ReadonlyMap<number, readonly ReadVisit[]>; readonly timesRead: number }> {
  const { directory, baseDirectory, chunkBytes, transformTimeoutSeconds } = config;
  const counters = Array.from({ length: Math.max(...visits) }, newCounters);
  const tables = source.plan.tables.map((table) => ({ manifest: table.manifest, source: table.source, routing: null }));
  const common = {
    stop: stop.memory,
    directory,
    baseDirectory,
    source: source.address,
    target: null,
    key: null,
    tables,
  };
  const setups = counters.map((memory, worker) => ({ ...common, worker, counters: memory, ...workerMemory() }));
  const pool = startWorkers(setups, transformTimeoutSeconds);
  const found = new Map<number, ReadVisit[]>();
  try {
    const reader = newSourceReader({ source, pool, counters, chunkBytes, stop });
    for (const [at, connections] of visits.entries()) {
      checkStopped(stop, onlyRead);
      const visit = await reader.visit(connections, seconds);
      found.set(connections, [...(found.get(connections) ?? []), visit]);
      const what = connections === 1 ? "1 connection" : `${connections} connections`;
      emit({ type: "measured", what, number: at + 1, of: visits.length, ...speedOf(visit) });
    }
    return { visits: found, timesRead: reader.timesRead() };
  } finally {
    await pool.destroy();
  }
}

/** What the source gives alone at so many connections, for a run's budget. */
export async function readAlone(
  config: Config,
  source: SourceSide,
  seconds: number,
  context: JobContext,
): Promise<number> {
  const { visits } = await readSteps(config, source, [config.workers], seconds, context);
  const [visit] = visits.get(config.workers) ?? [];
  return visit === undefined ? 0 : speedOf(visit).rowsPerSecond;
}

function speedOf({ rows, bytes, seconds }: ReadVisit): { rowsPerSecond: number; bytesPerSecond: number } {
  return seconds > 0
    ? { rowsPerSecond: rows / seconds, bytesPerSecond: bytes / seconds }
    : { rowsPerSecond: 0, bytesPerSecond: 0 };
}

function stepOf(connections: number, visits: readonly ReadVisit[]): SourceStep {
  const spread = (of: (visit: ReadVisit) => number): Spread =>
    spreadOf(visits.map(of)) ?? { median: 0, min: 0, max: 0 };
  return {
    connections,
    rows: visits.reduce((sum, { rows }) => sum + rows, 0),
    rowsPerSecond: spread((visit) => speedOf(visit).rowsPerSecond),
    bytesPerSecond: spread((visit) => speedOf(visit).bytesPerSecond),
    threadsBusy: spread(({ threadsBusy }) => threadsBusy).median,
  };
}
