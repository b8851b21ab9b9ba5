import type { Connection } from "mysql2";
import { VtpipeError } from "../contracts/errors.ts";

/**
 * The parts of mysql2 (3.24) that its typings do not promise. This file alone relies on them;
 * test/integration/mysql/raw-rows.test.ts fails when a version changes them.
 */
export interface Internals {
  /** Gets every chunk the (TLS) socket delivers. */
  packetParser: { execute(chunk: Buffer): void };
  stream: { pause(): void; resume(): void; write(bytes: Buffer): boolean; destroy(): void };
  /** Runs `execute` once when the connection is free; `onResult` is told when the connection breaks. */
  addCommand(command: { execute(): boolean; onResult(error: Error): void }): void;
  /** Calls `execute` of the running command again and, when it says true, starts the next. */
  handlePacket(): void;
}

export function internalsOf(connection: Connection): Internals {
  const inner = connection as unknown as Partial<Internals>;
  if (
    typeof inner.packetParser?.execute !== "function" ||
    typeof inner.stream?.pause !== "function" ||
    typeof inner.addCommand !== "function" ||
    typeof inner.handlePacket !== "function"
  ) {
    throw new VtpipeError({
      code: "internal",
      message: "The installed mysql2 is not built as vtpipe expects, so rows cannot be read with it.",
      now: "Nothing was read.",
      todo: "Install the mysql2 version that vtpipe's package.json asks for.",
    });
  }
  return inner as Internals;
}

/** Cuts a connection at once; mysql2's own destroy waits for the other side. */
export function cutConnection(connection: Connection): void {
  connection.destroy();
  internalsOf(connection).stream.destroy();
}
