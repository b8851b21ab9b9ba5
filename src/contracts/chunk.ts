import type { Checksum } from "./rows.ts";

/**
 * A place in a table's key order: one SQL literal per chunk-key column (`42`, `'abc'`, `x'00ff'`), so it can be
 * read by people, stored as JSON and put into a WHERE clause as it is.
 */
export type KeyBound = readonly string[];

/** A half-open range of a table's key order: greater than `after`, up to and including `upTo`. null: no bound. */
export interface KeyRange {
  readonly after: KeyBound | null;
  readonly upTo: KeyBound | null;
}

/** One reading order: read `range` in key order and stop after `limitRows` rows. */
export interface ChunkRequest {
  /** `<table number>-<running number>`, unique in a run directory, and the file's base name. */
  readonly chunk: string;
  readonly table: string;
  readonly range: KeyRange;
  /** null for a table without a chunk key: one ordered stream to the end. */
  readonly limitRows: number | null;
}

/** What reading, transforming and writing one chunk came to. */
export interface DumpedChunk {
  readonly chunk: string;
  readonly table: string;
  /** The range the rows really cover: `upTo` is the last key read when the limit was reached. */
  readonly range: KeyRange;
  /** Was the requested range read to its end? */
  readonly exhausted: boolean;
  /** Path below the run directory. */
  readonly file: string;
  readonly rowsRead: number;
  /** Of the transformed rows, which are what the file holds. */
  readonly checksum: Checksum;
  /** Bytes of row data read from the source, and of row data in the file before compression. */
  readonly bytesRead: number;
  readonly bytesRaw: number;
  readonly bytesFile: number;
  /** SHA-256 of the whole file, hex. */
  readonly sha256: string;
  /** Of the rows of a megabyte and more the one that takes the largest statement; null when there is none. */
  readonly largeRow: LargeRow | null;
}

/** A row that a target's message limit may be too small for. */
export interface LargeRow {
  /** Its key, for people. */
  readonly row: string;
  /** Bytes of the smallest statement that inserts it. */
  readonly statementBytes: number;
}
