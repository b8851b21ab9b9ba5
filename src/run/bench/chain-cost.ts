import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ManifestTable } from "../../contracts/manifest.ts";
import type { RowBatch } from "../../contracts/rows.ts";
import type { StoreKey } from "../../store/store-key.ts";
import type { ChainNotes } from "../../transform/compile.ts";
import type { ChainPlan } from "../../transform/plan-chain.ts";
import { newRowRoom } from "../../transform/row-writer.ts";
import { chunkFiles } from "../chunk-files.ts";
import { counterWriter, newCounters } from "../counters.ts";
import { dumpChunk } from "../dump-chunk.ts";
import { freeLane } from "../lane.ts";
import type { Strays } from "../strays.ts";
import type { WorkerSource } from "../worker-task.ts";

/** What a worker needs to take rows through a chain. */
export interface ChainWay {
  readonly source: WorkerSource;
  readonly manifest: ManifestTable;
  readonly chain: ChainPlan;
  readonly notes: ChainNotes;
  readonly strays: Strays;
  /** Of the run directory; its rows are in clear on no other disk either. */
  readonly key: StoreKey | null;
  /** In the place of the source. */
  rows(): AsyncIterable<RowBatch>;
}

/** A worker's whole path but for the source, into a chunk file in `folder` that is removed again. */
export async function dumpOnce(
  { source, manifest, chain, notes, strays, key, rows }: ChainWay,
  folder: string,
): Promise<void> {
  const path = join(folder, "chunk.zst");
  const nowhere = { takenAt: "2026-01-01T00:00:00Z", serverUuid: "", serverVersion: "" };
  await dumpChunk({
    request: { chunk: "1-1", table: manifest.source, range: { after: null, upTo: null }, limitRows: null },
    snapshot: { id: 1, position: null, method: "no lock, position unchanged", lockMs: 0, ...nowhere },
    session: { readRows: rows },
    source,
    manifest,
    chain,
    notes,
    strays,
    lane: freeLane,
    files: chunkFiles(async () => path, key),
    count: counterWriter(newCounters()),
    checkStop() {},
  });
  await rm(path);
}

/** The chain alone. */
export function transformOnce({ chain, notes }: ChainWay, batches: Iterable<RowBatch>): void {
  // As a dump has it: new buffers for every batch would have V8 collect, with everything else that is alive here.
  const room = newRowRoom();
  for (const batch of batches) for (const _piece of chain.pieces(batch, notes, room));
}

/** Passes before any is measured, so that V8 has compiled what it will. */
const warmUps = 4;

/**
 * CPU seconds of the process for each part, pass by pass. Every second pass goes backwards, so that what else the
 * machine does meets all parts. `goOn` is asked after each measured pass with how many there are.
 */
export async function measureParts<K extends string>(
  parts: readonly (readonly [K, () => void | Promise<void>])[],
  goOn: (passes: number) => boolean,
): Promise<Readonly<Record<K, readonly number[]>>> {
  const found = Object.fromEntries(parts.map(([part]) => [part, [] as number[]])) as Record<K, number[]>;
  for (let pass = -warmUps; pass < 0 || goOn(pass); pass++) {
    for (const [part, work] of pass % 2 === 0 ? parts : parts.toReversed()) {
      const seconds = await cpuSeconds(work);
      if (pass >= 0) found[part].push(seconds);
    }
  }
  return found;
}

async function cpuSeconds(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
