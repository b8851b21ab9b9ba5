import type { DumpedChunk } from "./chunk.ts";
import type { Snapshot } from "./position.ts";
import type { Column, Key, Unmoved } from "./schema.ts";

/** How a table can be handed to VReplication; decided before anything is read. */
export type TableClass = "identity" | "sql-twin" | "js-only";

/** What is needed to load and verify one table without the source. */
export interface ManifestTable {
  /** Table name on the source; the table's identity in the run directory. */
  readonly source: string;
  readonly target: string;
  /** Folder of its chunk files below the run directory. */
  readonly folder: string;
  /** Columns of the rows in the chunk files, in cell order. */
  readonly columns: readonly Column[];
  /** Key of the target rows, by which a batch is looked up and rows are named; null without one. */
  readonly key: Key | null;
  /** Do the chunk ranges, taken by source key, select the same rows on the target by target key? */
  readonly rangesHold: boolean;
  /** Target names of the source chunk-key columns, in order; empty when `rangesHold` is false. */
  readonly rangeColumns: readonly string[];
  readonly class: TableClass;
  /** SHA-256 over select list, where and chain: rows made by different fingerprints never mix. */
  readonly fingerprint: string;
  /** CREATE TABLE for the target as `schema print` gives it. */
  readonly createStatement: string;
}

/** The format of manifests. Those of format 1, which no release wrote, had no seal. */
export const manifestFormat = 2;

/** `manifest.json` of a run directory, without the seal that the file ends with. */
export interface Manifest {
  readonly format: typeof manifestFormat;
  readonly vtpipe: string;
  /** SHA-256 over all tables' fingerprints and the config that shapes rows. */
  readonly plan: string;
  readonly createdAt: string;
  readonly database: string;
  readonly tables: readonly ManifestTable[];
  readonly unmoved: readonly Unmoved[];
  /** Is every row of every table in the files below? Only then can the directory be loaded on its own. */
  readonly complete: boolean;
  readonly snapshots: readonly Snapshot[];
  /** Every chunk file with the snapshot it was read at. */
  readonly chunks: readonly (DumpedChunk & { readonly snapshot: number })[];
}
