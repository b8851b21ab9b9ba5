import type { TLSSocket } from "node:tls";
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
  /** Encrypts the socket, which `stream` is from then on, and tells when that is done or has failed. */
  startTLS(done: (error?: Error) => void): void;
}

export function internalsOf(connection: Connection): Internals {
  const inner = connection as unknown as Partial<Internals>;
  if (
    typeof inner.packetParser?.execute !== "function" ||
    typeof inner.stream?.pause !== "function" ||
    typeof inner.addCommand !== "function" ||
    typeof inner.handlePacket !== "function" ||
    typeof inner.startTLS !== "function"
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

/**
 * Has `check` look at a connection once it is encrypted, before the login is sent over it; what it gives back ends the connection.
 * Whatever keeps TLS from coming about becomes the `cause` of mysql2's error, which replaces the code of its own.
 */
export function checkEncrypted(connection: Connection, check: (socket: TLSSocket) => Error | undefined): void {
  const inner = internalsOf(connection);
  const start = inner.startTLS.bind(connection);
  inner.startTLS = (done) => {
    const finish = (problem: Error | undefined): void =>
      done(problem && new Error(problem.message, { cause: problem }));
    try {
      start((error) => finish(error ?? check(inner.stream as unknown as TLSSocket)));
    } catch (error) {
      finish(error as Error);
    }
  };
}
