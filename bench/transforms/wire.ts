import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { RowBatch } from "../../src/contracts/rows.ts";
import { cellSize, writeCellPrefix } from "../../src/mysql/cells.ts";
import { createRowSplitter } from "../../src/mysql/row-splitter.ts";

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

/**
 * Sends answers over a Unix socket, as a server does: to each connection the one of as many extra columns as its first
 * byte says. It works in the caller's process, which is not the one that is measured.
 */
export async function serveAnswers(path: string, answers: readonly Buffer[]): Promise<AsyncDisposable> {
  const server = createServer((socket) => {
    socket.once("data", ([extra]) => socket.end(answers[extra ?? 0] ?? Buffer.alloc(0)));
    // A reader that is gone is told by its own process.
    socket.on("error", () => {});
  });
  server.listen(path);
  await once(server, "listening");
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

function cellBytes(value: string | Buffer | null): Buffer {
  const bytes = value === null ? null : Buffer.from(value);
  const length = bytes === null ? -1 : bytes.length;
  const cell = Buffer.alloc(cellSize(length));
  const at = writeCellPrefix(cell, 0, length);
  if (bytes !== null) cell.set(bytes, at);
  return cell;
}

/** The rows of an answer as a session gives them: cut out of what the socket brings, however it does. */
export async function* rowsFrom(path: string, extra: number): AsyncGenerator<RowBatch> {
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
  const socket = connect(path);
  socket.write(Buffer.from([extra]));
  for await (const piece of socket) {
    split(piece as Buffer);
    yield* ready.splice(0);
  }
  if (!over) failed("it has no end");
}
