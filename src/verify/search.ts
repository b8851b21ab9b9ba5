import type { DumpedChunk } from "../contracts/chunk.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { RowBatch } from "../contracts/rows.ts";
import type { Findings } from "./findings.ts";
import type { VerifyTarget } from "./target.ts";

/** The proven rows of a chunk's file, in the order they were read from the source. */
export type ReadChunk = (chunk: DumpedChunk) => AsyncIterable<RowBatch>;

/** What naming the differing rows of one table works with. */
export interface Search {
  readonly table: ManifestTable;
  readonly target: VerifyTarget;
  readonly readChunk: ReadChunk;
  readonly findings: Findings;
  readonly signal: AbortSignal | undefined;
}
