import type { RowBatch } from "../contracts/rows.ts";
import type { ServerAddress } from "./server-url.ts";

/** What a statement without a result set came to. */
export interface Outcome {
  readonly affectedRows: number;
  readonly warnings: number;
  /** The server's own remark, e.g. `Records: 3  Duplicates: 0  Warnings: 0`; mostly empty. */
  readonly info: string;
}

/** A statement parsed once by the server. */
export interface Prepared {
  execute(params: readonly (Buffer | string | null)[]): Promise<Outcome>;
  close(): Promise<void>;
}

export interface ReadOptions {
  /** Bytes of row data a batch is closed at, default 1 MiB; a row larger than that is a batch of its own. */
  readonly batchBytes?: number;
  readonly signal?: AbortSignal;
}

export interface SessionOptions {
  /** What the session is for; it decides the settings that are pinned and the code of its errors. */
  readonly purpose: "source" | "target" | "control";
  readonly connectTimeoutMs?: number;
  /** Aborting it destroys the session; what was running fails with `interrupted`. */
  readonly signal?: AbortSignal;
}

/** One logged-in connection. One statement at a time. */
export interface Session extends AsyncDisposable {
  readonly connectionId: number;
  readonly serverVersion: string;
  /** Every row of a small result, values as text, NULL as null. */
  query(sql: string): Promise<Record<string, string | null>[]>;
  /**
   * The rows of a result as the text protocol carries them, undecoded. Reading stops at two batches ahead of the
   * consumer. Leaving the loop early ends the query on the server before the loop is left.
   */
  readRows(sql: string, options?: ReadOptions): AsyncIterable<RowBatch>;
  run(sql: string): Promise<Outcome>;
  prepare(sql: string): Promise<Prepared>;
  close(): Promise<void>;
  /** Cuts the connection now; safe to call at any time and more than once. */
  destroy(): void;
}

export async function openSession(_address: ServerAddress, _options: SessionOptions): Promise<Session> {
  throw new Error("not yet");
}
