import { crc32 } from "node:zlib";
import type { DumpedChunk } from "../contracts/chunk.ts";
import { addByCount } from "./findings.ts";
import { hash48, hashedRows } from "./row-hash.ts";
import { rowBytes } from "./row-key.ts";
import type { Search } from "./search.ts";
import { stopIfAsked } from "./target.ts";
import { allRows } from "./target-rows.ts";

/**
 * Compares a table without a key as what it is, a bag of rows: a row that changed is one missing and one extra. Rows are named
 * by their place in the files or by the CRC-32 of their bytes, for there is no key to name them by.
 */
export async function searchRows(
  search: Search,
  chunks: readonly DumpedChunk[],
  fileRows: number,
  targetRows: number,
): Promise<void> {
  const { findings } = search;
  if (fileRows > hashedRows) {
    addByCount(findings, fileRows, targetRows);
    findings.note(
      `Table \`${search.table.target}\` has no key and more than ${hashedRows} rows, so its rows are compared by count and checksum only.`,
    );
    return;
  }
  const open = await countRows(search, chunks);
  await takeAwayTarget(search, open);
  await nameMissing(search, chunks, open);
}

async function countRows(search: Search, chunks: readonly DumpedChunk[]): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (const chunk of chunks) {
    for await (const batch of search.readChunk(chunk)) {
      for (let row = 0; row < batch.rows; row++) {
        const hash = hash48(rowBytes(batch, row));
        counts.set(hash, (counts.get(hash) ?? 0) + 1);
      }
    }
  }
  return counts;
}

async function takeAwayTarget(search: Search, open: Map<number, number>): Promise<void> {
  const { table, target, findings, signal } = search;
  for (const shard of target.shards) {
    await target.withSession(shard, async (session) => {
      for await (const batch of allRows(session, table.target, table.columns)) {
        stopIfAsked(signal);
        for (let row = 0; row < batch.rows; row++) {
          const bytes = rowBytes(batch, row);
          const hash = hash48(bytes);
          const left = open.get(hash) ?? 0;
          if (left > 0) open.set(hash, left - 1);
          else findings.add({ what: "extra", key: `a row on ${shard} with CRC-32 ${crcOf(bytes)}`, columns: [] });
        }
      }
    });
  }
}

async function nameMissing(
  { findings, readChunk }: Search,
  chunks: readonly DumpedChunk[],
  open: Map<number, number>,
): Promise<void> {
  let missing = 0;
  for (const left of open.values()) missing += left;
  for (const chunk of chunks) {
    if (missing === 0) return;
    let number = 0;
    for await (const batch of readChunk(chunk)) {
      for (let row = 0; row < batch.rows; row++) {
        number += 1;
        const bytes = rowBytes(batch, row);
        const hash = hash48(bytes);
        const left = open.get(hash) ?? 0;
        if (left === 0) continue;
        open.set(hash, left - 1);
        missing -= 1;
        const key = `row ${number} of chunk ${chunk.chunk} with CRC-32 ${crcOf(bytes)}`;
        findings.add({ what: "missing", key, columns: [] });
      }
    }
  }
}

function crcOf(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, "0");
}
