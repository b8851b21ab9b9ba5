import { connect, type Socket } from "node:net";
import type { ServerAddress } from "./server-url.ts";

/** What one read from the socket may bring. A quarter of the kernel's reads and wake-ups that Node's usual 64 KiB need. */
const READ_BYTES = 256 * 1024;
export const KEEP_ALIVE_MS = 30_000;

const lending = new WeakSet<object>();

/**
 * A socket that reads into one buffer for ever: Node's usual way makes a buffer for every read, and making and collecting
 * them took half of the CPU time of reading rows (bench/RESULTS.md). What its `data` events carry is a copy, unless it lends.
 */
export function openReadSocket({ host, port, socketPath }: ServerAddress): Socket {
  const onread = {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback(length: number, buffer: Uint8Array): boolean {
      const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length);
      socket.emit("data", lending.has(socket) ? bytes : Buffer.from(bytes));
      return true;
    },
  };
  const place = socketPath === null ? { host, port } : { path: socketPath };
  const options = { ...place, onread, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
  const socket: Socket = connect(options);
  return socket;
}

/** From now on `data` events of a socket of `openReadSocket` may carry its one buffer: it is valid only during the event. */
export function lendReads(stream: object): void {
  lending.add(stream);
}

/** From now on they carry copies again. */
export function keepReads(stream: object): void {
  lending.delete(stream);
}
