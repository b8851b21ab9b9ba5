import type { Way } from "./limits.ts";

/** A chunk that a worker has in hand. */
export interface ChunkInHand {
  readonly way: Way;
  readonly table: string;
  readonly chunk: string;
  /** What the worker does for it or waits for. */
  readonly stage: string;
  /** Since it was begun. */
  readonly seconds: number;
}

/** Statements of a worker that a shard has not acknowledged. */
export interface InFlight {
  /** null: vtgate routes. */
  readonly shard: string | null;
  readonly statements: number;
  /** Of the oldest of them, its repetitions included. */
  readonly oldestSeconds: number;
}

/** Everything of a copy that waits, at one moment. */
export interface QueuePicture {
  readonly workers: readonly {
    readonly worker: number;
    readonly chunks: readonly ChunkInHand[];
    readonly inFlight: readonly InFlight[];
  }[];
  /** Chunks on disk that no worker has taken up. */
  readonly chunksWaiting: number;
  /** Chunks on disk that are held until all of their table is read. */
  readonly chunksHeld: number;
}
