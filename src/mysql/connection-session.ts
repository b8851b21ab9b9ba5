import type { Connection, FieldPacket, PrepareStatementInfo, ResultSetHeader } from "mysql2";
import { VtpipeError } from "../contracts/errors.ts";
import type { RowBatch } from "../contracts/rows.ts";
import { threadAtWork } from "./at-work.ts";
import { endQuery } from "./end-query.ts";
import { cutConnection, internalsOf } from "./mysql2-internals.ts";
import { type RawRows, type RowFailure, startRows } from "./raw-rows.ts";
import { type ServerFault, SILENCE, type Side, statementError } from "./server-errors.ts";
import type { ServerAddress } from "./server-url.ts";
import type { Outcome, Prepared, ReadOptions, Session } from "./session.ts";
import { SILENCE_SECONDS, type SilenceOptions, watchSilence } from "./silence.ts";

const DEFAULT_BATCH_BYTES = 1 << 20;
const CLOSE_TIMEOUT_MS = 2_000;

/** The error of work that was stopped on request. */
export function interrupted(): VtpipeError {
  return new VtpipeError({
    code: "interrupted",
    message: "The work was stopped on request.",
    now: "What was recorded as done is done; the statement that ran was broken off.",
    todo: "Run the same command again to go on.",
  });
}

export interface SessionParts {
  readonly side: Side;
  /** For a second connection, where one is needed: opening it, and again for what is asked there. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Is the server at work on the answer it owes? Default: MySQL's process list tells; of vtgate's sessions nothing does. */
  readonly isAtWork?: (() => Promise<boolean>) | undefined;
}

/** What a statement fails with; a read that fails has changed nothing. */
type Failure = (isRead: boolean) => Error;

