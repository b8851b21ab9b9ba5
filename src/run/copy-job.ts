import { rm } from "node:fs/promises";
import type { Config } from "../config/config.ts";
import type { DumpedChunk } from "../contracts/chunk.ts";
import { VtpipeError } from "../contracts/errors.ts";
import type { TableSummary } from "../contracts/events.ts";
import { splitPoint } from "../source/split.ts";
import { tiling } from "../source/tiling.ts";
import { type CopySource, type CopyTarget, copyChunks } from "./copy.ts";
import { newCounters } from "./counters.ts";
import type { JobContext, JobOutcome } from "./job.ts";
import { watchProgress } from "./progress.ts";
import { newReading, type ReadableTable, type Reading } from "./reading.ts";
import { chunksByTable, type RunState, rowsOf } from "./run-state.ts";
import { type HeldSnapshot, holdSnapshot } from "./snapshot-phase.ts";
import type { SourceSide } from "./source-side.ts";
import { newTally, type Tally } from "./tally.ts";
import type { TargetSide } from "./target-side.ts";
import { verifyTables } from "./verify-phase.ts";
import { startWorkers, type WorkerPool } from "./worker-pool.ts";
import type { WorkerSetup } from "./worker-task.ts";

export interface CopyJob {
  readonly config: Config;
  readonly context: JobContext;
  readonly state: RunState;
  /** null: everything is in files, which is what `load` starts from. */
  readonly source: SourceSide | null;
  /** null: only files are written, which is what `dump` is. */
  readonly target: TargetSide | null;
}

/** A worker needs two sessions per shard to have one statement on its way while the next is encoded. */
const sessionsPerShard = 2;
/** vttablet's transaction pool has 20 places, and other users of the target need some. */
const sessionsPerShardMax = 10;
/** Without kept files reading must not run ahead of loading by more than a few chunks per worker. */
const backlogPerWorker = 2;

/** Runs the data plane for dump, load and run: copies what is left to copy, seals the manifest, verifies. */
export async function runCopyJob(job: CopyJob): Promise<JobOutcome> {
  const { config, context, state, source, target } = job;
  const counters = Array.from({ length: config.workers }, newCounters);
  const pool = startWorkers(counters.map((memory, worker) => setupOf(job, worker, memory)));
  const startedAt = performance.now();
  let copySource: PreparedSource | null = null;
  try {
    const tally = tallyOf(job);
    const before = rowsMoved(tally, target !== null);
    copySource = source === null ? null : await prepareReading(job, source, pool, tally);
    context.report({ directory: state.directory.path, target: target?.topology.kind ?? null });
    {
      using _ = watchProgress({
        tally,
        counters,
        loads: target !== null,
        workers: pool.size,
        emit: context.emit,
      });
      const copyTarget = target === null ? null : targetOf(job, target, pool);
      await copyChunks({
        state,
        pool,
        source: copySource,
        target: copyTarget,
        tally,
        stop: context.stop,
        emit: context.emit,
      });
    }
    const copySeconds = (performance.now() - startedAt) / 1000;
    const moved = rowsMoved(tally, target !== null);
    context.report({
      ...outcomeOf(job),
      copySeconds,
      rowsCopied: moved.rows - before.rows,
      bytesCopied: moved.bytes - before.bytes,
    });
    const failure = target !== null && config.verify ? await verifyTables({ state, target, pool, context }) : null;
    const outcome = {
      ...outcomeOf(job),
      copySeconds,
      rowsCopied: moved.rows - before.rows,
      bytesCopied: moved.bytes - before.bytes,
    };
    return { ...outcome, failure };
  } finally {
    copySource?.abandon();
    await pool.destroy();
  }
}

/** A copy source that can be let go of when the copy fails. */
type PreparedSource = CopySource & Pick<HeldSnapshot, "abandon">;

/** Verifies what an earlier run loaded. */
export async function runVerifyJob(job: CopyJob & { readonly target: TargetSide }): Promise<JobOutcome> {
  const { config, context, state, target } = job;
  const pool = startWorkers(Array.from({ length: config.workers }, (_, worker) => setupOf(job, worker, newCounters())));
  try {
    const failure = await verifyTables({ state, target, pool, context });
    context.report(outcomeOf(job));
    return { ...outcomeOf(job), failure };
  } finally {
    await pool.destroy();
  }
}

function setupOf(
  { config, context, state, source, target }: CopyJob,
  worker: number,
  counters: SharedArrayBuffer,
): WorkerSetup {
  const planned = new Map(source?.plan.tables.map((table) => [table.manifest.source, table.source]));
  const perShard = Math.max(
    1,
    Math.min(sessionsPerShard, Math.floor((config.load.sessions ?? sessionsPerShardMax) / config.workers)),
  );
  return {
    worker,
    counters,
    stop: context.stop.memory,
    directory: state.directory.path,
    baseDirectory: config.baseDirectory,
    source: source?.address ?? null,
    target:
      target === null
        ? null
        : { address: target.address, topology: target.topology, run: state.manifest.plan, sessionsPerShard: perShard },
    tables: state.manifest.tables.map((manifest) => ({
      manifest,
      source: planned.get(manifest.source) ?? null,
      routing: target?.routing.get(manifest.source) ?? null,
    })),
  };
}

