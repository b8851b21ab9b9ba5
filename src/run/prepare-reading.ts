import type { Config } from "../config/config.ts";
import type { DumpedChunk } from "../contracts/chunk.ts";
import { VtpipeError } from "../contracts/errors.ts";
import { splitPoint } from "../source/split.ts";
import { tiling } from "../source/tiling.ts";
import type { CopySource } from "./copy.ts";
import type { JobContext } from "./job.ts";
import { newReading, type ReadableTable, type Reading } from "./reading.ts";
import type { RunState } from "./run-state.ts";
import { type HeldSnapshot, holdSnapshot } from "./snapshot-phase.ts";
import type { SourceSide } from "./source-side.ts";
import type { Tally } from "./tally.ts";
import type { WorkerPool } from "./worker-pool.ts";

export interface PrepareReadingOptions {
  readonly config: Config;
  readonly context: JobContext;
  readonly state: RunState;
  readonly source: SourceSide;
  readonly pool: WorkerPool;
  readonly tally: Tally;
}

/** A copy source that can be let go of when the copy fails. */
export type PreparedSource = CopySource & Pick<HeldSnapshot, "abandon">;

/** What is left to read, at a snapshot taken for it; null when an earlier run has read everything. */
export async function prepareReading(options: PrepareReadingOptions): Promise<PreparedSource | null> {
  const { config, context, state, source, pool, tally } = options;
  if (state.manifest.complete) {
    context.emit({ type: "note", text: "Everything was read by an earlier run; nothing is read again." });
    return null;
  }
  const reading = await planReading(options);
  for (const table of tally.all()) table.read = reading.chunksOf(table.source) !== null;
  const id = state.journal.snapshots.length + 1;
  const lockTimeoutSeconds = config.source?.lockTimeoutSeconds ?? 5;
  const held = await holdSnapshot({ source, pool, id, lockTimeoutSeconds, emit: context.emit });
  try {
    await state.record({ type: "snapshot", snapshot: held.snapshot });
  } catch (error) {
    held.abandon();
    throw error;
  }
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

/** Cutting tables asks the source for keys; that is done before the snapshot, which is held as briefly as can be. */
function planReading({ config, context, state, source, pool }: PrepareReadingOptions): Promise<Reading> {
  const schemas = new Map(source.plan.tables.map(({ source: { table } }) => [table.name, table]));
  const tables = source.plan.tables.map(({ number, source: { table } }): ReadableTable => {
    const { name, rowsEstimate, bytesEstimate } = table;
    return { name, number, rowsEstimate, bytesEstimate, chunked: table.chunkKey !== null };
  });
  return newReading({
    tables,
    records: state.earlier,
    readers: pool.size,
    chunkBytes: config.chunkBytes,
    record: (record) => state.record(record),
    onChunkSize: (table, bytes, why) => context.emit({ type: "chunk:size", table, bytes, why }),
    async cut(table, range) {
      const schema = schemas.get(table);
      return schema === undefined ? null : splitPoint(source.control, schema, range);
    },
  });
}

/** The last look before a dump is called complete: the chunks of every table must chain from its start to its end. */
function refuseGaps(state: RunState): void {
  const byTable = new Map<string, DumpedChunk[]>(state.manifest.tables.map(({ source }) => [source, []]));
  for (const chunk of state.journal.chunks.values()) byTable.get(chunk.table)?.push(chunk);
  for (const [table, chunks] of byTable) {
    const fault = tiling(chunks);
    if (fault === null) continue;
    throw new VtpipeError({
      code: "internal",
      message: `The chunks of table ${table} do not cover it: ${fault}.`,
      now: "The dump is not marked complete.",
      todo: "Keep the run directory, report this as a bug, and dump again into another directory.",
      context: { table },
    });
  }
}
