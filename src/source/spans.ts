import type { ChunkRequest, DumpedChunk, KeyBound, KeyRange } from "../contracts/chunk.ts";
import { VtpipeError } from "../contracts/errors.ts";
import type { LedgerRecord } from "../contracts/ledger.ts";

/**
 * What is left to read, as the fold of the ledger's `span`, `split` and `dumped` records.
 *
 * The spans of a table tile its key order, so every key belongs to exactly one span. One reader at a time advances a
 * span from its start to its end; a span is split only while nobody reads it, because how far a reader gets is known
 * only when its chunk is done. With that, every key is read exactly once whatever crashes in between.
 */
export interface Span {
  readonly table: string;
  readonly span: number;
  /** Everything up to and including this key has been read; null at the very start of a table. */
  readonly after: KeyBound | null;
  /** End of the span, null for the end of the table. */
  readonly upTo: KeyBound | null;
  /** Was the span read to its end? */
  readonly done: boolean;
}

export interface TableSpans {
  readonly spans: ReadonlyMap<number, Span>;
  readonly chunks: number;
}

/** By table. Changed in place by {@link applyRecord}: a copy per record would make a long ledger cost its square. */
export type Spans = ReadonlyMap<string, TableSpans>;

interface MutableTableSpans extends TableSpans {
  readonly spans: Map<number, Span>;
  chunks: number;
}

export function emptySpans(): Spans {
  return new Map<string, TableSpans>();
}

export function boundsEqual(a: KeyBound | null, b: KeyBound | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((literal, index) => literal === b[index]);
}

/** Folds one record in. Records that do not fit what is known are damage, and refused with a `files` error. */
export function applyRecord(spans: Spans, record: LedgerRecord): void {
  if (record.type === "span") addSpan(spans, record.table, record.span, record.range);
  if (record.type === "split") split(spans, record.table, record.span, record.at, record.into);
  if (record.type === "dumped") advance(spans, record.span, record.dumped);
}

function addSpan(spans: Spans, table: string, number: number, range: KeyRange): void {
  let known = spans.get(table) as MutableTableSpans | undefined;
  if (known === undefined) {
    known = { spans: new Map(), chunks: 0 };
    (spans as Map<string, TableSpans>).set(table, known);
  }
  if (known.spans.has(number)) throw damaged(table, `span ${number} is announced twice`);
  known.spans.set(number, { table, span: number, after: range.after, upTo: range.upTo, done: false });
}

function split(spans: Spans, table: string, number: number, at: KeyBound, into: number): void {
  const { known, span } = find(spans, table, number);
  if (span.done) throw damaged(table, `span ${number} is split after its end was read`);
  if (boundsEqual(at, span.after) || boundsEqual(at, span.upTo)) {
    throw damaged(table, `span ${number} is split at its own bound`);
  }
  if (known.spans.has(into)) throw damaged(table, `span ${into} is announced twice`);
  known.spans.set(into, { table, span: into, after: at, upTo: span.upTo, done: false });
  known.spans.set(number, { ...span, upTo: at });
}

function advance(spans: Spans, number: number, dumped: DumpedChunk): void {
  const { known, span } = find(spans, dumped.table, number);
  const { range, exhausted, chunk } = dumped;
  if (span.done) throw damaged(dumped.table, `chunk ${chunk} was read after the end of span ${number}`);
  if (!boundsEqual(range.after, span.after)) {
    throw damaged(dumped.table, `chunk ${chunk} does not begin where span ${number} stood`);
  }
  const atEnd = boundsEqual(range.upTo, span.upTo);
  if (exhausted ? !atEnd : range.upTo === null || boundsEqual(range.upTo, range.after)) {
    throw damaged(dumped.table, `chunk ${chunk} does not end where it should in span ${number}`);
  }
  // A limit that fell on the span's last key has read all of it, though the reader could not know.
  known.spans.set(number, { ...span, after: range.upTo, done: atEnd && (exhausted || range.upTo !== null) });
  known.chunks++;
}

function find(spans: Spans, table: string, number: number): { known: MutableTableSpans; span: Span } {
  const known = spans.get(table) as MutableTableSpans | undefined;
  const span = known?.spans.get(number);
  if (known === undefined || span === undefined) throw damaged(table, `span ${number} was never announced`);
  return { known, span };
}

function damaged(table: string, what: string): VtpipeError {
  return new VtpipeError({
    code: "files",
    message: `The ledger contradicts itself on table ${table}: ${what}.`,
    now: "Nothing was read or sent because of this record; chunk files on disk are untouched.",
    todo: "Start again in an empty run directory, or restore ledger.jsonl from a copy.",
    context: { table },
  });
}

/** Spans of a table with something left to read, in the order they were announced. */
export function remaining(spans: Spans, table: string): readonly Span[] {
  return Array.from(spans.get(table)?.spans.values() ?? []).filter((span) => !span.done);
}

/** Has the table been announced and read to its end? */
export function isComplete(spans: Spans, table: string): boolean {
  const known = spans.get(table);
  return known !== undefined && known.spans.size > 0 && remaining(spans, table).length === 0;
}

/** A number no span of the table has. */
export function nextSpanNumber(spans: Spans, table: string): number {
  let next = 0;
  for (const number of spans.get(table)?.spans.keys() ?? []) next = Math.max(next, number + 1);
  return next;
}

/** The reading order that goes on with a span; `limitRows` null reads it to its end. */
export function requestFor(span: Span, chunk: string, limitRows: number | null): ChunkRequest {
  return { chunk, table: span.table, range: { after: span.after, upTo: span.upTo }, limitRows };
}
