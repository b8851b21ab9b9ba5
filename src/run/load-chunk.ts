import type { DumpedChunk } from "../contracts/chunk.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { RowBatch } from "../contracts/rows.ts";
import type { TableLoader } from "../load/table-loader.ts";
import { openChunkFile } from "../store/chunk-file-reader.ts";
import type { Counter } from "./counters.ts";
import type { Lane } from "./lane.ts";

export interface LoadChunkOptions {
  readonly dumped: DumpedChunk;
  readonly manifest: ManifestTable;
  readonly recover: boolean;
  readonly loader: TableLoader;
  readonly lane: Lane;
  fileOf(relative: string): Promise<string>;
  count(counter: Counter, amount: number): void;
  /** Throws when the run is to stop. */
  checkStop(): void;
}

/**
 * Sends the rows of one chunk file to the target. The whole file is proven against its recorded SHA-256 before the
 * first row leaves, so a damaged file sends nothing.
 */
export async function loadChunk(options: LoadChunkOptions): Promise<number> {
  const { dumped, manifest, recover, loader, lane, count, checkStop } = options;
  const { chunk, sha256, bytesFile, checksum } = dumped;
  const opened = performance.now();
  lane.at("unpack");
  await using file = await openChunkFile(await options.fileOf(dumped.file), {
    sha256,
    bytesFile,
    chunk,
    checksum,
    table: manifest.source,
    fingerprint: manifest.fingerprint,
  });
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
    const result = await loader.load(counted(), { chunk, recover, onTime: count, onAnswer });
    return result.rows;
  } finally {
    lane.at(null);
  }
}
