import type { ChunkRequest, DumpedChunk } from "../contracts/chunk.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { RowBatch } from "../contracts/rows.ts";
import type { ServerAddress } from "../mysql/server-url.ts";
import { openSession } from "../mysql/session.ts";
import { chunkQuery } from "../source/chunk-query.ts";
import { type ChainPlan, whereabouts } from "../transform/plan-chain.ts";
import { type HiddenColumn, newLeakSample } from "../verify/leaks/sample.ts";
import { type LeakHit, searchLeaks } from "../verify/leaks/search-leaks.ts";
import { type LookedForValue, type PackedValues, valueIndex } from "../verify/leaks/value-index.ts";
import type { ChunkFiles } from "./chunk-files.ts";
import type { WorkerSource } from "./worker-task.ts";

/** Which rows of a table to look at, for the values of which columns. */
export interface LeakSampleRequest {
  /** Source names of the hidden columns. */
  readonly columns: readonly string[];
  /** Parts of the table; each a key range and a number of rows. */
  readonly parts: readonly Pick<ChunkRequest, "range" | "limitRows">[];
  /** Values of a column at most. */
  readonly most: number;
}

export interface LeakSampleResult {
  readonly rows: number;
  /** By hidden column, in the order of the request. */
  readonly values: readonly (readonly LookedForValue[])[];
}

/** What is looked for, and the hidden column of each value (a Uint32 each). */
export interface LeakValues {
  readonly packed: PackedValues;
  readonly columns: SharedArrayBuffer;
}

/** Reads rows of the source as they are now, without a lock or a snapshot, and takes them through the table's chain. */
export async function sampleLeaks(
  address: ServerAddress,
  source: WorkerSource,
  chain: ChainPlan,
  { columns, parts, most }: LeakSampleRequest,
  checkStop: () => void,
): Promise<LeakSampleResult> {
  const computed = chain.computed.map(({ expression }) => expression);
  const sample = newLeakSample(
    columns.map((name) => hiddenColumn(source, chain, name)),
    { before: source.columns.length + computed.length, after: chain.columns.length },
  );
  let rows = 0;
  await using session = await openSession(address, { purpose: "source" });
  for (const { range, limitRows } of parts) {
    const keyed = source.table.chunkKey !== null;
    const request = { chunk: "", table: source.table.name, range, limitRows: keyed ? limitRows : null };
    const { table, columns: read, where } = source;
    const query = chunkQuery({ table, columns: read, computed, where, request });
    for await (const batch of session.readRows(keyed || limitRows === null ? query : `${query} LIMIT ${limitRows}`)) {
      checkStop();
      rows += batch.rows;
      const after = chain.apply(batch);
      if (after.rows === batch.rows) sample.add(batch, after);
      else for (const row of singleRows(batch)) addIfKept(row, chain.apply(row));
    }
  }
  return { rows, values: sample.finish(most).map((all) => all.map(({ bytes, alone }) => ({ bytes, alone }))) };

  function addIfKept(before: RowBatch, after: RowBatch): void {
    if (after.rows === 1) sample.add(before, after);
  }
}

/** A filter dropped rows of the batch, so they are taken one by one to know which. */
function* singleRows({ bytes, offsets, rows }: RowBatch): Generator<RowBatch> {
  for (let row = 0; row < rows; row++) {
    const part = bytes.subarray(offsets[row], offsets[row + 1]);
    yield { bytes: part, offsets: Uint32Array.of(0, part.length), rows: 1 };
  }
}

function hiddenColumn({ columns }: WorkerSource, chain: ChainPlan, name: string): HiddenColumn {
  const before = columns.findIndex((column) => column.name === name);
  const kind = columns[before]?.kind;
  if (kind === undefined) throw new RangeError(`rows carry no column ${name}`);
  const place = whereabouts(chain, name)?.name;
  const after = chain.columns.findIndex((column) => column.name === place);
  return { name, kind, before, after: after < 0 ? null : after };
}

/** Searches chunk files for the values. The index over them is made once per thread. */
export function leakSearcher({
  packed,
  columns,
}: LeakValues): (
  manifest: ManifestTable,
  dumped: DumpedChunk,
  files: ChunkFiles,
  checkStop: () => void,
) => Promise<readonly LeakHit[]> {
  const find = valueIndex(packed);
  const columnOf = new Uint32Array(columns);
  return async (manifest, dumped, files, checkStop) => {
    await using file = await files.open(dumped, manifest);
    const batches = async function* (): AsyncGenerator<RowBatch> {
      for await (const batch of file.batches()) {
        checkStop();
        yield batch;
      }
    };
    return await searchLeaks(manifest, batches(), find, (value) => columnOf[value] as number);
  };
}
