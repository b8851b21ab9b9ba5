import type { ChunkRequest, KeyBound, KeyRange } from "../contracts/chunk.ts";
import { VtpipeError } from "../contracts/errors.ts";
import type { RowBatch } from "../contracts/rows.ts";
import type { Column, TableSchema } from "../contracts/schema.ts";
import { rangePredicate } from "../mysql/key-range.ts";
import type { Session } from "../mysql/session.ts";
import { chunkQuery } from "./chunk-query.ts";
import { errnoOf } from "./errno.ts";
import { keyProbe } from "./key-probe.ts";
import { splitPoint } from "./split.ts";

/** How often the key range is halved: a sample is read at up to 16 places. */
const halvings = 4;
/** Rows looked at from each place for those that pass the rule's `where`, so that a rare condition scans no table. */
const windowRows = 10_000;
/** Row bytes after which a sample is large enough, however few rows it has. */
const sampleBytes = 16 << 20;
/** Where no key bounds what a condition has to look at, time does. */
const keylessMs = 10_000;

export interface SampleOptions {
  /** In a transaction, so that places and rows are of one moment. */
  readonly session: Session;
  readonly table: TableSchema;
  /** What to read, in cell order, and the expressions whose values follow. */
  readonly columns: readonly Column[];
  readonly computed: readonly string[];
  readonly where: string | null;
  /** The most rows. */
  readonly rows: number;
  /** Throws when the job is to stop. */
  checkStop(): void;
}

/** Rows from all over a table. */
export interface Sample {
  readonly batches: readonly RowBatch[];
  readonly places: number;
  /** Was every row of the table read? */
  readonly whole: boolean;
}

/**
 * Some rows of a table: its key range is cut into up to 16 spans of about as many rows each, and the first rows of every
 * span are read. No scan and no OFFSET: what is read is bounded by rows, bytes and, under a condition, by rows looked at.
 * The same table gives the same sample. A table without a chunk key gives the first rows it has.
 */
export async function readSample(options: SampleOptions): Promise<Sample> {
  const { session, table, rows, checkStop } = options;
  if (table.chunkKey === null) return firstRows(options);
  const requests = sampleRequests(table.name, await cutPoints(session, table, checkStop), rows);
  const batches: RowBatch[] = [];
  let whole = true;
  let bytes = 0;
  let places = 0;
  for (const request of requests) {
    checkStop();
    const range = options.where === null ? request.range : await windowOf(session, table, request.range);
    if (range.upTo !== request.range.upTo) whole = false;
    const read = await readRows(
      options,
      chunkQuery({ ...options, request: { ...request, range } }),
      sampleBytes - bytes,
    );
    batches.push(...read.batches);
    places += 1;
    bytes += read.bytes;
    if (read.rows === request.limitRows || bytes >= sampleBytes) whole = false;
    if (bytes >= sampleBytes) break;
  }
  return { batches, places, whole };
}

/** Pure: what to read of a table that is cut at `cuts`, in key order: the first rows of each part, `rows` in all. */
export function sampleRequests(table: string, cuts: readonly KeyBound[], rows: number): ChunkRequest[] {
  const limitRows = Math.max(1, Math.floor(rows / (cuts.length + 1)));
  const left = Math.max(0, rows - limitRows * (cuts.length + 1));
  return [null, ...cuts].slice(0, rows).map((after, place) => ({
    chunk: `sample-${place}`,
    table,
    range: { after, upTo: cuts[place] ?? null },
    limitRows: limitRows + (place < left ? 1 : 0),
  }));
}

/** Keys that cut the table into parts of about as many rows each, in key order. */
async function cutPoints(session: Session, table: TableSchema, checkStop: () => void): Promise<KeyBound[]> {
  const between = async (range: KeyRange, depth: number): Promise<KeyBound[]> => {
    checkStop();
    const at = depth === 0 ? null : await splitPoint(session, table, range);
    if (at === null) return [];
    const before = await between({ after: range.after, upTo: at }, depth - 1);
    return [...before, at, ...(await between({ after: at, upTo: range.upTo }, depth - 1))];
  };
  return between({ after: null, upTo: null }, halvings);
}

/** The range cut off after so many keys, found in the index; a range with fewer stays as it is. */
async function windowOf(session: Session, table: TableSchema, range: KeyRange): Promise<KeyRange> {
  const probe = keyProbe(session, table);
  const last = await probe?.nth(rangePredicate(table.chunkKey?.columns ?? [], range), windowRows);
  return last == null ? range : { after: range.after, upTo: last.bound };
}

async function firstRows(options: SampleOptions): Promise<Sample> {
  const { table, rows, where } = options;
  const request: ChunkRequest = {
    chunk: "sample",
    table: table.name,
    range: { after: null, upTo: null },
    limitRows: null,
  };
  const bounded = where === null ? "" : ` /*+ MAX_EXECUTION_TIME(${keylessMs}) */`;
  const sql = chunkQuery({ ...options, request }).replace(/^SELECT/, `SELECT${bounded}`);
  try {
    const read = await readRows(options, `${sql} LIMIT ${rows}`, sampleBytes);
    return { batches: read.batches, places: 1, whole: read.rows < rows && read.bytes < sampleBytes };
  } catch (error) {
    if (errnoOf(error) !== timeIsUp) throw error;
    throw new VtpipeError({
      code: "source",
      message: `Table ${table.name} has no key to read it by, and in ${keylessMs / 1000} s not ${rows} of its rows that pass its where were found.`,
      now: "Nothing was changed.",
      todo: `Give it an index for the condition, ask for fewer rows with --rows, or leave it out with --table.`,
      context: { table: table.name },
      cause: error,
    });
  }
}

/** ER_QUERY_TIMEOUT */
const timeIsUp = 3024;

async function readRows(
  { session, checkStop }: SampleOptions,
  sql: string,
  mostBytes: number,
): Promise<{ batches: RowBatch[]; rows: number; bytes: number }> {
  const batches: RowBatch[] = [];
  let rows = 0;
  let bytes = 0;
  for await (const batch of session.readRows(sql)) {
    checkStop();
    batches.push(batch);
    rows += batch.rows;
    bytes += batch.offsets[batch.rows] as number;
    if (bytes >= mostBytes) break;
  }
  return { batches, rows, bytes };
}
