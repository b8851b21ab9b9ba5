import { pipeline } from "node:stream/promises";
import { gen } from "stream-chain";
import type { ChunkRequest, DumpedChunk, KeyBound, LargeRow } from "../contracts/chunk.ts";
import { VtpipeError } from "../contracts/errors.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { Snapshot } from "../contracts/position.ts";
import type { RowBatch } from "../contracts/rows.ts";
import { largestRowFinder } from "../load/row-limit.ts";
import { keyBoundOf } from "../mysql/key-range.ts";
import type { Session } from "../mysql/session.ts";
import { chunkQuery } from "../source/chunk-query.ts";
import { boundsEqual } from "../source/spans.ts";
import { chunkFilePath } from "../store/chunk-paths.ts";
import type { ChainNotes } from "../transform/compile.ts";
import type { ChainPlan } from "../transform/plan-chain.ts";
import { newRowRoom } from "../transform/row-writer.ts";
import { changedDefinition, isChangedDefinition } from "./changed-definition.ts";
import type { ChunkFiles } from "./chunk-files.ts";
import type { Counter } from "./counters.ts";
import type { Lane } from "./lane.ts";
import type { Strays } from "./strays.ts";
import type { WorkerSource } from "./worker-task.ts";

export interface DumpChunkOptions {
  readonly request: ChunkRequest;
  readonly snapshot: Snapshot;
  /** Inside the snapshot's transaction. */
  readonly session: Pick<Session, "readRows">;
  readonly source: WorkerSource;
  readonly manifest: ManifestTable;
  readonly chain: ChainPlan;
  readonly notes: ChainNotes;
  readonly strays: Strays;
  readonly lane: Lane;
  readonly files: ChunkFiles;
  count(counter: Counter, amount: number): void;
  /** Throws when the run is to stop. */
  checkStop(): void;
}

/**
 * Reads one chunk, transforms its rows and writes them to its file. Batches are pulled through one at a time: while one
 * is written, at most two more wait in the session and then the socket is paused. The file exists under its name only
 * when it is complete.
 */
export async function dumpChunk(options: DumpChunkOptions): Promise<DumpedChunk> {
  const { request, snapshot, session, source, manifest, chain, notes, strays, lane, files, count, checkStop } = options;
  const { table, columns, where } = source;
  const computed = chain.computed.map(({ expression }) => expression);
  const file = chunkFilePath(manifest.folder, request.chunk);
  const header = {
    chunk: request.chunk,
    table: manifest.source,
    target: manifest.target,
    columns: manifest.columns,
    key: manifest.key,
    range: request.range,
    limitRows: request.limitRows,
    snapshot: { id: snapshot.id, position: snapshot.position },
    fingerprint: manifest.fingerprint,
  };
  const writer = await files.create(file, header, count);
  let rowsRead = 0;
  let bytesRead = 0;
  let lastKey: KeyBound | null = null;
  const keyOf = lastKeyReader(source);
  let largeRow: LargeRow | null = null;
  const { target, columns: cells, key } = manifest;
  const largest = largestRowFinder({ name: target, columns: cells, key });
  const clock = newClock();
  let cutSeconds = 0;
  const onCut = (seconds: number): void => {
    cutSeconds += seconds;
    count("cut", seconds);
  };

  const observe = (batch: RowBatch): RowBatch => {
    checkStop();
    count("source", Math.max(0, clock() - cutSeconds));
    cutSeconds = 0;
    const bytes = batch.offsets[batch.rows] as number;
    rowsRead += batch.rows;
    bytesRead += bytes;
    count("rowsRead", batch.rows);
    count("bytesRead", bytes);
    // Here and not at the end: the memory of a batch is used again.
    if (request.limitRows !== null) lastKey = keyOf(batch);
    return batch;
  };
  // What is held back is on this side already; the socket waits behind it.
  const hold = (batch: RowBatch): RowBatch | Promise<RowBatch> => {
    const held = lane.pass(batch.offsets[batch.rows] as number);
    if (held === null) return batch;
    return held.then(() => {
      clock();
      return batch;
    });
  };
  const room = newRowRoom();
  const transform = async function* (batch: RowBatch): AsyncGenerator<RowBatch> {
    lane.at("transform");
    for (const rows of chain.pieces(batch, notes, room)) {
      count("transform", clock());
      yield rows;
    }
    await strays.settle();
    count("transform", clock());
  };
  const flow = gen(observe, hold, transform);

  const sql = chunkQuery({ table, columns, computed, where, request });
  try {
    lane.at("source");
    await pipeline(
      session.readRows(sql, { onCut, reuse: true, batchBytes: lane.batchBytes() }),
      async function* (batches: AsyncIterable<RowBatch>) {
        for await (const batch of batches) {
          yield* flow(batch) as AsyncIterable<RowBatch>;
          lane.at("source");
        }
      },
      async (batches: AsyncIterable<RowBatch>) => {
        for await (const batch of batches) {
          const large = largest(batch);
          if (large !== null && large.statementBytes > (largeRow?.statementBytes ?? 0)) largeRow = large;
          lane.at("disk");
          await writer.write(batch);
          // The writer tells what it takes itself.
          clock();
        }
      },
    );
    lane.at("disk");
    const range = coveredRange(request, rowsRead, lastKey);
    const written = await writer.finish();
    const { checksum, bytesRaw, bytesFile, sha256 } = written;
    const sizes = { rowsRead, bytesRead, bytesRaw, bytesFile };
    return { chunk: request.chunk, table: manifest.source, file, ...range, ...sizes, checksum, sha256, largeRow };
  } catch (error) {
    await writer.abort();
    throw isChangedDefinition(error) ? changedDefinition([request.table], "after the snapshot", error) : error;
  } finally {
    lane.at(null);
  }
}

/** How far the rows reach: to the end of what was asked for, or to the last key when the limit cut them off. */
export function coveredRange(
  request: ChunkRequest,
  rowsRead: number,
  lastKey: KeyBound | null,
): Pick<DumpedChunk, "range" | "exhausted"> {
  const { range, limitRows } = request;
  if (limitRows === null || rowsRead < limitRows) return { range, exhausted: true };
  if (rowsRead > limitRows || lastKey === null) throw tooMany(request, rowsRead);
  return { range: { after: range.after, upTo: lastKey }, exhausted: boundsEqual(lastKey, range.upTo) };
}

/** The key of a batch's last row. */
export function lastKeyReader({ table, columns }: WorkerSource): (batch: RowBatch) => KeyBound {
  const key = table.chunkKey?.columns ?? [];
  const indexes = key.map((name) => columns.findIndex((column) => column.name === name));
  return ({ bytes, offsets, rows }) =>
    keyBoundOf(columns, indexes, bytes, offsets[rows - 1] as number, offsets[rows] as number);
}

function tooMany(request: ChunkRequest, rowsRead: number): VtpipeError {
  return new VtpipeError({
    code: "source",
    message: `Chunk ${request.chunk} of table ${request.table}: the source sent ${rowsRead} rows for LIMIT ${request.limitRows}.`,
    now: "The chunk was not recorded; nothing of it was sent to the target.",
    todo: "Check what answers at the source's address: a proxy in between may rewrite statements.",
    context: { table: request.table, chunk: request.chunk },
  });
}

/** Seconds since the clock was last asked. */
function newClock(): () => number {
  let before = performance.now();
  return () => {
    const now = performance.now();
    const seconds = (now - before) / 1000;
    before = now;
    return seconds;
  };
}
