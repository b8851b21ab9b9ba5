import type { DumpedChunk, KeyBound } from "../contracts/chunk.ts";
import type { RowBatch } from "../contracts/rows.ts";
import type { Column } from "../contracts/schema.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { keysPredicate } from "../mysql/key-range.ts";
import type { Session } from "../mysql/session.ts";
import { hash48, hashedRows } from "./row-hash.ts";
import { keyBytes, keyLiterals, keyText, type RowKey, rowKeyOf } from "./row-key.ts";
import { newRowMatcher } from "./row-matcher.ts";
import type { Search } from "./search.ts";
import { stopIfAsked } from "./target.ts";
import { exactList, rowsInRange } from "./target-rows.ts";

/** Keys in an IN list: each costs the server's optimizer, and long ones the parser. */
const listKeys = 500;
const listLength = 256 * 1024;

/**
 * Names the differing rows of a table whose chunk ranges mean nothing on the target: looks the files' keys up, and then,
 * if the target has more rows than were found, scans its keys for those no file has.
 */
export async function searchKeys(
  search: Search,
  key: RowKey,
  chunks: readonly DumpedChunk[],
  targetRows: number,
): Promise<void> {
  const hashes = new Set<number>();
  let found = 0;
  let rows = 0;
  for (const chunk of chunks) {
    for await (const batch of search.readChunk(chunk)) {
      rows += batch.rows;
      for (const { slice, keys } of lookups(key, batch)) {
        stopIfAsked(search.signal);
        for (let row = 0; row < slice.rows && rows <= hashedRows; row++) hashes.add(hash48(keyBytes(key, slice, row)));
        found += await lookUp(search, key, slice, keys);
      }
    }
  }
  const extra = targetRows - found;
  if (extra <= 0) return;
  if (rows > hashedRows) {
    search.findings.addUnnamed("extra", extra);
    search.findings.note(
      `The target has ${extra} rows more; they are not named, because only up to ${hashedRows} rows are kept in memory for that.`,
    );
    return;
  }
  await scanForExtras(search, key, hashes);
}

/** Parts of a batch with the keys that select them. */
function* lookups(key: RowKey, batch: RowBatch): Generator<{ slice: RowBatch; keys: KeyBound[] }> {
  let first = 0;
  let keys: KeyBound[] = [];
  let length = 0;
  for (let row = 0; row < batch.rows; row++) {
    const literals = keyLiterals(key, batch, row);
    keys.push(literals);
    length += keyText(literals).length;
    if (keys.length < listKeys && length < listLength && row + 1 < batch.rows) continue;
    const slice: RowBatch = {
      bytes: batch.bytes,
      offsets: batch.offsets.subarray(first, row + 2),
      rows: row + 1 - first,
    };
    yield { slice, keys };
    first = row + 1;
    keys = [];
    length = 0;
  }
}

async function lookUp(
  { table, target, findings }: Search,
  key: RowKey,
  slice: RowBatch,
  keys: readonly KeyBound[],
): Promise<number> {
  const columns = key.indexes.map((index) => key.columns[index] as Column);
  const where = keysPredicate(columns, keys);
  const select = `SELECT ${exactList(table.columns)} FROM ${quoteName(table.target)} WHERE ${where}`;
  const matcher = newRowMatcher(key, slice, findings, false);
  const read = async (session: Session): Promise<void> => {
    for await (const batch of session.readRows(select)) matcher.actual(batch);
  };
  for (const shard of target.shards) await target.withSession(shard, read);
  return matcher.finish();
}

/** A second row with a key that was expected once, on another shard, is extra too. */
async function scanForExtras(search: Search, key: RowKey, hashes: Set<number>): Promise<void> {
  const { table, target, findings } = search;
  const names = key.indexes.map((index) => (key.columns[index] as { name: string }).name);
  const shape = names.flatMap((name) => table.columns.filter((column) => column.name === name));
  const keyOnly = rowKeyOf(shape, names) as RowKey;
  for (const shard of target.shards) {
    await target.withSession(shard, async (session) => {
      const range = { after: null, upTo: null };
      for await (const batch of rowsInRange(session, table.target, shape, names, range)) {
        stopIfAsked(search.signal);
        for (let row = 0; row < batch.rows; row++) {
          if (hashes.delete(hash48(keyBytes(keyOnly, batch, row)))) continue;
          findings.add({ what: "extra", key: keyText(keyLiterals(keyOnly, batch, row)), columns: [] });
        }
      }
    });
  }
}
