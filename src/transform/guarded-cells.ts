import type { NewSpan, RowCells } from "../contracts/transform.ts";

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

  /** A cell the step is writing, of its own bytes until it is done with it. */
  let open: { readonly slot: number; readonly span: NewSpan; readonly most: number } | null = null;

  function finishWriting(): void {
    if (open === null) return;
    const { slot, span, most } = open;
    open = null;
    const { bytes, end } = span;
    if (!Number.isInteger(end) || end < 0 || end > most)
      throw new RangeError(`it ended slot ${slot} at ${end}, and asked for ${most} bytes`);
    cells.set(slot, copied(bytes.subarray(0, end)));
  }

  function get(slot: number): Buffer | null {
    inTime();
    finishWriting();
    const value = cells.get(slot);
    if (value === null) return null;
    const copy = copied(value);
    given.push({ slot, value, copy });
    return copy;
  }

  return {
    get,
    set(slot, value) {
      inTime();
      finishWriting();
      cells.set(slot, value instanceof Uint8Array ? copied(value) : value);
    },
    span(slot) {
      const copy = get(slot);
      return copy === null ? null : { bytes: copy, start: 0, end: copy.length };
    },
    cut(slot, from, to) {
      inTime();
      finishWriting();
      cells.cut(slot, from, to);
    },
    write(slot, most) {
      inTime();
      finishWriting();
      // Refuses here what may not be written, rather than when it is done.
      cells.set(slot, null);
      open = { slot, span: { bytes: Buffer.alloc(most), start: 0, end: 0 }, most };
      return open.span;
    },
    clear() {
      at = 0;
      if (scratch.length > usualBytes) scratch = Buffer.allocUnsafeSlow(usualBytes);
    },
    open() {
      given.length = 0;
      open = null;
      isOpen = true;
    },
    close() {
      finishWriting();
      isOpen = false;
      for (const { slot, value, copy } of given) {
        if (Buffer.compare(value, copy) === 0) continue;
        throw new TypeError(`it changed the bytes of slot ${slot} in place; a new value has to be set instead`);
      }
    },
  };
}
