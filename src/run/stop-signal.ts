import { VtpipeError } from "../contracts/errors.ts";

/** What every thread has been told: go on, finish the statements in flight, or stop where you are. */
const going = 0;
const draining = 1;
const stopped = 2;

/** A request to stop, shared by all threads. It only ever moves forward: going, draining, stopped. */
export interface StopSignal {
  readonly memory: SharedArrayBuffer;
  /** First call: finish statements in flight. Second call: stop now. Returns what the next call would do. */
  request(): "drain" | "stop";
  readonly requested: boolean;
  /** Aborted by the first request made in this thread; for waits that take a signal. */
  readonly signal: AbortSignal;
  /** Throws `interrupted` once a stop was requested; called between batches and chunks. */
  check(): void;
}

export function newStopSignal(memory: SharedArrayBuffer = new SharedArrayBuffer(4)): StopSignal {
  const state = new Int32Array(memory);
  const controller = new AbortController();
  return {
    memory,
    signal: controller.signal,
    request() {
      const next = Atomics.load(state, 0) === going ? draining : stopped;
      Atomics.store(state, 0, next);
      controller.abort();
      return next === draining ? "drain" : "stop";
    },
    get requested() {
      return Atomics.load(state, 0) !== going;
    },
    check() {
      if (Atomics.load(state, 0) !== going) throw interrupted();
    },
  };
}

export function interrupted(): VtpipeError {
  return new VtpipeError({
    code: "interrupted",
    message: "Stopped on request.",
    now: "Every chunk that was finished is recorded; unfinished chunks will be done again, no row twice.",
    todo: "Run the same command again to go on.",
  });
}