/** Counts what earlier runs have done already. */
function tallyOf({ state, source, target }: CopyJob): Tally {
  const estimates = new Map(source?.plan.tables.map(({ source: { table } }) => [table.name, table.rowsEstimate]));
  const byTable = chunksByTable(state.manifest);
  const tally = newTally(
    state.manifest.tables.map(({ source: name }) => ({
      source: name,
      rowsEstimate: estimates.get(name) ?? rowsOf(byTable.get(name) ?? []),
    })),
  );
  for (const chunk of state.manifest.chunks) {
    tally.dumped(chunk);
    if (target !== null && state.journal.loadState(target.id, chunk.chunk) === "loaded") tally.loaded(chunk);
  }
  if (state.manifest.complete) for (const table of tally.all()) table.read = true;
  return tally;
}

function rowsMoved(tally: Tally, loaded: boolean): { rows: number; bytes: number } {
  const all = tally.all();
  const rows = all.reduce((sum, table) => sum + (loaded ? table.rowsLoaded : table.rows), 0);
  const bytes = all.reduce((sum, table) => sum + table.bytes, 0);
  return { rows, bytes };
}

/** What is left to read, at a snapshot taken for it; null when an earlier run has read everything. */
async function prepareReading(
  job: CopyJob,
  source: SourceSide,
  pool: WorkerPool,
  tally: Tally,
): Promise<PreparedSource | null> {
  const { config, context, state } = job;
  if (state.manifest.complete) {
    context.emit({ type: "note", text: "Everything was read by an earlier run; nothing is read again." });
    return null;
  }
  const reading = await planReading(job, source, pool.size);
  for (const table of tally.all()) table.read = reading.chunksOf(table.source) !== null;
  const id = state.journal.snapshots.length + 1;
  const { lockTimeoutSeconds } = config.source ?? { lockTimeoutSeconds: 5 };
  const held: HeldSnapshot = await holdSnapshot({ source, pool, id, lockTimeoutSeconds, emit: context.emit });
  await state.record({ type: "snapshot", snapshot: held.snapshot });
  context.report({ position: held.snapshot.position, lockMs: held.snapshot.lockMs });
  return {
    reading,
    snapshot: held.snapshot,
    abandon: () => held.abandon(),
    async allRead() {
      await held.release();
      refuseGaps(state);
      await state.seal(true);
    },
  };
}

function planReading({ config, state }: CopyJob, source: SourceSide, readers: number): Promise<Reading> {
  const schemas = new Map(source.plan.tables.map(({ source: { table } }) => [table.name, table]));
  const tables = source.plan.tables.map(({ number, source: { table } }): ReadableTable => {
    const { name, rowsEstimate, bytesEstimate } = table;
    return { name, number, rowsEstimate, bytesEstimate, chunked: table.chunkKey !== null };
  });
  return newReading({
    tables,
    records: state.earlier,
    readers,
    chunkBytes: config.chunkBytes,
    record: (record) => state.record(record),
    async cut(table, range) {
      const schema = schemas.get(table);
      return schema === undefined ? null : splitPoint(source.control, schema, range);
    },
  });
}

/** The last look before a dump is called complete: the chunks of every table must chain from its start to its end. */
function refuseGaps(state: RunState): void {
  const byTable = new Map<string, DumpedChunk[]>();
  for (const chunk of state.journal.chunks.values())
    byTable.set(chunk.table, [...(byTable.get(chunk.table) ?? []), chunk]);
  for (const { source } of state.manifest.tables) {
    const fault = tiling(byTable.get(source) ?? []);
    if (fault === null) continue;
    throw new VtpipeError({
      code: "internal",
      message: `The chunks of table ${source} do not cover it: ${fault}.`,
      now: "The dump is not marked complete.",
      todo: "Keep the run directory, report this as a bug, and dump again into another directory.",
      context: { table: source },
    });
  }
}

function targetOf({ config, state }: CopyJob, target: TargetSide, pool: WorkerPool): CopyTarget {
  const { strategy } = config.load;
  return {
    id: target.id,
    strategy: strategy === "auto" ? null : strategy,
    routingOf: (table) => target.routing.get(table)?.why ?? "",
    async onLoaded(dumped) {
      if (!config.keepFiles) await rm(await state.directory.fileOf(dumped.file), { force: true });
    },
    backlogMax: config.keepFiles ? Number.POSITIVE_INFINITY : pool.size * backlogPerWorker,
  };
}

/** The summary's tables, from what the ledger and the manifest say. */
export function outcomeOf({ state, target }: Pick<CopyJob, "state" | "target">): JobOutcome {
  const byTable = chunksByTable(state.manifest);
  const tables = state.manifest.tables.map((table): TableSummary => {
    const chunks = byTable.get(table.source) ?? [];
    return {
      source: table.source,
      target: table.target,
      class: table.class,
      rows: rowsOf(chunks),
      bytes: chunks.reduce((sum, { bytesRaw }) => sum + bytesRaw, 0),
      chunks: chunks.length,
      verified: target === null ? null : state.journal.verified(target.id, table.source),
    };
  });
  const snapshot = state.manifest.snapshots.at(-1);
  return {
    tables,
    position: snapshot?.position ?? null,
    lockMs: snapshot?.lockMs ?? null,
    directory: state.directory.path,
    target: target?.topology.kind ?? null,
    copySeconds: 0,
    rowsCopied: 0,
    bytesCopied: 0,
    failure: null,
  };
}
