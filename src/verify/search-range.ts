import { checksumOf, checksumsEqual } from "../contracts/checksum.ts";
import type { DumpedChunk, KeyBound, KeyRange } from "../contracts/chunk.ts";
import type { RowBatch } from "../contracts/rows.ts";
import { rangePredicate } from "../mysql/key-range.ts";
import { keyLiterals, rowKeyOf } from "./row-key.ts";
import { newRowMatcher } from "./row-matcher.ts";
import type { Search } from "./search.ts";
import { onEveryShard, stopIfAsked } from "./target.ts";
import { checksumOn, rowsInRange, sumOf } from "./target-rows.ts";

const noRows: RowBatch = { bytes: Buffer.alloc(0), offsets: new Uint32Array(1), rows: 0 };

/**
 * Names the differing rows of a chunk whose range selects the same rows on the target: the file is in key order, so each
 * of its frames is a smaller range, and only those whose checksums differ are read.
 */
export async function searchRange(search: Search, chunk: DumpedChunk): Promise<void> {
  let after = chunk.range.after;
  let held: RowBatch | null = null;
  for await (const batch of search.readChunk(chunk)) {
    stopIfAsked(search.signal);
    if (held !== null) {
      const upTo = lastKey(search, held);
      await compare(search, held, { after, upTo });
      after = upTo;
    }
    held = batch;
  }
  await compare(search, held ?? noRows, { after, upTo: chunk.range.upTo });
}

function lastKey({ table }: Search, batch: RowBatch): KeyBound {
  const key = rowKeyOf(table.columns, table.rangeColumns);
  if (key === null) throw new RangeError(`rows of ${table.source} do not carry ${table.rangeColumns.join(", ")}`);
  return keyLiterals(key, batch, batch.rows - 1);
}

async function compare(search: Search, expected: RowBatch, range: KeyRange): Promise<void> {
  const { table, target, findings } = search;
  const where = rangePredicate(table.rangeColumns, range);
  const actual = await onEveryShard(target, (session) => checksumOn(session, table.target, table.columns, where));
  if (checksumsEqual(sumOf(actual), checksumOf(expected))) return;
  const key = rowKeyOf(table.columns, table.key?.columns ?? []) ?? rowKeyOf(table.columns, table.rangeColumns);
  if (key === null) throw new RangeError(`rows of ${table.source} carry no key`);
  const matcher = newRowMatcher(key, expected, findings, true);
  for (const shard of target.shards) {
    await target.withSession(shard, async (session) => {
      const rows = rowsInRange(session, table.target, table.columns, table.rangeColumns, range);
      for await (const batch of rows) matcher.actual(batch);
    });
  }
  matcher.finish();
}
