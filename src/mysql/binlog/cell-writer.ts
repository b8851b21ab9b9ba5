import type { RowBatch } from "../../contracts/rows.ts";
import { cellSize, writeCellPrefix } from "../cells.ts";

/** Builds a row batch cell by cell, in a buffer that grows. */
export interface CellWriter {
  /** A cell of these bytes; null for NULL. */
  bytes(value: Uint8Array | null): void;
  /** A cell of ASCII text. */
  ascii(text: string): void;
  endRow(): void;
  finish(): RowBatch;
}

export function cellWriter(room: number): CellWriter {
  let buffer = Buffer.allocUnsafe(Math.max(256, room));
  let at = 0;
  const offsets = [0];
  function make(length: number): void {
    const needed = at + cellSize(length);
    if (needed <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, buffer.length * 2));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  }
  return {
    bytes(value) {
      const length = value === null ? -1 : value.length;
      make(length);
      at = writeCellPrefix(buffer, at, length);
      if (value !== null) {
        buffer.set(value, at);
        at += length;
      }
    },
    ascii(text) {
      make(text.length);
      at = writeCellPrefix(buffer, at, text.length);
      at += buffer.write(text, at, "latin1");
    },
    endRow() {
      offsets.push(at);
    },
    finish: () => ({ bytes: buffer.subarray(0, at), offsets: Uint32Array.from(offsets), rows: offsets.length - 1 }),
  };
}
