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
  stream: {
    readonly bytesRead: number;
    pause(): void;
    resume(): void;
    write(bytes: Buffer): boolean;
    destroy(error?: Error): void;
  };
  /** Runs `execute` once when the connection is free; `onResult` is told when the connection breaks. */
  addCommand(command: { execute(): boolean; onResult(error: Error): void }): void;
  /** Encrypts the socket, which `stream` is from then on, and tells when that is done or has failed. */
  startTLS(done: (error?: Error) => void): void;
  /** Gives the running command a packet; without one calls its `execute` again and, when it says true, starts the next. */
  handlePacket(packet?: Packet): void;
  /** Number the next packet should have. */
  sequenceId: number;
}

interface Packet {
  readonly sequenceId: number;
  isError(): boolean;
  /** Reads the rest of a length whose first byte is 0xfb or more. */
  readLengthCodedNumberExt(first: number | undefined, ...rest: unknown[]): unknown;
}

/** What mysql2's own does, but for what no length begins with, and the end of the bytes: there it prints a stack before it throws. */
function strictLength(this: Packet, first: number | undefined, ...rest: unknown[]): unknown {
  if (first === undefined || first > 0xfe) throw new Error("a packet holds a length that cannot be");
  return (Object.getPrototypeOf(this) as Packet).readLengthCodedNumberExt.call(this, first, ...rest);
}

export function internalsOf(connection: Connection): Internals {
  const inner = connection as unknown as Partial<Internals>;
  if (
    typeof inner.packetParser?.execute !== "function" ||
    typeof inner.stream?.pause !== "function" ||
    typeof inner.addCommand !== "function" ||
    typeof inner.handlePacket !== "function" ||
    typeof inner.startTLS !== "function" ||
    typeof inner.sequenceId !== "number"
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

/**
 * Makes a connection break where mysql2 prints something and goes on. It prints a warning when packets come out of order, and takes them
 * for the answer to whatever is asked just then; but what was lost or doubled on the way cannot be told any more.
 */
export function refuseDisorder(connection: Connection): void {
  const inner = internalsOf(connection);
  const handle = inner.handlePacket.bind(inner);
  let broken = false;
  inner.handlePacket = (packet) => {
    // What came in the same read is dropped, too.
    if (broken) return;
    if (packet !== undefined) packet.readLengthCodedNumberExt = strictLength;
    if (packet !== undefined && packet.sequenceId !== inner.sequenceId) {
      // A server that ends a connection says so under number 0, whatever was going on.
      if (packet.sequenceId === 0 && packet.isError()) inner.sequenceId = 0;
      else {
        broken = true;
        const why = `packet number ${packet.sequenceId} came where ${inner.sequenceId} was due`;
        inner.stream.destroy(Object.assign(new Error(why), { code: "PROTOCOL_PACKETS_OUT_OF_ORDER" }));
        return;
      }
    }
    handle(packet);
  };
}
