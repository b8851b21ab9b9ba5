import type { Connection } from "mysql2";
import type { RowBatch } from "../contracts/rows.ts";
import { type Internals, internalsOf } from "./mysql2-internals.ts";
import { keepReads, lendReads } from "./read-socket.ts";
import { createRowSplitter } from "./row-splitter.ts";
import type { ReadOptions } from "./session.ts";

const COM_QUERY = 0x03;
/** Batches kept for a consumer that lags; then the socket is paused. */
const BATCHES_AHEAD = 2;

/** A result on its way in. */
export interface RawRows {
  /** The next batch, or null at the proper end of the result. Rejects with what `failure` made of an error. */
  next(): Promise<RowBatch | null>;
  /** Makes `next` reject with `why` from now on; the query itself goes on until `discard`. */
  stop(why: Error): void;
  /** Stops keeping rows and waits until the server has ended the result or the connection is gone. */
  discard(): Promise<void>;
  /** Has the server ended the result, so that the connection is free again? */
  isOver(): boolean;
}

/** What broke a result off, in the words of the protocol. */
export type RowFailure =
  | { readonly what: "refused"; readonly errno: number; readonly sqlState: string; readonly message: string }
  | { readonly what: "broken"; readonly why: string }
  | { readonly what: "lost"; readonly fault: Error };

/**
 * Sends `sql` and takes the answer's bytes from the socket before mysql2 sees them. The connection must have been opened
 * without CLIENT_QUERY_ATTRIBUTES and CLIENT_DEPRECATE_EOF. `failure` turns a break-off into the error to throw.
 */
export function startRows(
  connection: Connection,
  sql: string,
  { batchBytes, onCut, reuse = false }: ReadOptions & { readonly batchBytes: number },
  failure: (failure: RowFailure) => Error,
): RawRows {
  const inner = internalsOf(connection);
  const ready: RowBatch[] = [];
  let readyBytes = 0;
  /** One row of 64 MiB is as much as may wait, and more than enough. */
  const isFull = (): boolean => ready.length >= BATCHES_AHEAD || readyBytes >= BATCHES_AHEAD * batchBytes;
  let over = false;
  let error: Error | null = null;
  let discarding = false;
  let wake: () => void = () => {};
  let given: RowBatch | null = null;
  const spent: RowBatch[] = [];

  function finish(failed: RowFailure | null): void {
    // When bytes follow what looked like the end, it was none.
    if (over && failed?.what !== "broken") return;
    over = true;
    if (failed !== null) error ??= failure(failed);
    wake();
  }

  const splitter = createRowSplitter(
    { batchBytes, deprecateEof: false, spent: () => spent.pop() ?? null },
    {
      batch(batch) {
        if (discarding) return;
        ready.push(batch);
        readyBytes += batch.bytes.length;
        if (isFull()) inner.stream.pause();
        wake();
      },
      ended: () => finish(null),
      refused: (errno, sqlState, message) => finish({ what: "refused", errno, sqlState, message }),
      broken(why) {
        finish({ what: "broken", why });
        inner.stream.destroy();
      },
    },
  );

  let parser: Internals["packetParser"] | null = null;
  inner.addCommand({
    execute() {
      if (over) return true;
      parser = inner.packetParser;
      // The splitter copies what it keeps.
      lendReads(inner.stream);
      inner.packetParser = {
        execute(chunk) {
          const before = performance.now();
          splitter(chunk);
          onCut?.((performance.now() - before) / 1000);
          if (!over) return;
          keepReads(inner.stream);
          if (parser !== null) inner.packetParser = parser;
          inner.stream.resume();
          inner.handlePacket();
        },
      };
      const text = Buffer.from(sql, "utf8");
      const packet = Buffer.allocUnsafe(5 + text.length);
      packet.writeUIntLE(text.length + 1, 0, 3);
      packet[3] = 0;
      packet[4] = COM_QUERY;
      text.copy(packet, 5);
      inner.stream.write(packet);
      return false;
    },
    onResult: (fault) => finish({ what: "lost", fault }),
  });

  async function settle(): Promise<void> {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    wake = () => {};
  }

  return {
    async next() {
      if (reuse && given !== null) spent.push(given);
      given = null;
      for (;;) {
        const batch = ready.shift();
        if (batch !== undefined) {
          readyBytes -= batch.bytes.length;
          if (!over && !isFull()) inner.stream.resume();
          given = batch;
          return batch;
        }
        if (error !== null) throw error;
        if (over) return null;
        await settle();
      }
    },
    stop(why) {
      error ??= why;
      ready.length = 0;
      readyBytes = 0;
      wake();
    },
    async discard() {
      discarding = true;
      ready.length = 0;
      readyBytes = 0;
      if (!over) inner.stream.resume();
      while (!over) await settle();
    },
    isOver: () => over,
  };
}
