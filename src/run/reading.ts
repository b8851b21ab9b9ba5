import type { ChunkRequest, DumpedChunk, KeyBound } from "../contracts/chunk.ts";
import type { LedgerRecord } from "../contracts/ledger.ts";
import { newBytesLeft } from "../source/bytes-left.ts";
import { chunkBudget, nextSpeed, type ReadSpeed, tailBudget } from "../source/chunk-budget.ts";
import { rowsPerChunk } from "../source/rows-per-chunk.ts";
import {
  applyRecord,
  boundsEqual,
  emptySpans,
  isComplete,
  nextSpanNumber,
  remaining,
  requestFor,
  type Span,
  type Spans,
} from "../source/spans.ts";

/** What the reading plan knows of a table before it has read any of it. */
export interface ReadableTable {
  readonly name: string;
  /** Number in the run directory; the first part of its chunks' names. */
  readonly number: number;
  readonly rowsEstimate: number;
  readonly bytesEstimate: number;
  /** false: one ordered stream from start to end. */
  readonly chunked: boolean;
}

/** One reader's order: a request, and the span it advances. */
export interface Turn {
  readonly request: ChunkRequest;
  readonly span: number;
}

/**
 * Decides what is read next. Spans of the largest unread table go first; when a reader would be idle, the unread rest
 * of a span that has just come back is cut in two. Everything decided is recorded before it is acted on.
 */
export interface Reading {
  /** The next order, or null when every table is read or on its way. Waits while others may still give work back. */
  next(): Promise<Turn | null>;
  /** A turn came to its end, after so many seconds. */
  finished(turn: Turn, dumped: DumpedChunk, snapshot: number, seconds: number): Promise<void>;
  /** No more orders are given: waiting readers get null. */
  close(): void;
  /** In how many chunks a table was read; null while some of it is unread. */
  chunksOf(table: string): number | null;
}

export interface ReadingOptions {
  readonly tables: readonly ReadableTable[];
  /** What an earlier run recorded. */
  readonly records: Iterable<LedgerRecord>;
  readonly readers: number;
  readonly chunkBytes: number;
  record(record: LedgerRecord): Promise<void>;
  /** A real key inside the range near its middle, or null when it cannot be cut. */
  cut(table: string, range: { after: KeyBound | null; upTo: KeyBound | null }): Promise<KeyBound | null>;
  /** Told when a table's chunks become clearly smaller or larger. */
  onChunkSize?(table: string, bytes: number, why: string): void;
}

/** The statistics of a table just filled may be far off; its first chunk shows what its rows really take. */
const firstChunkRows = 100_000;

interface Observed {
  rows: number;
  bytes: number;
  /** Of this process only: an earlier one may have had another machine. */
  speed: ReadSpeed;
  /** Bytes a chunk was last told to hold. */
  told: number;
}

/** Chunks so many times as large, or as small, are worth telling of. */
const clearly = 1.25;

