import type { Way } from "../../contracts/limits.ts";

/** A chunk that a worker was given and has not given back. */
export interface InHand {
  readonly worker: number;
  readonly way: Way;
  readonly table: string;
  readonly chunk: string;
  /** By `performance.now()` of the main thread. */
  readonly since: number;
}

/** The chunks that workers have in hand: what the main thread waits for. */
export interface ChunksInHand {
  /** Given out; disposing of the answer says that it came back. */
  give(worker: number, way: Way, table: string, chunk: string): Disposable;
  all(): readonly InHand[];
  count(way: Way): number;
}

export function newChunksInHand(): ChunksInHand {
  const all = new Set<InHand>();
  return {
    give(worker, way, table, chunk) {
      const given: InHand = { worker, way, table, chunk, since: performance.now() };
      all.add(given);
      return { [Symbol.dispose]: () => void all.delete(given) };
    },
    all: () => [...all],
    count: (way) => [...all].filter((given) => given.way === way).length,
  };
}
