import type { RowCells } from "../contracts/transform.ts";

/** The cells of the row whose `bounds` were found last, with what steps have set so far on top. */
export interface RowView extends RowCells {
  /** Forgets what was set: the next row begins, of which no cell may be made longer than `limit` bytes. */
  clear(limit: number): void;
  /** From here on only these slots may be set. */
  allow(writes: readonly number[]): void;
}

/** In place of a cell's number: a new column, NULL until it is set. */
export const noCell = -1;
/** In place of a cell's number: a column that rows do not carry. */
export const absentCell = -2;

/**
 * `bounds` as `findCells` fills it for the row in turn. `cellOf` gives per slot the number of its cell in the row, which is
 * decoded only when asked for.
 */
export function rowCells(bytes: Buffer, bounds: Int32Array, cellOf: Int32Array): RowView {
  const slots = cellOf.length;
  // undefined: not set, the row's own cell counts.
  const values: (Uint8Array | null | undefined)[] = new Array(slots).fill(undefined);
  let writable: readonly number[] = [];
  let longest = 0;
  return {
    get(slot) {
      const value = values[slot];
      if (value !== undefined) return value;
      const cell = cellOf[slot];
      if (cell === undefined) throw new RangeError(`it asked for slot ${slot}, and there are ${slots}`);
      if (cell === noCell) return null;
      if (cell === absentCell)
        throw new RangeError(`it asked for slot ${slot}, a generated column that rows do not carry`);
      const start = bounds[cell * 2] as number;
      return start === -1 ? null : bytes.subarray(start, bounds[cell * 2 + 1]);
    },
    set(slot, value) {
      if (!writable.includes(slot)) throw new RangeError(`it set slot ${slot}, which is not among its writes`);
      if (value !== null && !(value instanceof Uint8Array)) {
        throw new TypeError(`it set slot ${slot} to a ${typeof value} instead of bytes (Uint8Array) or null`);
      }
      if (value !== null && value.length > longest)
        throw new RangeError(tooLong(`slot ${slot}`, value.length, longest));
      values[slot] = value;
    },
    clear(limit) {
      longest = limit;
      values.fill(undefined);
    },
    allow(writes) {
      writable = writes;
    },
  };
}

/** What is said of a cell or row that outgrows its limit. */
export function tooLong(what: string, bytes: number, limit: number): string {
  return `${what} would have ${bytes} bytes, and ${limit} are the most this row may have`;
}
