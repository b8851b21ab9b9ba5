import type { RowBatch } from "../contracts/rows.ts";
import type { CellSpan } from "../contracts/transform.ts";
import { cellSize, writeCellPrefix } from "../mysql/cells.ts";

/** Collects the rows of one outgoing batch after the other. */
export interface RowWriter {
  /**
   * A batch made of rows of `source`, which took `expectedBytes` there: the buffer doubles when they grow beyond that. With
   * `room` it is that one: a new buffer for every batch would double what V8 has to collect, on threads of its own.
   */
  begin(source: Buffer, rows: number, expectedBytes: number, room?: RowRoom): void;
  /** Appends `from..to` of the incoming bytes as they are. */
  copy(from: number, to: number): void;
  /** Appends one cell. */
  cell(span: CellSpan | null): void;
  /** Bytes so far, those of the row that is being written included. */
  size(): number;
  endRow(): void;
  finish(): RowBatch;
}

/** Bytes that rows are written to again and again, by who is done with the rows before. */
export interface RowRoom {
  bytes: Buffer;
}

export function newRowRoom(): RowRoom {
  return { bytes: Buffer.alloc(0) };
}

/** Up to here a loop beats the call into the engine's copy, which makes an object to be collected: some 40 ns and more. */
const shortCopyBytes = 40;
/** The same for a loop over words of 4 bytes. */
const mediumCopyBytes = 1024;
const leastBytes = 1024;
/** Beyond this many bytes a room is not kept: one long row would hold memory for all that follow. */
const mostRoomBytes = 16 << 20;

export function rowWriter(): RowWriter {
  let source: Buffer = Buffer.alloc(0);
  let out: Buffer = Buffer.alloc(0);
  let from32 = viewOf(source);
  let into32 = viewOf(out);
  let at = 0;
  let done = 0;
  let offsets = new Uint32Array(1);
  let room: RowRoom | undefined;

  function reserve(size: number): void {
    if (at + size <= out.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(out.length * 2, at + size));
    out.copy(larger, 0, 0, at);
    out = larger;
    into32 = viewOf(out);
  }

  function append(bytes: Buffer, from: number, to: number): void {
    const size = to - from;
    if (size < shortCopyBytes) for (let i = 0; i < size; i++) out[at + i] = bytes[from + i] as number;
    else bytes.copy(out, at, from, to);
    at += size;
  }

  return {
    begin(from, rows, expectedBytes, toRoom) {
      const least = Math.max(leastBytes, expectedBytes);
      source = from;
      room = toRoom;
      out = room !== undefined && room.bytes.length >= least ? room.bytes : Buffer.allocUnsafeSlow(least);
      from32 = viewOf(source);
      into32 = viewOf(out);
      at = 0;
      done = 0;
      offsets = new Uint32Array(rows + 1);
    },
    copy(from, to) {
      reserve(to - from);
      const size = to - from;
      if (size < 16 || size >= mediumCopyBytes) {
        append(source, from, to);
        return;
      }
      let i = 0;
      for (const most = size - 15; i < most; i += 16) {
        into32.setInt32(at + i, from32.getInt32(from + i, true), true);
        into32.setInt32(at + i + 4, from32.getInt32(from + i + 4, true), true);
        into32.setInt32(at + i + 8, from32.getInt32(from + i + 8, true), true);
        into32.setInt32(at + i + 12, from32.getInt32(from + i + 12, true), true);
      }
      for (; i < size; i++) out[at + i] = source[from + i] as number;
      at += size;
    },
    cell(span) {
      const length = span === null ? -1 : span.end - span.start;
      reserve(cellSize(length));
      at = writeCellPrefix(out, at, length);
      if (span !== null) append(span.bytes, span.start, span.end);
    },
    size: () => at,
    endRow() {
      done += 1;
      offsets[done] = at;
    },
    finish() {
      if (room !== undefined && out.length <= mostRoomBytes) room.bytes = out;
      return { bytes: out.subarray(0, at), offsets, rows: done };
    },
  };
}

/** DataView takes any offset, whatever its alignment. */
function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
