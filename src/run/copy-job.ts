import { rm } from "node:fs/promises";
import type { Config } from "../config/config.ts";
import { removeUnfinished } from "../store/run-directory.ts";
import type { CopyTarget } from "./copy.ts";
import { newCounters } from "./counters.ts";
import { type DeferredKeys, deferKeys, unbuiltKeys } from "./deferred-keys.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "./job.ts";
import { newValveMemory } from "./limits/valve.ts";
import { clearLedger } from "./load-ledger.ts";
import { newLoadingGate } from "./loading-gate.ts";
import { outcomeOf } from "./outcome.ts";
import { type PreparedSource, prepareReading } from "./prepare-reading.ts";
import { watchProgress } from "./progress.ts";
import { chunksByTable, type RunState, rowsOf } from "./run-state.ts";
import type { SourceSide } from "./source-side.ts";
import { newTally, type Tally } from "./tally.ts";
import type { TargetFit } from "./target-check.ts";
import type { TargetSide } from "./target-side.ts";
import { verifyTables } from "./verify-phase.ts";
import { openWatchedCopy } from "./watched-copy.ts";
import type { WorkerPool, WorkerThreads } from "./worker-pool.ts";
import { workerSetup } from "./worker-setup.ts";

/** What dump, load, run and verify have in common. */
export interface CopyJob {
  /** Of `config.workers`. */
  readonly threads: WorkerThreads;
  readonly config: Config;
  readonly context: JobContext;
  readonly state: RunState;
  /** null: everything is in files, which is what `load` starts from. */
  readonly source: SourceSide | null;
  /** null: only files are written, which is what `dump` is. */
  readonly target: LoadableTarget | null;
}

/** A target that was found fit to be loaded, or to be compared with. */
export interface LoadableTarget {
  readonly side: TargetSide;
  readonly fit: TargetFit;
}

/** Without kept files reading must not run ahead of loading by more than a few chunks per worker. */
const backlogPerWorker = 2;

/** Runs the data plane for dump, load and run: copies what is left to copy, seals the manifest, verifies. */
export async function runCopyJob(job: CopyJob): Promise<JobOutcome> {
  const { config, context, state, source, target } = job;
  const { emit } = context;
  const startedAt = performance.now();
  const counters = Array.from({ length: config.workers }, newCounters);
  const valve = newValveMemory();
  const setups = counters.map((memory, worker) => workerSetup(job, worker, memory, valve));
  const pool = job.threads.begin(setups, config.transformTimeoutSeconds);
  const tally = tallyOf(job);
  const before = rowsMoved(tally, target !== null);
  const outcome = (): JobOutcome => {
    const moved = rowsMoved(tally, target !== null);
    const copied = { rowsCopied: moved.rows - before.rows, bytesCopied: moved.bytes - before.bytes };
    return { ...emptyOutcome, ...outcomeOf(job), ...copied, copySeconds };
  };
  let copySeconds = 0;
  let reading: PreparedSource | null = null;
  try {
    context.report(outcomeOf(job));
    {
      await using copying = await openWatchedCopy(job, { pool, setups, valve, tally });
      await copying.untilReadable();
      if (source) reading = await prepareReading({ config, context, state, source, pool, tally });
      const { threadSeconds } = pool;
      const { throttled } = copying;
      const loads = target !== null;
      using _ = watchProgress({ tally, counters, threadSeconds, loads, rowsBefore: before.rows, throttled, emit });
      const keys = target && (await deferKeys({ state, target: target.side, emit, keys: target.fit.keys }));
      const loading = target && keys && copyTarget(job, target, pool, keys);
      if (loading && !config.keepFiles) await removeLoaded(state, loading.id);
      await copying.copy(reading, loading);
      await keys?.finish();
    }
    copySeconds = (performance.now() - startedAt) / 1000;
    context.report(outcome());
    if (target?.fit.ledger) await clearLedger(target.side, state.manifest.plan);
    const failure = target && config.verify ? await verifyTables({ state, target: target.side, pool, context }) : null;
    return { ...outcome(), failure };
  } catch (error) {
    const unbuilt = target && unbuiltKeys(state, target.side.id);
    if (unbuilt)
      emit({
        type: "note",
        text: `Still without keys on the target, until the same command has come to its end: ${unbuilt}.`,
      });
    // A thread that was ended could not take its unfinished file away; no thread writes any more after this.
    await pool.destroy();
    await removeUnfinished(state.directory).catch(() => 0);
    throw error;
  } finally {
    reading?.abandon();
    await pool.destroy();
  }
}

/** Verifies what is on the target against the files of a run. */
export async function runVerifyJob(job: CopyJob & { readonly target: LoadableTarget }): Promise<JobOutcome> {
  const { threads, config, context, state, target } = job;
  const setups = Array.from({ length: config.workers }, (_, worker) => workerSetup(job, worker, newCounters()));
  const pool = threads.begin(setups, config.transformTimeoutSeconds);
  try {
    const failure = await verifyTables({ state, target: target.side, pool, context });
    const outcome = { ...emptyOutcome, ...outcomeOf(job), failure };
    context.report(outcome);
    return outcome;
  } finally {
    await pool.destroy();
  }
}

/** Counts what earlier runs have done already. */
function tallyOf({ state, source, target }: CopyJob): Tally {
  const estimates = new Map(source?.plan.tables.map(({ source: { table } }) => [table.name, table.rowsEstimate]));
  const byTable = chunksByTable(state.manifest);
  const tables = state.manifest.tables.map(({ source: name }) => ({
    source: name,
    rowsEstimate: estimates.get(name) ?? rowsOf(byTable.get(name) ?? []),
  }));
  const tally = newTally(tables);
  for (const chunk of state.manifest.chunks) {
    tally.dumped(chunk);
    if (target && state.journal.loadState(target.side.id, chunk.chunk) === "loaded") tally.loaded(chunk);
  }
  if (state.manifest.complete) for (const table of tally.all()) table.read = true;
  return tally;
}

function rowsMoved(tally: Tally, loads: boolean): { rows: number; bytes: number } {
  const all = tally.all();
  return {
    rows: all.reduce((sum, table) => sum + (loads ? table.rowsLoaded : table.rows), 0),
    bytes: all.reduce((sum, table) => sum + (loads ? table.bytesLoaded : table.bytes), 0),
  };
}

/** Files that a run which was killed has loaded and not removed any more. */
async function removeLoaded({ directory, journal, manifest }: RunState, target: string): Promise<void> {
  for (const { chunk, file } of manifest.chunks) {
    if (journal.loadState(target, chunk) === "loaded") await rm(await directory.fileOf(file), { force: true });
  }
}

function copyTarget(
  { config, state }: CopyJob,
  { side, fit }: LoadableTarget,
  pool: WorkerPool,
  keys: DeferredKeys,
): CopyTarget {
  const { strategy } = config.load;
  return {
    id: side.id,
    strategy: strategy === "auto" ? null : strategy,
    routingOf: (table) => side.routing.get(table)?.why ?? "",
    gate: newLoadingGate((table) => fit.tables.get(table)?.columns ?? [], fit.statementLimit),
    async onLoaded(dumped) {
      if (!config.keepFiles) await rm(await state.directory.fileOf(dumped.file), { force: true });
    },
    onTableLoaded: (table) => keys.build(table),
    backlogMax: config.keepFiles ? Number.POSITIVE_INFINITY : pool.size * backlogPerWorker,
  };
}