/** A session over a connection that is logged in; its settings are not yet pinned. */
export function sessionOver(connection: Connection, address: ServerAddress, parts: SessionParts): Session {
  const { side, timeoutMs, signal } = parts;
  /** Fails what is running when the connection is cut: mysql2 is silent then. */
  const running = new Set<(why: Failure) => void>();
  const preparedTimes = new Map<string, number>();
  let reading: RawRows | null = null;
  let cut: Failure | null = null;
  const byProcessList = address.scheme === "mysql" ? () => threadAtWork(address, connection.threadId, timeoutMs) : null;
  const silence: SilenceOptions = {
    seconds: address.silenceSeconds ?? SILENCE_SECONDS,
    bytesRead: () => internalsOf(connection).stream.bytesRead,
    isAtWork: parts.isAtWork ?? byProcessList,
  };
  // A connection lost while idle, which the next statement reports; or an answer that makes no sense, which mysql2 does not tell
  // the statement that waits for it.
  connection.on("error", (fault: ServerFault) => cutNow(lostBy(fault)));

  function cutNow(why: Failure): void {
    if (cut !== null) return;
    cut = why;
    signal?.removeEventListener("abort", aborted);
    cutConnection(connection);
    for (const fail of running) fail(why);
    running.clear();
  }
  function aborted(): void {
    cutNow(interrupted);
  }
  signal?.addEventListener("abort", aborted, { once: true });

  function lostBy({ message, code }: ServerFault): Failure {
    return (isRead) => statementError(address, side, isRead, { message, code, fatal: true });
  }

  /** What the server did not say itself leaves us out of step with it, so the connection is given up. */
  function failureOf(fault: ServerFault, isRead: boolean): Error {
    if ((fault.errno ?? 0) <= 0) cutNow(lostBy(fault));
    return cut?.(isRead) ?? statementError(address, side, isRead, fault);
  }

  /** Waits for what the server owes us, as long as it is there and at work on it. */
  async function owed<T>(answer: Promise<T>): Promise<T> {
    const answered = watchSilence(silence, (why) => cutNow(lostBy({ code: SILENCE, message: why })));
    try {
      return await answer;
    } finally {
      answered();
    }
  }

  function perform<T>(
    isRead: boolean,
    start: (done: (error: ServerFault | null, value: T) => void) => void,
  ): Promise<T> {
    const answer = new Promise<T>((resolve, reject) => {
      if (cut !== null) return reject(cut(isRead));
      if (reading !== null && !reading.isOver()) {
        return reject(
          new VtpipeError({
            code: "internal",
            message: "A statement was given to a session that is still reading rows.",
            now: "The statement was not sent.",
            todo: "Report this as a bug with the stack.",
          }),
        );
      }
      const fail = (why: Failure): void => reject(why(isRead));
      running.add(fail);
      start((error, value) => {
        running.delete(fail);
        if (error === null) resolve(value);
        else reject(failureOf(error, isRead));
      });
    });
    return owed(answer);
  }

  function outcomeOf(result: ResultSetHeader): Outcome {
    return {
      affectedRows: result.affectedRows ?? 0,
      warnings: result.warningStatus ?? 0,
      info: result.info ?? "",
    };
  }

  async function query(sql: string): Promise<Record<string, string | null>[]> {
    const { rows, names } = await perform<{ rows: (Buffer | null)[][]; names: string[] }>(true, (done) => {
      connection.query(
        { sql, typeCast: false, rowsAsArray: true },
        (error, rows, fields: FieldPacket[] | undefined) => {
          done(error, {
            rows: Array.isArray(rows) ? (rows as unknown as (Buffer | null)[][]) : [],
            names: (fields ?? []).map((field) => field.name),
          });
        },
      );
    });
    return rows.map((row) =>
      Object.fromEntries(
        row.map((value, i) => [names[i] ?? String(i), value === null ? null : value.toString("utf8")]),
      ),
    );
  }

  async function run(sql: string): Promise<Outcome> {
    return outcomeOf(
      await perform<ResultSetHeader>(false, (done) => {
        connection.query({ sql, typeCast: false }, (error, result) => done(error, result as ResultSetHeader));
      }),
    );
  }

  async function prepare(sql: string): Promise<Prepared> {
    const statement = await perform<PrepareStatementInfo>(false, (done) => connection.prepare(sql, done));
    // mysql2 gives the same statement to everybody who prepares the same text, so only the last one may close it.
    preparedTimes.set(sql, (preparedTimes.get(sql) ?? 0) + 1);
    let open = true;
    return {
      execute: async (params) =>
        outcomeOf(
          await perform<ResultSetHeader>(false, (done) => {
            statement.execute([...params], (error, result) => done(error, result as ResultSetHeader));
          }),
        ),
      async close() {
        if (!open) return;
        open = false;
        const times = (preparedTimes.get(sql) ?? 1) - 1;
        preparedTimes.set(sql, times);
        if (times > 0) return;
        preparedTimes.delete(sql);
        if (cut === null) connection.unprepare(sql);
      },
    };
  }

  /** After this either the connection is free or it is cut. */
  async function abandon(rows: RawRows): Promise<void> {
    if (rows.isOver()) return;
    const over = rows.discard();
    if (address.scheme === "mysql" && (await endQuery(address, connection.threadId, over, timeoutMs))) return;
    cutNow(lostBy({ message: "an unfinished read was broken off", code: "EPIPE" }));
  }

  function rowFailure(failed: RowFailure): Error {
    switch (failed.what) {
      case "refused":
        return failureOf(failed, true);
      case "lost":
        return failureOf({ message: failed.fault.message, code: (failed.fault as ServerFault).code }, true);
      case "broken":
        return failureOf({ message: failed.why, code: "PROTOCOL_CONNECTION_LOST" }, true);
    }
  }

  async function* readRows(sql: string, options: ReadOptions = {}): AsyncGenerator<RowBatch, void, void> {
    if (options.signal?.aborted) throw interrupted();
    const rows = await perform<RawRows>(true, (done) => {
      done(null, startRows(connection, sql, { batchBytes: DEFAULT_BATCH_BYTES, ...options }, rowFailure));
    });
    reading = rows;
    const onAbort = (): void => rows.stop(interrupted());
    const fail = (why: Failure): void => rows.stop(why(true));
    running.add(fail);
    options.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      for (;;) {
        const batch = await owed(rows.next());
        if (batch === null) return;
        yield batch;
      }
    } finally {
      running.delete(fail);
      options.signal?.removeEventListener("abort", onAbort);
      if (cut === null) await abandon(rows);
      reading = null;
    }
  }

  async function close(): Promise<void> {
    if (cut !== null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
      connection.end(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    destroy();
  }

  function destroy(): void {
    cutNow(lostBy({ message: "the session was closed", code: "EPIPE" }));
  }

  return {
    connectionId: connection.threadId,
    serverVersion: "",
    query,
    readRows,
    run,
    prepare,
    close,
    destroy,
    [Symbol.asyncDispose]: close,
  };
}
