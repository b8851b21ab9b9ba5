import { randomInt } from "node:crypto";
import { VtpipeError } from "../../contracts/errors.ts";
import { connect, DEFAULT_CONNECT_TIMEOUT_MS } from "../connect.ts";
import { interrupted, sessionOver } from "../connection-session.ts";
import { encodeGtidSet, type GtidSet } from "../gtid-set.ts";
import { cutConnection, internalsOf } from "../mysql2-internals.ts";
import { type ServerFault, statementError } from "../server-errors.ts";
import type { ServerAddress } from "../server-url.ts";
import { packetSplitter } from "./packets.ts";

const COM_BINLOG_DUMP_GTID = 0x1e;
const FIRST_EVENT_OF_FILE = 4;
/** Bytes of events kept for a reader that lags; then the socket is paused, and the source waits. */
const BYTES_AHEAD = 4 << 20;
/** Seconds after which the source says that nothing has happened. */
const HEARTBEAT_SECONDS = 2;
/** Seconds without a sign of life after which the connection counts as lost. */
const SILENCE_SECONDS = 60;

/** Events as the source sends them, header and checksum included. */
export interface DumpStream {
  /** The next event; never the end, because a log has none: a connection that ends is an error. */
  next(): Promise<Buffer>;
  close(): void;
}

export interface DumpOptions {
  /** Transactions that are not to be sent. */
  readonly position: GtidSet;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the source for every transaction it has that is not in `position`, and for every later one. The server id we go by
 * is chosen by chance from the upper half of all ids: two readers of one id would end each other.
 */
export async function openDump(address: ServerAddress, options: DumpOptions): Promise<DumpStream> {
  const { signal, position } = options;
  const connection = await connect(address, DEFAULT_CONNECT_TIMEOUT_MS, signal).catch((error: unknown) => {
    throw signal?.aborted ? interrupted() : error;
  });
  const session = sessionOver(connection, address, {
    side: "source",
    timeoutMs: DEFAULT_CONNECT_TIMEOUT_MS,
    signal,
  });
  const inner = internalsOf(connection);
  const ready: Buffer[] = [];
  let bytesReady = 0;
  let paused = false;
  let failure: Error | null = null;
  let wake: () => void = () => {};
  let lastSign = performance.now();

  function fail(error: Error): void {
    failure ??= error;
    wake();
  }
  function lost(message: string): Error {
    return statementError(address, "source", true, { code: "PROTOCOL_CONNECTION_LOST", message });
  }
  const onAbort = (): void => fail(interrupted());

  const splitter = packetSplitter((payload) => {
    const [first] = payload;
    if (first === 0x00) {
      ready.push(payload.subarray(1));
      bytesReady += payload.length;
    } else if (first === 0xff) fail(dumpError(address, payload));
    else fail(lost("the source ended the stream of its binary log"));
  });

  try {
    const beat = HEARTBEAT_SECONDS * 1e9;
    // Both names: the older ones went with MySQL 8.4. A paused reader is no dead one, hence the time limit.
    await session.run(
      `SET @master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32', @master_heartbeat_period = ${beat}, @source_heartbeat_period = ${beat}, SESSION net_write_timeout = 86400`,
    );
    signal?.throwIfAborted();
  } catch (error) {
    session.destroy();
    throw signal?.aborted ? interrupted() : error;
  }
  signal?.addEventListener("abort", onAbort, { once: true });
  inner.addCommand({
    execute() {
      inner.packetParser = {
        execute(chunk) {
          lastSign = performance.now();
          if (failure !== null) return;
          splitter(chunk);
          if (bytesReady >= BYTES_AHEAD && !paused) {
            paused = true;
            inner.stream.pause();
          }
          wake();
        },
      };
      inner.stream.write(dumpCommand(position));
      return false;
    },
    onResult: (fault) => fail(lost(fault.message)),
  });
  connection.on("end", () => fail(lost("the source closed the connection")));
  const watch = setInterval(() => {
    if (!paused && performance.now() - lastSign > SILENCE_SECONDS * 1000) {
      fail(lost(`nothing has come for ${SILENCE_SECONDS} s, not even a heartbeat`));
    }
  }, 1000);
  watch.unref();

  return {
    async next() {
      for (;;) {
        const event = ready.shift();
        if (event !== undefined) {
          bytesReady -= event.length + 1;
          if (paused && bytesReady < BYTES_AHEAD / 2) {
            paused = false;
            lastSign = performance.now();
            inner.stream.resume();
          }
          return event;
        }
        if (failure !== null) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = () => {};
      }
    },
    close() {
      clearInterval(watch);
      signal?.removeEventListener("abort", onAbort);
      failure ??= lost("the stream was closed");
      cutConnection(connection);
    },
  };
}

function dumpCommand(position: GtidSet): Buffer {
  const set = encodeGtidSet(position);
  const packet = Buffer.alloc(4 + 1 + 2 + 4 + 4 + 8 + 4);
  packet.writeUIntLE(packet.length - 4 + set.length, 0, 3);
  packet[4] = COM_BINLOG_DUMP_GTID;
  packet.writeUInt32LE(randomInt(2 ** 31, 2 ** 32 - 1), 7);
  // No file name: the position decides.
  packet.writeBigUInt64LE(BigInt(FIRST_EVENT_OF_FILE), 15);
  packet.writeUInt32LE(set.length, 23);
  return Buffer.concat([packet, set]);
}

/** ER_MASTER_FATAL_ERROR_READING_BINLOG: the number of all that can be wrong with a position. */
const FATAL_READING = 1236;
const accessDenied = new Set([1045, 1227]);

function dumpError(address: ServerAddress, payload: Buffer): VtpipeError {
  const errno = payload.readUInt16LE(1);
  const marked = payload[3] === 0x23;
  const sqlState = marked ? payload.toString("latin1", 4, 9) : "";
  const message = payload.toString("utf8", marked ? 9 : 3);
  const fault: ServerFault = { errno, sqlState, message };
  const context = { host: address.socketPath ?? address.host, port: address.port, errno };
  const base = { now: "Nothing was read from the binary log.", context, cause: fault };
  if (accessDenied.has(errno)) {
    return new VtpipeError({
      ...base,
      code: "access",
      message: `"${address.user}" may not read the source's binary log: ${message}`,
      todo: `GRANT REPLICATION SLAVE ON *.* TO "${address.user}" and run the same command again.`,
    });
  }
  if (errno === FATAL_READING && /purged/i.test(message)) {
    return new VtpipeError({
      ...base,
      code: "source",
      message: `The source has purged binary logs with transactions that are still needed: ${message}`,
      todo: "They are gone for good: copy the tables again into an empty target with a new run directory, and raise binlog_expire_logs_seconds first.",
    });
  }
  if (errno === FATAL_READING) {
    return new VtpipeError({
      ...base,
      code: "source",
      message: `The source cannot read its binary log from this position: ${message}`,
      todo: "Check that the source is the server (or a replica of it) that the rows were copied from, and that its gtid_mode is ON.",
    });
  }
  return statementError(address, "source", true, fault);
}
