import type { DumpedChunk } from "../contracts/chunk.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { RowBatch } from "../contracts/rows.ts";
import type { TableLoader } from "../load/table-loader.ts";
import type { ChunkFiles } from "./chunk-files.ts";
import type { Counter } from "./counters.ts";
import type { Lane } from "./lane.ts";

export interface LoadChunkOptions {
  readonly dumped: DumpedChunk;
  readonly manifest: ManifestTable;
  readonly recover: boolean;
  readonly loader: TableLoader;
  readonly lane: Lane;
  readonly files: ChunkFiles;
  count(counter: Counter, amount: number): void;
  /** Throws when the run is to stop. */
  checkStop(): void;
}

/**
 * Sends the rows of one chunk file to the target. The whole file is proven against its recorded SHA-256 before the
 * first row leaves, so a damaged file sends nothing.
 */
export async function loadChunk(options: LoadChunkOptions): Promise<number> {
  const { dumped, manifest, recover, loader, lane, files, count, checkStop } = options;
  const opened = performance.now();
  lane.at("unpack");
  await using file = await files.open(dumped, manifest);
  count("unpack", (performance.now() - opened) / 1000);
  async function* counted(): AsyncIterable<RowBatch> {
    let before = performance.now();
    for await (const batch of file.batches({ reuse: true })) {
      checkStop();
      count("unpack", (performance.now() - before) / 1000);
      const held = lane.pass(batch.offsets[batch.rows] as number);
      if (held !== null) await held;
      lane.at("target");
      yield batch;
      lane.at("unpack");
      before = performance.now();
      count("rowsLoaded", batch.rows);
      count("bytesLoaded", batch.offsets[batch.rows] as number);
    }
    // All rows are with the loader: what is still missing is the target's answers.
    lane.at("target");
  }
  const onAnswer = (): void => count("statements", 1);
  try {
    const result = await loader.load(counted(), { chunk: dumped.chunk, recover, onTime: count, onAnswer });
    return result.rows;
  } finally {
    lane.at(null);
  }
}
