import type { ChunkFileTrailer } from "./chunk-header.ts";

/**
 * What differs between the formats of a chunk file: how its parts stand on the disk. What the parts mean, in which
 * order they come and what must agree between them is the same for all, and in writer and reader.
 */

/** What is known of a frame's rows besides their bytes. */
export interface FrameFacts {
  /** From 1. */
  readonly number: number;
  readonly rows: number;
  readonly rawLength: number;
  readonly rawCrc: number;
}

/** The parts of one new file. Their buffers are the caller's. */
export interface ChunkEncoder {
  readonly head: Buffer;
  /** `compressed`: one zstd frame, in parts. */
  frame(facts: FrameFacts, compressed: readonly Buffer[]): readonly Buffer[];
  trailer(trailer: ChunkFileTrailer): Buffer;
}

/** The parts of one file that is there. What does not hold is thrown as an Error whose message says what. */
export interface ChunkDecoder {
  /** Bytes of a frame that tell how long the rest of it is. */
  readonly leadBytes: number;
  lead(bytes: Buffer): FrameLead;
  readonly trailerBytes: number;
  /** null: these bytes are no trailer. */
  trailer(bytes: Buffer): FoundTrailer | null;
}

export interface FrameLead {
  readonly mark: number;
  readonly number: number;
  /** Bytes of the content that follows. */
  readonly length: number;
  /** Proves the content, by its CRC only unless the whole file is `proven`. */
  open(content: Buffer, proven: boolean): OpenedFrame;
}

export interface OpenedFrame extends Omit<FrameFacts, "number"> {
  /** One zstd frame. */
  readonly compressed: Buffer;
}

export interface FoundTrailer {
  readonly mark: number;
  totals(): ChunkFileTrailer;
}
