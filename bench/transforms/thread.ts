import { hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { compileConfig } from "../../src/config/load-config.ts";
import type { RowBatch } from "../../src/contracts/rows.ts";
import { findCells } from "../../src/mysql/cells.ts";
import { type ChainWay, dumpOnce, measureParts, transformOnce } from "../../src/run/bench/chain-cost.ts";
import { planJob } from "../../src/run/plan-job.ts";
import { newStepNotes, stepNotesWriter } from "../../src/run/step-notes.ts";
import { watchStrays } from "../../src/run/strays.ts";
import type { WorkerSetup } from "../../src/run/worker-task.ts";
import { loadRegistry } from "../../src/transform/registry.ts";
import { benchChains, identityName } from "./chains.ts";
import { personColumns, personTable } from "./table.ts";
import { rowsFrom } from "./wire.ts";

/** What a measured thread is asked: one chain beside identity. */
export interface ChainOrder {
  readonly chain: string;
  readonly rows: number;
  /** Pairs of identity and chain. */
  readonly pairs: number;
  /** Where answers come from, see `serveAnswers`. */
  readonly socket: string;
  /** Where chunk files go. */
  readonly folder: string;
}

/** CPU seconds of the process, a figure per pair; and what the rows came to. */
export interface ChainFigures {
  readonly bytesIn: number;
  /** The whole of a worker's path: packets to rows, chain, checksums, zstd, chunk file. */
  readonly identity: readonly number[];
  readonly whole: readonly number[];
  /** The chain alone, over the same batches. */
  readonly chain: readonly number[];
  /** The chain's digests and nothing else; null without any. */
  readonly digests: readonly number[] | null;
}

async function wayOf(name: string, { rows, socket }: ChainOrder): Promise<ChainWay> {
  const found = benchChains.find((chain) => chain.name === name);
  if (found === undefined) throw new Error(`there is no chain "${name}"`);
  const rule = { transforms: found.steps };
  const config = compileConfig({ version: 1, tables: { rules: { person: rule } } }, null, {});
  const registry = await loadRegistry(config.tables.rules["person"]?.transforms ?? [], process.cwd());
  const [planned] = planJob(config, "bench", { tables: [personTable(rows)], unmoved: [] }, registry).tables;
  if (planned === undefined) throw new Error("the table is not planned");
  const { manifest, source, chain } = planned;
  const setup = { tables: [{ manifest, source, routing: null }], notes: newStepNotes(), baseDirectory: process.cwd() };
  return {
    source,
    manifest,
    chain,
    notes: stepNotesWriter(setup.notes, 0, [0]),
    // The rest of a setup is about servers.
    strays: watchStrays(setup as unknown as WorkerSetup),
    key: null,
    rows: () => rowsFrom(socket, chain.computed.length),
  };
}

/** The two digests of an HMAC for each value of the columns, without its key: the least that its bytes can cost here. */
function bareDigests(batches: readonly RowBatch[], cells: readonly number[]): () => void {
  const padded: Buffer[] = [];
  const bounds = new Int32Array(personColumns.length * 2);
  for (const { bytes, offsets, rows } of batches) {
    for (let row = 0; row < rows; row++) {
      findCells(bytes, offsets[row] as number, offsets[row + 1] as number, personColumns.length, bounds);
      for (const cell of cells) {
        const start = bounds[cell * 2] as number;
        if (start !== -1) padded.push(Buffer.concat([Buffer.alloc(64), bytes.subarray(start, bounds[cell * 2 + 1])]));
      }
    }
  }
  const outer = Buffer.alloc(96);
  return () => {
    for (const inner of padded) {
      hash("sha256", inner, "hex");
      hash("sha256", outer, "hex");
    }
  };
}

async function figures(order: ChainOrder): Promise<ChainFigures> {
  const [same, changed] = [await wayOf(identityName, order), await wayOf(order.chain, order)];
  const batches: RowBatch[] = [];
  for await (const batch of changed.rows()) batches.push(batch);
  const columns = benchChains.find(({ name }) => name === order.chain)?.digests ?? [];
  const digest = bareDigests(
    batches,
    columns.map((name) => personColumns.findIndex((column) => column.name === name)),
  );
  const found = await measureParts(
    [
      ["identity", () => dumpOnce(same, order.folder)],
      ["whole", () => dumpOnce(changed, order.folder)],
      ["chain", () => transformOnce(changed, batches)],
      ["digests", digest],
    ],
    (passes) => passes < order.pairs,
  );
  return {
    ...found,
    bytesIn: batches.reduce((sum, { offsets, rows }) => sum + (offsets[rows] as number), 0),
    digests: columns.length === 0 ? null : found.digests,
  };
}

parentPort?.postMessage(await figures(workerData as ChainOrder));
