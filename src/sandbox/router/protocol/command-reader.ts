import { messageBytesMax } from "./capabilities.ts";

/** A command is complete when its last packet is in; `payload` is null when it was too large to keep. */
export interface Command {
  readonly payload: Buffer | null;
  readonly bytes: number;
  /** Sequence number the answer starts with. */
  readonly sequence: number;
}

/**
 * Cuts what a client sends into commands. Keeps at most one command of messageBytesMax bytes: of a larger one only the
 * size is learnt, so it can be refused by name without the memory.
 */
export function createCommandReader(): {
  push(chunk: Buffer): void;
  take(): Command | null;
  /** Bytes pushed that no take has looked at. */
  waitingBytes(): number;
} {
  const chunks: Buffer[] = [];
  let at = 0;
  let waiting = 0;
  let parts: Buffer[] = [];
  let bytes = 0;
  const header = Buffer.alloc(4);
  let headerFilled = 0;
  let left = 0;

  function take(): Command | null {
    for (;;) {
      const chunk = chunks[0];
      if (headerFilled < 4) {
        if (chunk === undefined) return null;
        header[headerFilled++] = chunk[at++] ?? 0;
        if (at === chunk.length) next();
        if (headerFilled < 4) continue;
        left = header.readUIntLE(0, 3);
        bytes += left;
      }
      while (left > 0) {
        const piece = chunks[0];
        if (piece === undefined) return null;
        const size = Math.min(left, piece.length - at);
        if (bytes <= messageBytesMax) parts.push(piece.subarray(at, at + size));
        else parts = [];
        at += size;
        left -= size;
        if (at === piece.length) next();
      }
      headerFilled = 0;
      if (header.readUIntLE(0, 3) === 0xffffff) continue;
      const payload =
        bytes <= messageBytesMax ? (parts.length === 1 ? (parts[0] ?? null) : Buffer.concat(parts)) : null;
      const command = { payload, bytes, sequence: ((header[3] ?? 0) + 1) & 0xff };
      parts = [];
      bytes = 0;
      return command;
    }
  }

  function next(): void {
    waiting -= chunks.shift()?.length ?? 0;
    at = 0;
  }

  return {
    push(chunk) {
      if (chunk.length === 0) return;
      chunks.push(chunk);
      waiting += chunk.length;
    },
    take,
    waitingBytes: () => waiting,
  };
}
