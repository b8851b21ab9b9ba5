import { emptyChecksum } from "../../contracts/checksum.ts";
import type { ChunkRequest, DumpedChunk, KeyBound } from "../../contracts/chunk.ts";
import type { Session } from "../../mysql/session.ts";
import { chunkQuery } from "../../source/chunk-query.ts";
import type { Counter } from "../counters.ts";
import { coveredRange, lastKeyReader } from "../dump-chunk.ts";
import type { StopSignal } from "../stop-signal.ts";
import type { WorkerSource } from "../worker-task.ts";

/** One chunk to read and drop. */
export interface ReadOrder {
  readonly request: ChunkRequest;
  /** Milliseconds since the epoch at which reading ends, wherever it is. */
  readonly until: number;
}

export interface ReadTaskOptions {
  readonly order: ReadOrder;
  readonly session: Pick<Session, "readRows">;
  readonly source: WorkerSource;
  /** What the chain has the source compute. */
  readonly computed: readonly string[];
  count(counter: Counter, amount: number): void;
  readonly stop: StopSignal;
}

/**
 * Batches of a quarter of a dump's: rows count once their batch is full, and of a source that gives a megabyte a second
 * a visit of seconds must not lose a tenth that way.
 */
const batchBytes = 256 << 10;
/** How soon a request to stop is seen while the source sends nothing. */
const lookMs = 100;

/**
 * The SELECT of a dump, its rows counted and let go of. Gives what was read as a dump would record it. When time is up the
 * server is told to stop, and the batches that came are what was read; null when that is nothing one could go on from.
 */
export async function readTask({
  order,
  session,
  source,
  computed,
  count,
  stop,
}: ReadTaskOptions): Promise<DumpedChunk | null> {
  const { request, until } = order;
  const { table, columns, where } = source;
  const over = new AbortController();
  const atEnd = setTimeout(() => over.abort(), Math.max(0, until - Date.now()));
  const looking = setInterval(() => stop.requested && over.abort(), lookMs);
  let [rowsRead, bytesRead] = [0, 0];
  let lastKey: KeyBound | null = null;
  const keyOf = lastKeyReader(source);
  const read = (covered: Pick<DumpedChunk, "range" | "exhausted">): DumpedChunk => {
    const { chunk, table: name } = request;
    const nothingKept = { file: "", bytesFile: 0, checksum: emptyChecksum, sha256: "", largeRow: null };
    return { chunk, table: name, ...covered, rowsRead, bytesRead, bytesRaw: bytesRead, ...nothingKept };
  };
  try {
    const sql = chunkQuery({ table, columns, computed, where, request });
    for await (const batch of session.readRows(sql, { batchBytes, signal: over.signal, reuse: true })) {
      const bytes = batch.offsets[batch.rows] as number;
      rowsRead += batch.rows;
      bytesRead += bytes;
      count("rowsRead", batch.rows);
      count("bytesRead", bytes);
      if (request.limitRows !== null) lastKey = keyOf(batch);
    }
    return read(coveredRange(request, rowsRead, lastKey));
  } catch (error) {
    if (!over.signal.aborted) throw error;
    // Rows come in key order.
    return lastKey === null ? null : read({ range: { after: request.range.after, upTo: lastKey }, exhausted: false });
  } finally {
    clearTimeout(atEnd);
    clearInterval(looking);
  }
}
