import { addChecksums, checksumsEqual, emptyChecksum } from "../contracts/checksum.ts";
import type { DumpedChunk } from "../contracts/chunk.ts";
import { VtpipeError } from "../contracts/errors.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { Checksum } from "../contracts/rows.ts";
import { rangePredicate } from "../mysql/key-range.ts";
import { rangesTile } from "./chunk-ranges.ts";
import { addByCount, type Difference, type DifferenceCounts, newFindings } from "./findings.ts";
import { checksumInSteps, rowsPerStep } from "./key-steps.ts";
import { rowKeyOf } from "./row-key.ts";
import type { ReadChunk, Search } from "./search.ts";
import { searchKeys } from "./search-keys.ts";
import { searchRange } from "./search-range.ts";
import { searchRows } from "./search-rows.ts";
import { allOrNone, onEveryShard, stopIfAsked, type VerifyTarget } from "./target.ts";
import { checksumOn, sumOf } from "./target-rows.ts";

export interface VerifyTask {
  readonly table: ManifestTable;
  /** All chunks of the table. */
  readonly chunks: readonly DumpedChunk[];
  readonly target: VerifyTarget;
  readonly readChunk: ReadChunk;
  /** Rows named at most, default 20; all are counted. */
  readonly maxDifferences?: number;
  /** Called with the rows whose checksum has been compared, chunk by chunk or for the whole table. */
  readonly onChecked?: (rows: number, equal: boolean) => void;
  readonly onDifference?: (difference: Difference) => void;
  readonly signal?: AbortSignal;
}

export interface TableVerdict {
  readonly equal: boolean;
  /** Rows the files hold. */
  readonly rows: number;
  readonly targetRows: number;
  readonly differences: readonly Difference[];
  readonly counts: DifferenceCounts;
  readonly notes: readonly string[];
}

/**
 * Compares the rows in a table's chunk files with the target, by checksums first. When they differ, the rows themselves are
 * compared, so `equal` is false only with at least one difference counted.
 */
export async function verifyTable(task: VerifyTask): Promise<TableVerdict> {
  const { table, chunks, target, readChunk, signal } = task;
  const findings = newFindings(task.maxDifferences ?? 20, task.onDifference ?? (() => {}));
  const search: Search = { table, target, readChunk, findings, signal };
  const byRange = table.rangesHold && table.rangeColumns.length > 0 && rangesTile(chunks);
  const expected = sumOf(chunks.map((chunk) => chunk.checksum));
  const actual = byRange ? await verifyRanges(task, search) : await verifyWhole(task, search, expected);
  const { missing, different, extra } = findings.counts;
  const equal = missing + different + extra === 0;
  if (equal && !checksumsEqual(actual, expected)) {
    findings.note(
      `The checksums of table \`${table.target}\` differed at first, but a comparison of the rows found none that differs: the target was written to meanwhile.`,
    );
  }
  return {
    equal,
    rows: expected.rows,
    targetRows: actual.rows,
    differences: findings.differences,
    counts: { missing, different, extra },
    notes: findings.notes,
  };
}

/** As many chunks at once as a shard has sessions. Searching waits until all are compared, and goes in their order. */
async function verifyRanges(task: VerifyTask, search: Search): Promise<Checksum> {
  const { table, chunks, target, signal } = task;
  const differing: { readonly chunk: DumpedChunk; readonly actual: Checksum }[] = [];
  let total = emptyChecksum;
  // One iterator for all: each takes the next chunk, and when one fails it is closed, so that the others end too.
  const queue = (function* () {
    yield* chunks;
  })();
  const compareNext = async (): Promise<void> => {
    for (const chunk of queue) {
      stopIfAsked(signal);
      const where = rangePredicate(table.rangeColumns, chunk.range);
      const parts = await onEveryShard(target, (session) => checksumOn(session, table.target, table.columns, where));
      const actual = sumOf(parts);
      const equal = checksumsEqual(actual, chunk.checksum);
      total = addChecksums(total, actual);
      if (!equal) differing.push({ chunk, actual });
      task.onChecked?.(chunk.checksum.rows, equal);
    }
  };
  await allOrNone(Array.from({ length: target.concurrency }, compareNext));
  const place = new Map(chunks.map((chunk, index) => [chunk, index]));
  differing.sort((a, b) => (place.get(a.chunk) ?? 0) - (place.get(b.chunk) ?? 0));
  for (const { chunk, actual } of differing) {
    await nameOrCount(search, chunk.checksum, actual, () => searchRange(search, chunk));
  }
  return total;
}

async function verifyWhole(task: VerifyTask, search: Search, expected: Checksum): Promise<Checksum> {
  const { table, chunks, target } = task;
  const key = rowKeyOf(table.columns, table.key?.columns ?? []);
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytesRaw, 0);
  const step = rowsPerStep(expected.rows, bytes);
  const parts = await onEveryShard(target, (session) =>
    key === null || expected.rows <= step
      ? checksumOn(session, table.target, table.columns, null)
      : checksumInSteps(session, table.target, table.columns, table.key?.columns ?? [], step),
  );
  const actual = sumOf(parts);
  const equal = checksumsEqual(actual, expected);
  task.onChecked?.(expected.rows, equal);
  if (equal) return actual;
  await nameOrCount(search, expected, actual, () =>
    key === null
      ? searchRows(search, chunks, expected.rows, actual.rows)
      : searchKeys(search, key, chunks, actual.rows),
  );
  return actual;
}

/** Chunk files may have been removed after loading; the difference is there all the same. */
async function nameOrCount(
  { table, findings }: Search,
  expected: Checksum,
  actual: Checksum,
  name: () => Promise<void>,
): Promise<void> {
  try {
    await name();
  } catch (error) {
    if (!(error instanceof VtpipeError) || error.context["errno"] !== "ENOENT") throw error;
    addByCount(findings, expected.rows, actual.rows);
    findings.note(
      `Rows of table \`${table.target}\` differ that cannot be named, nor all be counted, because a chunk file is gone: ${error.message}`,
    );
  }
}