export async function newReading(options: ReadingOptions): Promise<Reading> {
  const { tables, readers, chunkBytes, cut } = options;
  const spans: Spans = emptySpans();
  const observed = new Map<string, Observed>(
    tables.map((table) => [table.name, { rows: 0, bytes: 0, speed: null, told: chunkBytes }]),
  );
  const left = newBytesLeft(tables.map(({ name, bytesEstimate }) => [name, bytesEstimate]));
  const chunksNamed = new Map<string, number>();
  const busy = new Set<string>();
  const waiting: ((again: boolean) => void)[] = [];
  let closed = false;

  const fold = (record: LedgerRecord): void => {
    applyRecord(spans, record);
    if (record.type === "dumped") observe(record.dumped);
  };
  const observe = (dumped: DumpedChunk): void => {
    const seen = observed.get(dumped.table);
    if (seen) {
      seen.rows += dumped.rowsRead;
      seen.bytes += dumped.bytesRead;
      left.read(dumped.table, dumped.bytesRead);
    }
    const running = Number(dumped.chunk.split("-")[1]);
    chunksNamed.set(dumped.table, Math.max(chunksNamed.get(dumped.table) ?? 0, running));
  };
  const timed = ({ table, bytesRead }: DumpedChunk, seconds: number): void => {
    const seen = observed.get(table);
    if (seen === undefined) return;
    seen.speed = nextSpeed(seen.speed, bytesRead, seconds);
    const bytes = chunkBudget(chunkBytes, seen.speed);
    if (bytes === seen.told || (bytes < seen.told * clearly && bytes > seen.told / clearly)) return;
    seen.told = bytes;
    options.onChunkSize?.(table, bytes, `${bytesRead} bytes took ${seconds.toFixed(1)} s to read`);
  };
  for (const record of options.records) fold(record);

  const record = async (entry: LedgerRecord): Promise<void> => {
    await options.record(entry);
    fold(entry);
  };
  const busyKey = (span: Span): string => `${span.span} ${span.table}`;

  /** The widest cut that helps: no more spans than readers, none smaller than a chunk. */
  const spread = async (table: ReadableTable): Promise<void> => {
    if (!table.chunked) return;
    const wanted = Math.min(readers, Math.floor(table.bytesEstimate / chunkBytes));
    for (let have = 1; have < wanted; have *= 2) {
      for (const span of remaining(spans, table.name)) {
        if (nextSpanNumber(spans, table.name) < wanted) await split(span);
      }
    }
  };
  const split = async (span: Span): Promise<void> => {
    const at = await cut(span.table, { after: span.after, upTo: span.upTo });
    if (at === null || boundsEqual(at, span.after) || boundsEqual(at, span.upTo)) return;
    await record({ type: "split", table: span.table, span: span.span, at, into: nextSpanNumber(spans, span.table) });
  };
  const unknown = tables.filter((table) => !spans.has(table.name));
  // All at once, so that the ledger can put many small tables into one write.
  await Promise.all(
    unknown.map(({ name }) => record({ type: "span", table: name, span: 0, range: { after: null, upTo: null } })),
  );
  for (const table of unknown) await spread(table);

  /** Largest first, so that no large table is left to one reader at the end. Tables that are read are taken out. */
  const unread = new Set([...tables].sort((a, b) => b.bytesEstimate - a.bytesEstimate));

  const turnFor = (table: ReadableTable, span: Span): Turn => {
    busy.add(busyKey(span));
    const running = (chunksNamed.get(table.name) ?? 0) + 1;
    chunksNamed.set(table.name, running);
    const chunk = `${String(table.number).padStart(4, "0")}-${String(running).padStart(6, "0")}`;
    const seen = observed.get(table.name) as Observed;
    const perRow = seen.rows > 0 ? seen.bytes / seen.rows : table.bytesEstimate / Math.max(table.rowsEstimate, 1);
    const most = seen.rows > 0 ? Number.POSITIVE_INFINITY : firstChunkRows;
    const budget = tailBudget(chunkBudget(chunkBytes, seen.speed), left.total, readers);
    const limitRows = table.chunked ? Math.min(most, rowsPerChunk(budget, perRow)) : null;
    return { request: requestFor(span, chunk, limitRows), span: span.span };
  };
  const freeTurn = (): Turn | null => {
    for (const table of unread) {
      const spansLeft = remaining(spans, table.name);
      if (spansLeft.length === 0) {
        unread.delete(table);
        left.done(table.name);
      }
      const span = spansLeft.find((candidate) => !busy.has(busyKey(candidate)));
      if (span) return turnFor(table, span);
    }
    return null;
  };
  const wake = (): void => {
    for (const resume of waiting.splice(0)) resume(true);
  };

  return {
    async next() {
      for (;;) {
        if (closed) return null;
        const turn = freeTurn();
        if (turn !== null) return turn;
        if (busy.size === 0) return null;
        const again = await new Promise<boolean>((resolve) => {
          waiting.push(resolve);
        });
        if (!again) return null;
      }
    },
    async finished(turn, dumped, snapshot, seconds) {
      timed(dumped, seconds);
      await record({ type: "dumped", span: turn.span, snapshot, dumped });
      const span = spans.get(dumped.table)?.spans.get(turn.span);
      // The span is still marked busy here, so nobody takes the part that is being cut.
      if (span && !span.done && waiting.length > 0 && turn.request.limitRows !== null) await split(span);
      busy.delete(`${turn.span} ${dumped.table}`);
      wake();
    },
    close() {
      closed = true;
      for (const resume of waiting.splice(0)) resume(false);
    },
    chunksOf: (table) => (isComplete(spans, table) ? (spans.get(table)?.chunks ?? 0) : null),
  };
}
