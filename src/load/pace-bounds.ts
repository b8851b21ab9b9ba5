/** What one statement may hold. */
export interface StatementSize {
  readonly rows: number;
  /** Bytes of row data; a row larger than that goes alone. */
  readonly bytes: number;
}

/** Where a load begins: batches of about 1000 rows and 400 kB were the fastest through vtgate. */
export const statementSize: StatementSize = { rows: 1000, bytes: 1 << 20 };

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Between what the pace of one worker at one destination may move. Plain data, so it crosses threads. */
export interface PaceBounds {
  /** Statements in flight: how many there are at first, and at most. */
  readonly sessions: { readonly start: number; readonly max: number };
  readonly rows: Range;
  readonly bytes: Range;
  /** Row bytes of statements in flight and of the one being filled, together, unless `bytes.min` is more. */
  readonly memory: number;
}

/** How fast rows go to one destination. */
export interface Pace extends StatementSize {
  /** Statements in flight. */
  readonly sessions: number;
}

/** The two things that are turned: statements in flight, and their size as a multiple of {@link statementSize}. */
export interface Setting {
  readonly sessions: number;
  readonly size: number;
}

/** Row bytes that one worker may have on their way to all shards together; encoded they are about as much again. */
export const IN_FLIGHT_BYTES: number = 12 << 20;

/** The sizes, as multiples of {@link statementSize}, between which rows or bytes still move. */
export function sizeRange({ rows, bytes }: PaceBounds): Range {
  return {
    min: Math.min(rows.min / statementSize.rows, bytes.min / statementSize.bytes),
    max: Math.max(rows.max / statementSize.rows, bytes.max / statementSize.bytes),
  };
}

/** What a setting comes to within the bounds. More statements in flight leave each of them less memory. */
export function paceOf({ sessions, size }: Setting, bounds: PaceBounds): Pace {
  const share = Math.floor(bounds.memory / (sessions + 1));
  return {
    sessions,
    rows: within(Math.round(statementSize.rows * size), bounds.rows),
    bytes: within(Math.min(share, Math.round(statementSize.bytes * size)), bounds.bytes),
  };
}

/** Bounds that leave no choice: statements of one size, as many in flight as the pool has places. */
export function fixedBounds({ rows, bytes }: StatementSize): PaceBounds {
  return {
    sessions: { start: 1, max: 1 },
    rows: { min: rows, max: rows },
    bytes: { min: bytes, max: bytes },
    memory: Number.POSITIVE_INFINITY,
  };
}

export function within(value: number, { min, max }: Range): number {
  return Math.max(min, Math.min(max, value));
}
