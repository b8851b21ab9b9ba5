import type { RowCells } from "../contracts/transform.ts";

/** The cells of the row whose `bounds` were found last, with what steps have set so far on top. */
export interface RowView extends RowCells {
  /** Forgets what was set: the next row begins. */
  clear(): void;
  /** From here on only these slots may be set. */
  allow(writes: readonly number[]): void;
}

/**
 * `bounds` as `findCells` fills it for the row in turn. Slots below `inputs` are cells of the row, decoded only when
 * asked for; others are new columns, NULL until set.
 */
export function rowCells(bytes: Buffer, bounds: Int32Array, inputs: number, slots: number): RowView {
  // undefined: not set, the row's own cell counts.
  const values: (Uint8Array | null | undefined)[] = new Array(slots).fill(undefined);
  let writable: readonly number[] = [];
  return {
    get(slot) {
      const value = values[slot];
      if (value !== undefined) return value;
      if (slot < inputs) {
        const start = bounds[slot * 2] as number;
        return start === -1 ? null : bytes.subarray(start, bounds[slot * 2 + 1]);
      }
      if (slot < slots) return null;
      throw new RangeError(`it asked for slot ${slot}, and there are ${slots}`);
    },
    set(slot, value) {
      if (!writable.includes(slot)) throw new RangeError(`it set slot ${slot}, which is not among its writes`);
      if (value !== null && !(value instanceof Uint8Array)) {
        throw new TypeError(`it set slot ${slot} to a ${typeof value} instead of bytes (Uint8Array) or null`);
      }
      values[slot] = value;
    },
    clear() {
      values.fill(undefined);
    },
    allow(writes) {
      writable = writes;
    },
  };
}
