import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ResourceLimits } from "node:worker_threads";
import { Piscina } from "piscina";
import { fromWire, VtpipeError, type WireError } from "../contracts/errors.ts";
import type { ThreadSeconds } from "./progress.ts";
import { watchSteps } from "./step-notes.ts";
import { endedStep, stuckStep } from "./step-trouble.ts";
import type { WorkerBegin, WorkerReply, WorkerResults, WorkerSetup, WorkerTask } from "./worker-task.ts";

/** Worker threads that can be addressed one by one, because each holds a snapshot connection of its own. */
export interface WorkerPool {
  readonly size: number;
  run<K extends WorkerTask["kind"]>(worker: number, task: Extract<WorkerTask, { kind: K }>): Promise<WorkerResults[K]>;
  /** Seconds the threads have run code, and have been there, both summed. */
  threadSeconds(): ThreadSeconds;
  /** Ends all threads; tasks that are under way fail with `why`. For workers that may never answer. */
  end(why: VtpipeError): void;
  /** Ends all threads; their connections close with them. */
  destroy(): Promise<void>;
}

/** A dump and a load may be under way in one thread at the same time: one waits for the source, one for the target. */
const tasksPerWorker = 2;

/**
 * V8 frees the memory behind dead batches only when it collects the generation they were made in, and by default that
 * one may hold 48 MB of each thread. With 8 MB a dump of a million rows with 4 workers peaked at 302 instead of 367 MiB,
 * at the same CPU time (bench/RESULTS.md).
 */
export const workerLimits: ResourceLimits = { maxYoungGenerationSizeMb: 8 };

/** Threads that have no setup yet. Disposing of them ends them, whether or not a pool was made of them. */
export interface WorkerThreads extends AsyncDisposable {
  /**
   * Makes workers of them, once. A thread whose transforms stay on one row for longer than the time limit is ended; its tasks
   * fail with an error that names step and row.
   */
  begin(setups: readonly WorkerSetup[], transformTimeoutSeconds: number): WorkerPool;
}

/**
 * Starts threads, which takes each a quarter of a second: a job does it first, and they are there when source and target are looked
 * at. One Piscina of one thread each: a task must reach the thread whose snapshot it reads, and Piscina itself picks any
 * free thread. Its idle wait on Atomics would stop the sockets' event loop, so it is off.
 */
export function startThreads(count: number): WorkerThreads {
  const filename = workerFile();
  const threads = Array.from(
    { length: count },
    () =>
      new Piscina({
        filename,
        minThreads: 1,
        maxThreads: 1,
        concurrentTasksPerWorker: tasksPerWorker,
        idleTimeout: Number.POSITIVE_INFINITY,
        atomics: "disabled",
        resourceLimits: workerLimits,
      }),
  );
  let ended: Promise<unknown> | null = null;
  const end = async (): Promise<void> => {
    ended ??= Promise.all(threads.map((thread) => thread.destroy()));
    await ended;
  };
  return {
    begin: (setups, transformTimeoutSeconds) => poolOf(threads, setups, transformTimeoutSeconds, end),
    [Symbol.asyncDispose]: end,
  };
}

/** Starts as many threads as there are setups, and makes workers of them. */
export function startWorkers(setups: readonly WorkerSetup[], transformTimeoutSeconds: number): WorkerPool {
  return startThreads(setups.length).begin(setups, transformTimeoutSeconds);
}

function poolOf(
  threads: readonly Piscina[],
  setups: readonly WorkerSetup[],
  transformTimeoutSeconds: number,
  end: () => Promise<void>,
): WorkerPool {
  // A thread that cannot even begin says so to its first task.
  for (const [worker, setup] of setups.entries()) {
    threads[worker]?.run({ kind: "begin", setup } satisfies WorkerBegin).catch(() => {});
  }
  /** Why we stopped a thread ourselves. */
  const reasons = new Map<number, VtpipeError>();
  const notes = setups.map((setup) => setup.notes);
  const watch = watchSteps(notes, transformTimeoutSeconds * 1000, (worker) => {
    const reason = stuckStep(setups[worker] as WorkerSetup, transformTimeoutSeconds);
    if (reason === null) return;
    reasons.set(worker, reason);
    void threads[worker]?.destroy();
  });
  return {
    size: threads.length,
    async run(worker, task) {
      const [thread, setup] = [threads[worker], setups[worker]];
      if (!thread || !setup) throw new RangeError(`no worker ${worker}`);
      const reply = await (thread.run(task) as Promise<WorkerReply>).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw reasons.get(worker) ?? endedStep(setup, why) ?? threadLost(why, error);
      });
      if (reply.error !== null) throw fromWire(reply.error satisfies WireError);
      return reply.result as never;
    },
    threadSeconds() {
      const used = threads.flatMap((pool) => pool.threads.map((thread) => thread.performance.eventLoopUtilization()));
      const sum = (of: (one: (typeof used)[number]) => number): number => used.reduce((all, one) => all + of(one), 0);
      return { busy: sum(({ active }) => active) / 1000, all: sum(({ active, idle }) => active + idle) / 1000 };
    },
    end(why) {
      for (const worker of threads.keys()) if (!reasons.has(worker)) reasons.set(worker, why);
      void end();
    },
    async destroy() {
      watch[Symbol.dispose]();
      await end();
    },
  };
}

/** Threads run compiled code: Node 20 cannot load TypeScript in a worker, so from source (tests) the build is used. */
export function workerFile(): string {
  const here = import.meta.url;
  const url = here.endsWith(".ts")
    ? new URL("../../dist/src/run/worker-entry.cjs", here)
    : new URL("./worker-entry.cjs", here);
  const file = fileURLToPath(url);
  if (existsSync(file)) return file;
  throw new VtpipeError({
    code: "internal",
    message: `The worker's compiled code is not at ${file}.`,
    now: "Nothing was changed.",
    todo: "Run `npm run build` first.",
  });
}

function threadLost(message: string, cause: unknown): VtpipeError {
  return new VtpipeError({
    code: "internal",
    message: `A worker thread ended unexpectedly: ${message}`,
    now: "Its snapshot connection is gone; finished chunks are recorded.",
    todo: "Run the same command again to go on; lower `workers` if the machine is short of memory.",
    cause,
  });
}
