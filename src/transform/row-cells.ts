import type { CellSpan, NewSpan, RowCells } from "../contracts/transform.ts";

/** The cells of the row whose `bounds` were found last, with what steps have made so far on top. */
export interface RowView extends RowCells {
  /** Rows of `bytes` are next. */
  turnTo(bytes: Buffer): void;
  /** Forgets what was made: the next row begins, of which no cell may be made longer than `limit` bytes. */
  clear(limit: number): void;
  /** From here on only these slots may be changed. */
  allow(writes: readonly number[]): void;
  /** Throws when a step has written a cell of these slots longer than the row's limit. */
  check(writes: readonly number[]): void;
}

/** In place of a cell's number: a new column, NULL until it is set. */
export const noCell = -1;
/** In place of a cell's number: a column that rows do not carry. */
export const absentCell = -2;

/** Cells are written side by side into one buffer per row, of this size unless a row needs more. */
const usualBytes = 64 * 1024;

interface Span extends NewSpan {
  bytes: Buffer;
  start: number;
}

/** What a slot has: the row's own cell, NULL, or what a step made. */
const own = 0;
const setNull = 1;
const made = 2;

/**
 * `bounds` as `findCells` fills it for the row in turn. `cellOf` gives per slot the number of its cell in the row;
 * `written` are the slots that any step may change. Nothing
 * is decoded and, but by `get`, no object made per cell: each slot has two spans, which take turns, so that a step can read
 * the one while it writes the other.
 */
export function rowCells(bounds: Int32Array, cellOf: Int32Array, written: readonly number[]): RowView {
  const slots = cellOf.length;
  let bytes: Buffer = Buffer.alloc(0);
  const state = new Uint8Array(slots);
  const newSpan = (): Span => ({ bytes, start: 0, end: 0 });
  const spans = Array.from({ length: slots }, newSpan);
  const spares = Array.from({ length: slots }, newSpan);
  let scratch = Buffer.allocUnsafeSlow(usualBytes);
  let at = 0;
  let writable: readonly number[] = [];
  let longest = 0;

  function span(slot: number): CellSpan | null {
    const now = state[slot];
    if (now === made) return spans[slot] as Span;
    if (now === setNull) return null;
    const cell = cellOf[slot];
    if (cell === undefined) throw new RangeError(`it asked for slot ${slot}, and there are ${slots}`);
    if (cell === noCell) return null;
    if (cell === absentCell)
      throw new RangeError(`it asked for slot ${slot}, a generated column that rows do not carry`);
    const start = bounds[cell * 2] as number;
    if (start === -1) return null;
    const found = spans[slot] as Span;
    found.bytes = bytes;
    found.start = start;
    found.end = bounds[cell * 2 + 1] as number;
    return found;
  }

  function allowed(slot: number): void {
    for (let i = 0; i < writable.length; i++) if (writable[i] === slot) return;
    throw new RangeError(`it set slot ${slot}, which is not among its writes`);
  }

  /** The slot's other span, from now on the one that counts. */
  function turn(slot: number): Span {
    const next = spares[slot] as Span;
    spares[slot] = spans[slot] as Span;
    spans[slot] = next;
    state[slot] = made;
    return next;
  }

  return {
    turnTo(next) {
      bytes = next;
      for (const span of [...spans, ...spares]) span.bytes = next;
    },
    span,
    get(slot) {
      const found = span(slot);
      if (found === null) return null;
      const { start, end } = found;
      return start === 0 && end === found.bytes.length ? found.bytes : found.bytes.subarray(start, end);
    },
    set(slot, value) {
      allowed(slot);
      if (value === null) {
        state[slot] = setNull;
        return;
      }
      if (!(value instanceof Uint8Array)) {
        throw new TypeError(`it set slot ${slot} to a ${typeof value} instead of bytes (Uint8Array) or null`);
      }
      if (value.length > longest) throw new RangeError(tooLong(`slot ${slot}`, value.length, longest));
      const next = turn(slot);
      next.bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.length);
      next.start = 0;
      next.end = value.length;
    },
    cut(slot, from, to) {
      allowed(slot);
      const before = span(slot);
      if (before === null || from < 0 || to < from || to > before.end - before.start)
        throw new RangeError(`it cut slot ${slot} from ${from} to ${to}, which is no part of its value`);
      const next = turn(slot);
      next.bytes = before.bytes;
      next.end = before.start + to;
      next.start = before.start + from;
    },
    write(slot, most) {
      allowed(slot);
      if (at + most > scratch.length) {
        // Cells in the one before stay where they are: their spans hold on to it.
        scratch = Buffer.allocUnsafeSlow(Math.max(usualBytes, 2 * most));
        at = 0;
      }
      const next = turn(slot);
      next.bytes = scratch;
      next.start = at;
      next.end = at;
      at += most;
      return next;
    },
    clear(limit) {
      longest = limit;
      for (let i = 0; i < written.length; i++) state[written[i] as number] = own;
      at = 0;
      if (scratch.length > usualBytes) scratch = Buffer.allocUnsafeSlow(usualBytes);
    },
    allow(writes) {
      writable = writes;
    },
    check(writes) {
      for (let i = 0; i < writes.length; i++) {
        const slot = writes[i] as number;
        if (state[slot] !== made) continue;
        const { start, end } = spans[slot] as Span;
        if (end - start > longest) throw new RangeError(tooLong(`slot ${slot}`, end - start, longest));
      }
    },
  };
}

/** What is said of a cell or row that outgrows its limit. */
export function tooLong(what: string, bytes: number, limit: number): string {
  return `${what} would have ${bytes} bytes, and ${limit} are the most this row may have`;
}
