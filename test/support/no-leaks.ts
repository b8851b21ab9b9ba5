import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect } from "vitest";
import { moreThan, openThings } from "./open-things.ts";

declare module "vitest" {
  interface TaskMeta {
    /** What a library is known to leave open in this test, by kind; the test says why. */
    leftByLibrary?: Readonly<Record<string, number>>;
  }
}

/**
 * Loaded before every file of tests with servers: a test that leaves a file, socket, worker thread, child process or much
 * memory behind fails. What a `beforeAll` opened may stay.
 */

/** Sockets and threads are gone a moment after whoever closed them has been told so. */
const PATIENCE_MS = 3_000;
/** A module that a test is the first to load stays as well; what leaks per row, statement or chunk is soon more than this. */
const HEAP_MIB = 64;

let before = new Map<string, number>();
let heapBefore = 0;

beforeEach(() => {
  before = openThings();
  heapBefore = heapMiB();
});

afterEach(async ({ task }) => {
  // It has its own error, which what it left open follows from.
  if (task.result?.state === "fail") return;
  const deadline = performance.now() + PATIENCE_MS;
  const may = new Map(before);
  for (const [kind, count] of Object.entries(task.meta.leftByLibrary ?? {}))
    may.set(kind, (may.get(kind) ?? 0) + count);
  const opened = (): Record<string, number> => moreThan(may, openThings());
  while (Object.keys(opened()).length > 0 && performance.now() < deadline) await delay(20);
  expect(opened(), "left open by the test").toEqual({});
  // The memory behind a buffer is freed a moment after its object was collected.
  const kept = (): number => heapMiB() - heapBefore;
  while (kept() >= HEAP_MIB && performance.now() < deadline) await delay(100);
  expect(kept(), "MiB of memory kept by the test").toBeLessThan(HEAP_MIB);
});

/** Of objects that are in use, buffers included; MiB. */
function heapMiB(): number {
  if (globalThis.gc === undefined) throw new Error("tests with servers run with --expose-gc, see vitest.config.ts");
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
