import type { Way } from "../contracts/limits.ts";
import { type Stage, type StageSeconds, stages } from "../contracts/stages.ts";

/**
 * Live figures of one worker in shared memory: the worker adds, the main thread reads, nobody waits.
 * Doubles hold whole numbers exactly up to 2^53, far beyond any row or byte count of a run.
 */
const amounts = [
  "rowsRead",
  "bytesRead",
  "rowsLoaded",
  "bytesLoaded",
  "rowsVerified",
  // Acknowledged by the target.
  "statements",
  // Seconds waited because of limits.
  "throttled",
] as const;

/** What is counted: rows, bytes, statements, and seconds by the name of their stage. */
export type Counter = (typeof amounts)[number] | Stage;

const fields: readonly Counter[] = [...amounts, ...stages];

const fieldIndex = Object.fromEntries(fields.map((name, index) => [name, index])) as Record<Counter, number>;

/** Shared memory for one worker's counters. */
export function newCounters(): SharedArrayBuffer {
  return new SharedArrayBuffer(fields.length * Float64Array.BYTES_PER_ELEMENT);
}

/** The worker's side: the only writer of its own counters. */
export function counterWriter(memory: SharedArrayBuffer): (counter: Counter, amount: number) => void {
  const values = new Float64Array(memory);
  return (counter, amount) => {
    const index = fieldIndex[counter];
    values[index] = (values[index] ?? 0) + amount;
  };
}

export type CounterTotals = Readonly<Record<Counter, number>>;

/** The main thread's side: all workers' counters added up. */
export function counterTotals(memories: readonly SharedArrayBuffer[]): CounterTotals {
  const views = memories.map((memory) => new Float64Array(memory));
  return Object.fromEntries(
    fields.map((name, index) => [name, views.reduce((sum, view) => sum + (view[index] ?? 0), 0)]),
  ) as Record<Counter, number>;
}

/** What a lane of a worker adds to when it does anything. */
const signs: Readonly<Record<Way, readonly Counter[]>> = {
  reading: ["rowsRead", "cut", "transform", "pack", "disk"],
  loading: ["rowsLoaded", "statements", "unpack", "encode"],
};

/** The main thread's side: a text that is another one whenever a lane has done something since. */
export function countersSign(memory: SharedArrayBuffer, way: Way): string {
  const values = new Float64Array(memory);
  return signs[way].map((counter) => values[fieldIndex[counter]]).join(" ");
}

/** The seconds of each stage between two looks. */
export function stageSeconds(totals: CounterTotals, before?: CounterTotals): StageSeconds {
  const since = (stage: Stage): number => totals[stage] - (before?.[stage] ?? 0);
  return Object.fromEntries(stages.map((stage) => [stage, since(stage)])) as Record<Stage, number>;
}
