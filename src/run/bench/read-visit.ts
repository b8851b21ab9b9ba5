import type { DumpedChunk } from "../../contracts/chunk.ts";
import type { LedgerRecord } from "../../contracts/ledger.ts";
import { splitPoint } from "../../source/split.ts";
import { counterTotals } from "../counters.ts";
import { newReading, type Reading } from "../reading.ts";
import type { SourceSide } from "../source-side.ts";
import type { StopSignal } from "../stop-signal.ts";
import type { WorkerPool } from "../worker-pool.ts";
import { checkStopped } from "./stopped.ts";

export interface SourceReaderOptions {
  readonly source: Pick<SourceSide, "control" | "plan">;
  readonly pool: WorkerPool;
  readonly counters: readonly SharedArrayBuffer[];
  readonly chunkBytes: number;
  readonly stop: StopSignal;
}

/** True at any moment of it. */
export const onlyRead = "The source was only read; nothing was changed.";

const warmUpRows = 20_000;
const warmUpMs = 10_000;

/** What reading for a while came to. */
export interface ReadVisit {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Of the reading threads' time, 0 to 1: they ran code. */
  readonly threadsBusy: number;
}

export interface SourceReader {
  /** Reads over so many connections for so many seconds. Throws `interrupted` when the job is to stop. */
  visit(connections: number, seconds: number): Promise<ReadVisit>;
  /** How often all tables were read to their end. */
  timesRead(): number;
}

/**
 * Reads the plan's tables by the order of a dump, chunk by chunk, and goes on where the last visit stopped, so that no
 * visit finds in the server's memory what another has just read; after the last chunk it begins anew. Only tables without a chunk key
 * are read from their start again when time was up.
 */
export function newSourceReader({ source, pool, counters, chunkBytes, stop }: SourceReaderOptions): SourceReader {
  let records: LedgerRecord[] = [];
  let timesRead = 0;
  const warm = new Set<number>();

  const tables = source.plan.tables.map(({ number, source: { table } }) => {
    const { name, rowsEstimate, bytesEstimate } = table;
    return { name, number, rowsEstimate, bytesEstimate, chunked: table.chunkKey !== null };
  });
  const schemas = new Map(source.plan.tables.map(({ source: { table } }) => [table.name, table]));
  const newPass = (): Promise<Reading> =>
    newReading({
      tables,
      records,
      readers: pool.size,
      chunkBytes,
      async record(record) {
        records.push(record);
      },
      async cut(name, range) {
        const table = schemas.get(name);
        return table === undefined ? null : splitPoint(source.control, table, range);
      },
    });

  /** false: time was up before the end. */
  const lane = async (worker: number, reading: Reading, until: number): Promise<boolean> => {
    for (;;) {
      if (stop.requested || Date.now() >= until) return false;
      const turn = await reading.next();
      if (turn === null) return true;
      const began = performance.now();
      const read: DumpedChunk | null = await pool.run(worker, {
        kind: "bench-read",
        order: { request: turn.request, until },
      });
      if (read === null) return false;
      await reading.finished(turn, read, 0, (performance.now() - began) / 1000);
    }
  };

  /** Reads until time is up or everything is read. */
  const pass = async (workers: readonly number[], seconds: number): Promise<ReadVisit & { readonly end: boolean }> => {
    const reading = await newPass();
    const before = { ...counterTotals(counters), busy: pool.threadSeconds().busy, at: performance.now() };
    const measured = (): ReadVisit => {
      const { rowsRead, bytesRead } = counterTotals(counters);
      const past = (performance.now() - before.at) / 1000;
      const threadsBusy = Math.min(1, (pool.threadSeconds().busy - before.busy) / (past * workers.length));
      return { rows: rowsRead - before.rowsRead, bytes: bytesRead - before.bytesRead, seconds: past, threadsBusy };
    };
    const until = Date.now() + seconds * 1000;
    let atTime: ReadVisit | null = null;
    // Whoever waits for others to give work back need not wait for what comes after the end.
    const timer = setTimeout(() => {
      atTime = measured();
      reading.close();
    }, seconds * 1000);
    const onStop = (): void => reading.close();
    stop.signal.addEventListener("abort", onStop, { once: true });
    try {
      const lanes = workers.map((worker) =>
        lane(worker, reading, until).catch((error: unknown) => {
          reading.close();
          throw error;
        }),
      );
      const ends = await Promise.allSettled(lanes);
      const failed = ends.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      const end = atTime === null && ends.every((one) => one.status === "fulfilled" && one.value);
      return { ...(atTime ?? measured()), end };
    } finally {
      clearTimeout(timer);
      stop.signal.removeEventListener("abort", onStop);
    }
  };

  /** A worker loads and V8 compiles what reading takes before the first figure. */
  const warmUp = async (worker: number): Promise<void> => {
    const table = tables.find(({ chunked }) => chunked);
    if (table === undefined || warm.has(worker)) return;
    warm.add(worker);
    const request = { chunk: "warm-up", table: table.name, range: { after: null, upTo: null }, limitRows: warmUpRows };
    await pool.run(worker, { kind: "bench-read", order: { request, until: Date.now() + warmUpMs } });
  };

  return {
    timesRead: () => timesRead,
    async visit(connections, seconds) {
      const workers = Array.from({ length: connections }, (_, worker) => worker);
      const each = (kind: "connect" | "open-snapshot" | "close-source"): Promise<unknown> =>
        Promise.all(workers.map((worker) => pool.run(worker, { kind })));
      await each("connect");
      // Without a lock: nothing is kept, so rows of different moments do no harm. None is open for longer than a visit.
      await each("open-snapshot");
      await Promise.all(workers.map(warmUp));
      const sum = { rows: 0, bytes: 0, seconds: 0, busy: 0 };
      for (;;) {
        const { end, ...part } = await pass(workers, seconds - sum.seconds);
        checkStopped(stop, onlyRead);
        sum.rows += part.rows;
        sum.bytes += part.bytes;
        sum.seconds += part.seconds;
        sum.busy += part.threadsBusy * part.seconds;
        if (end) {
          timesRead++;
          records = [];
        }
        // Of empty tables nothing more is to be learnt.
        if (!end || part.rows === 0 || sum.seconds >= seconds) break;
      }
      await each("close-source");
      const { rows, bytes } = sum;
      return { rows, bytes, seconds: sum.seconds, threadsBusy: sum.seconds > 0 ? sum.busy / sum.seconds : 0 };
    },
  };
}
