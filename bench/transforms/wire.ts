import { join } from "node:path";
import type { RowBatch } from "../../src/contracts/rows.ts";
import { cellSize, writeCellPrefix } from "../../src/mysql/cells.ts";
import { createRowSplitter } from "../../src/mysql/row-splitter.ts";

/** As much as Node reads from a socket at once. */
const socketBytes = 64 * 1024;
/** A session's own, when nothing else is said. */
const batchBytes = 1 << 20;

const okEof = Buffer.from([0xfe, 0, 0, 2, 0]);

/**
 * The server's answer to a SELECT, packets and all. `extra` columns more than a row has cells repeat its second one: what
 * a chain has the source compute.
 */
export function answerBytes(rows: Iterable<readonly (string | Buffer | null)[]>, columns: number, extra = 0): Buffer {
  const parts: Buffer[] = [];
  let sequence = 1;
  const packet = (payload: Buffer): void => {
    const head = Buffer.alloc(4);
    head.writeUIntLE(payload.length, 0, 3);
    head[3] = sequence++ & 0xff;
    parts.push(head, payload);
  };
  packet(Buffer.from([columns + extra]));
  // The splitter counts column definitions and looks at none.
  for (let i = 0; i < columns + extra; i++) packet(Buffer.from("\x03def"));
  packet(okEof);
  for (const row of rows) {
    const cells = [...row, ...Array.from({ length: extra }, () => row[1] ?? null)];
    packet(Buffer.concat(cells.map(cellBytes)));
  }
  packet(okEof);
  return Buffer.concat(parts);
}

/** Where the answer of so many extra columns lies for the processes that are measured. */
export function answerPath(folder: string, extra: number): string {
  return join(folder, `answer-${extra}.bin`);
}

function cellBytes(value: string | Buffer | null): Buffer {
  const bytes = value === null ? null : Buffer.from(value);
  const length = bytes === null ? -1 : bytes.length;
  const cell = Buffer.alloc(cellSize(length));
  const at = writeCellPrefix(cell, 0, length);
  if (bytes !== null) cell.set(bytes, at);
  return cell;
}

/** The rows of an answer as a session gives them: cut out of packets that come in pieces of a socket's size. */
export async function* rowsFrom(answer: Buffer): AsyncGenerator<RowBatch> {
  const ready: RowBatch[] = [];
  let over = false;
  const failed = (why: string): never => {
    throw new Error(`the bench's own answer is wrong: ${why}`);
  };
  const split = createRowSplitter(
    { batchBytes, deprecateEof: false },
    {
      batch: (batch) => void ready.push(batch),
      ended: () => {
        over = true;
      },
      refused: (_errno, _state, message) => failed(message),
      broken: failed,
    },
  );
  for (let at = 0; at < answer.length; at += socketBytes) {
    split(answer.subarray(at, at + socketBytes));
    yield* ready.splice(0);
  }
  if (!over) failed("it has no end");
}
