import type { DumpedChunk } from "../contracts/chunk.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { RowBatch } from "../contracts/rows.ts";
import { openChunkFile } from "../store/chunk-file-reader.ts";
import type { VerifyTarget } from "../verify/target.ts";
import { type TableVerdict, verifyTable } from "../verify/verify-table.ts";
import type { Counter } from "./counters.ts";

export interface VerifyTaskOptions {
  readonly manifest: ManifestTable;
  readonly chunks: readonly DumpedChunk[];
  readonly target: VerifyTarget;
  fileOf(relative: string): Promise<string>;
  count(counter: Counter, amount: number): void;
  /** Throws when the run is to stop. */
  checkStop(): void;
}

/** Verifies one table inside a worker; chunk files are read only where checksums differ. */
export function verifyTableTask(options: VerifyTaskOptions): Promise<TableVerdict> {
  const { manifest, chunks, target, count, checkStop } = options;
  return verifyTable({
    table: manifest,
    chunks,
    target,
    readChunk: (chunk) => rowsOfFile(options, chunk),
    onChecked: (rows) => {
      checkStop();
      count("rowsVerified", rows);
    },
  });
}

async function* rowsOfFile({ manifest, fileOf }: VerifyTaskOptions, chunk: DumpedChunk): AsyncIterable<RowBatch> {
  const { sha256, bytesFile, checksum } = chunk;
  const expected = { sha256, bytesFile, checksum, chunk: chunk.chunk, table: manifest.source };
  await using file = await openChunkFile(await fileOf(chunk.file), { ...expected, fingerprint: manifest.fingerprint });
  yield* file.batches();
}
