import type { DumpedChunk } from "../contracts/chunk.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { RowBatch } from "../contracts/rows.ts";
import type { VerifyTarget } from "../verify/target.ts";
import { type TableVerdict, verifyTable } from "../verify/verify-table.ts";
import type { ChunkFiles } from "./chunk-files.ts";
import type { Counter } from "./counters.ts";

export interface VerifyTaskOptions {
  readonly manifest: ManifestTable;
  readonly chunks: readonly DumpedChunk[];
  readonly target: VerifyTarget;
  /** Has every shard a copy of the whole table? Then each is compared by itself. */
  readonly everywhere: boolean;
  readonly files: ChunkFiles;
  count(counter: Counter, amount: number): void;
  /** Throws when the run is to stop. */
  checkStop(): void;
}

/** Verifies one table inside a worker; chunk files are read only where checksums differ. */
export async function verifyTableTask(options: VerifyTaskOptions): Promise<TableVerdict> {
  const { target, everywhere } = options;
  if (!everywhere) return verifyOn(options, target);
  const verdicts: TableVerdict[] = [];
  for (const shard of target.shards) verdicts.push(await verifyOn(options, { ...target, shards: [shard] }));
  // Any copy that differs speaks for the table; equal ones all say the same.
  const [first] = verdicts;
  const verdict = verdicts.find(({ equal }) => !equal) ?? first;
  if (verdict === undefined) throw new RangeError("a keyspace has at least one shard");
  return verdict;
}

function verifyOn(options: VerifyTaskOptions, target: VerifyTarget): Promise<TableVerdict> {
  const { manifest, chunks, count, checkStop } = options;
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

async function* rowsOfFile({ manifest, files }: VerifyTaskOptions, chunk: DumpedChunk): AsyncIterable<RowBatch> {
  await using file = await files.open(chunk, manifest);
  yield* file.batches();
}
