import type { RowCells } from "../contracts/transform.ts";

/** What a user's step gets instead of the row: copies, and only while it is called. */
export interface GuardedCells extends RowCells {
  /** The next row begins: copies of the row before are overwritten. */
  clear(): void;
  /** The step is called now. */
  open(): void;
  /** The step has answered. Throws when it changed a cell it was given. */
  close(): void;
}

const usualBytes = 64 * 1024;

/**
 * Guards `cells` against code nobody here has read: it cannot change the incoming batch, nor a value another step has
 * set, nor a value of its own once it is set, and it cannot work on a row after its answer, as a promise would.
 */
export function guardedCells(cells: RowCells): GuardedCells {
  let scratch = Buffer.allocUnsafeSlow(usualBytes);
  let at = 0;
  let isOpen = false;
  const given: { slot: number; value: Uint8Array; copy: Uint8Array }[] = [];

  function copied(value: Uint8Array): Buffer {
    const { length } = value;
    if (at + length > scratch.length) {
      // Copies in the one before stay valid: their buffer lives as long as they do.
      scratch = Buffer.allocUnsafeSlow(Math.max(usualBytes, 2 * length));
      at = 0;
    }
    const copy = scratch.subarray(at, at + length);
    copy.set(value);
    at += length;
    return copy;
  }

  function inTime(): void {
    if (!isOpen) throw new TypeError("it used the row after it had answered (a row function has to be synchronous)");
  }

  return {
    get(slot) {
      inTime();
      const value = cells.get(slot);
      if (value === null) return null;
      const copy = copied(value);
      given.push({ slot, value, copy });
      return copy;
    },
    set(slot, value) {
      inTime();
      cells.set(slot, value instanceof Uint8Array ? copied(value) : value);
    },
    clear() {
      at = 0;
      if (scratch.length > usualBytes) scratch = Buffer.allocUnsafeSlow(usualBytes);
    },
    open() {
      given.length = 0;
      isOpen = true;
    },
    close() {
      isOpen = false;
      for (const { slot, value, copy } of given) {
        if (Buffer.compare(value, copy) === 0) continue;
        throw new TypeError(`it changed the bytes of slot ${slot} in place; a new value has to be set instead`);
      }
    },
  };
}
