import type { Connection } from "mysql2";
import type { RowBatch } from "../contracts/rows.ts";
import { connect, DEFAULT_CONNECT_TIMEOUT_MS } from "./connect.ts";
import { interrupted, sessionOver } from "./connection-session.ts";
import type { ServerAddress } from "./server-url.ts";
import { settingsFor } from "./session-settings.ts";

/** What a statement without a result set came to. */
export interface Outcome {
  readonly affectedRows: number;
  readonly warnings: number;
  /** The server's own remark, e.g. `Records: 3  Duplicates: 0  Warnings: 0`; mostly empty. */
  readonly info: string;
}

/** A statement parsed once by the server. */
export interface Prepared {
  /** A string is sent as text (utf8mb4), a Buffer as binary data. */
  execute(params: readonly (Buffer | string | null)[]): Promise<Outcome>;
  close(): Promise<void>;
}

export interface ReadOptions {
  /** Bytes of row data a batch is closed at, default 1 MiB; a row larger than that is a batch of its own. */
  readonly batchBytes?: number;
  readonly signal?: AbortSignal;
  /** A batch is looked at only until the next one is asked for; then its memory is used again. */
  readonly reuse?: boolean;
  /** Told of every stretch of time, in seconds, that cutting packets into rows has taken. */
  readonly onCut?: (seconds: number) => void;
}

export interface SessionOptions {
  /** What the session is for; it decides the settings that are pinned and the code of its errors. */
  readonly purpose: "source" | "target" | "control";
  readonly connectTimeoutMs?: number;
  /** Aborting it cuts the connection; what was running fails with `interrupted`. */
  readonly signal?: AbortSignal;
  /**
   * Asked when an answer that is due has not come for a while: is the server at work on it? Default: MySQL's process list tells;
   * an answer of vtgate that does not come counts as lost.
   */
  readonly isAtWork?: () => Promise<boolean>;
}

/** One logged-in connection. Statements run one after the other. */
export interface Session extends AsyncDisposable {
  readonly connectionId: number;
  readonly serverVersion: string;
  /** Every row of a small result, values as text, NULL as null. */
  query(sql: string): Promise<Record<string, string | null>[]>;
  /**
   * The rows of a result as the text protocol carries them, undecoded. At most two batches are read ahead of the
   * consumer. Leaving the loop early, or aborting the signal, sends KILL QUERY over a second connection and waits until
   * the server has ended the result; a transaction stays open. When that fails the connection is cut, and so it is at
   * once for vtgate, which does not end a stream on KILL QUERY.
   */
  readRows(sql: string, options?: ReadOptions): AsyncIterable<RowBatch>;
  run(sql: string): Promise<Outcome>;
  prepare(sql: string): Promise<Prepared>;
  /** Logs out; what is still running is waited for, at most two seconds. */
  close(): Promise<void>;
  /** Cuts the connection now; safe to call at any time and more than once. */
  destroy(): void;
}

/** Opens a session with its settings pinned. Throws `unreachable`, `access`, `config` or `interrupted`. */
export async function openSession(address: ServerAddress, options: SessionOptions): Promise<Session> {
  const { purpose, signal } = options;
  const timeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const side = purpose === "target" || address.scheme === "vtgate" ? "target" : "source";
  let connection: Connection;
  try {
    connection = await connect(address, timeoutMs, signal, purpose === "source");
  } catch (error) {
    if (signal?.aborted) throw interrupted();
    throw error;
  }
  const { isAtWork } = options;
  const session = sessionOver(connection, address, { side, timeoutMs, signal, isAtWork });
  try {
    for (const setting of settingsFor(address.scheme, purpose)) await session.run(setting);
    const [row] = await session.query("SELECT VERSION() AS version");
    return Object.assign(session, { serverVersion: row?.["version"] ?? "" });
  } catch (error) {
    session.destroy();
    throw error;
  }
}
