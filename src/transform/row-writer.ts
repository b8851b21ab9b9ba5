import type { RowBatch } from "../contracts/rows.ts";
import type { CellSpan } from "../contracts/transform.ts";
import { cellSize, writeCellPrefix } from "../mysql/cells.ts";

/** Collects the rows of one outgoing batch. */
export interface RowWriter {
  /** Appends `from..to` of the incoming bytes as they are. */
  copy(from: number, to: number): void;
  /** Appends one cell. */
  cell(span: CellSpan | null): void;
  /** Bytes so far, those of the row that is being written included. */
  readonly size: number;
  endRow(): void;
  finish(): RowBatch;
}

/** Below this many bytes a loop beats the call into the engine's copy, which costs some 40 ns. */
const shortCopyBytes = 40;
const leastBytes = 1024;

/** `expectedBytes` is what the rows took so far; the buffer doubles when they grow beyond it. */
export function rowWriter(source: Buffer, rows: number, expectedBytes: number): RowWriter {
  let out = Buffer.allocUnsafeSlow(Math.max(leastBytes, expectedBytes));
  let at = 0;
  let done = 0;
  const offsets = new Uint32Array(rows + 1);

  function reserve(size: number): void {
    if (at + size <= out.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(out.length * 2, at + size));
    out.copy(larger, 0, 0, at);
    out = larger;
  }

  function append(bytes: Buffer, from: number, to: number): void {
    const size = to - from;
    if (size < shortCopyBytes) for (let i = 0; i < size; i++) out[at + i] = bytes[from + i] as number;
    else bytes.copy(out, at, from, to);
    at += size;
  }

  return {
    copy(from, to) {
      reserve(to - from);
      append(source, from, to);
    },
    cell(span) {
      const length = span === null ? -1 : span.end - span.start;
      reserve(cellSize(length));
      at = writeCellPrefix(out, at, length);
      if (span !== null) append(span.bytes, span.start, span.end);
    },
    get size() {
      return at;
    },
    endRow() {
      done += 1;
      offsets[done] = at;
    },
    finish: () => ({ bytes: out.subarray(0, at), offsets, rows: done }),
  };
}
