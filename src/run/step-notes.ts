import type { ChainNotes } from "../transform/compile.ts";

/**
 * Where one worker's transforms are, in shared memory: the worker writes before each row and step, the main thread
 * looks when the worker gives no sign of life. A thread that is caught in a step can tell nothing itself.
 */
export interface StepPlace {
  /** Place of the table among the worker's, and of the step among the table's. */
  readonly table: number;
  readonly step: number;
  /** Cells of the key of the row, the first bytes of each; null for NULL. */
  readonly key: readonly (Uint8Array | null)[];
}

/** The most columns a key of MySQL's has; of each cell so much that what people are shown is full. */
const keyParts = 16;
const partBytes = 128;

/** Numbers in front of the keys' bytes; a key part's length is -1 for NULL. */
const field = { beat: 0, table: 1, step: 2, parts: 3, lengths: 4 } as const;
const numbers = field.lengths + keyParts;

const viewsOf = (memory: SharedArrayBuffer): { ints: Int32Array; bytes: Uint8Array } => ({
  ints: new Int32Array(memory, 0, numbers),
  bytes: new Uint8Array(memory, numbers * Int32Array.BYTES_PER_ELEMENT),
});

export function newStepNotes(): SharedArrayBuffer {
  return new SharedArrayBuffer(numbers * Int32Array.BYTES_PER_ELEMENT + keyParts * partBytes);
}

/** The worker's side, for rows of one table. `keyCells` are the numbers of the cells that make up its key. */
export function stepNotesWriter(memory: SharedArrayBuffer, table: number, keyCells: readonly number[]): ChainNotes {
  const { ints, bytes } = viewsOf(memory);
  const parts = keyCells.slice(0, keyParts);
  return {
    row(from, bounds) {
      // Plain stores: this thread is the only writer, and who reads comes seconds later.
      ints[field.beat] = ((ints[field.beat] as number) + 2) | 1;
      ints[field.table] = table;
      ints[field.parts] = parts.length;
      for (let part = 0; part < parts.length; part++) {
        const cell = parts[part] as number;
        const start = bounds[cell * 2] as number;
        const length = start === -1 ? -1 : Math.min((bounds[cell * 2 + 1] as number) - start, partBytes);
        ints[field.lengths + part] = length;
        const into = part * partBytes;
        for (let i = 0; i < length; i++) bytes[into + i] = from[start + i] as number;
      }
    },
    step(number) {
      ints[field.step] = number;
    },
    done() {
      ints[field.beat] = ((ints[field.beat] as number) + 2) & ~1;
    },
  };
}

/** The main thread's side: a number that changes with every row, and is even while no step is at work. */
export function beatOf(memory: SharedArrayBuffer): number {
  return Atomics.load(new Int32Array(memory, 0, 1), field.beat);
}

/** The row and step the worker was at last; null when it never was at any. */
export function lastPlace(memory: SharedArrayBuffer): StepPlace | null {
  if (beatOf(memory) === 0) return null;
  const { ints, bytes } = viewsOf(memory);
  const key = Array.from({ length: ints[field.parts] as number }, (_, part) => {
    const length = ints[field.lengths + part] as number;
    return length === -1 ? null : Uint8Array.from(bytes.subarray(part * partBytes, part * partBytes + length));
  });
  return { table: ints[field.table] as number, step: ints[field.step] as number, key };
}

/** Is the worker inside a step? */
export function isAtWork(memory: SharedArrayBuffer): boolean {
  return (beatOf(memory) & 1) === 1;
}

/** Looks this often within a time limit. Looks are counted, so that a machine that slept does not count as time. */
const looks = 20;

/** Calls `stuck` once for each worker that stays on one row for `limitMs`. */
export function watchSteps(
  memories: readonly SharedArrayBuffer[],
  limitMs: number,
  stuck: (worker: number) => void,
): Disposable {
  const seen = memories.map(() => ({ beat: 0, times: 0 }));
  const timer = setInterval(() => {
    for (const [worker, memory] of memories.entries()) {
      const last = seen[worker] as (typeof seen)[number];
      const beat = beatOf(memory);
      if (beat !== last.beat || (beat & 1) === 0) seen[worker] = { beat, times: 0 };
      else if (++last.times === looks) stuck(worker);
    }
  }, limitMs / looks);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
