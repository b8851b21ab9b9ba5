import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DumpedChunk } from "../../contracts/chunk.ts";
import type { RowBatch } from "../../contracts/rows.ts";
import { stepNotesWriter } from "../step-notes.ts";
import { keyCells } from "../step-trouble.ts";
import { tableChain } from "../table-chain.ts";
import type { BenchWorker } from "./bench-tasks.ts";
import { type ChainWay, dumpOnce, measureParts, transformOnce } from "./chain-cost.ts";
import { shapeOf } from "./shape-of.ts";

/** Where the rows of a chain come from. */
export type ChainRows =
  /** `fingerprint` is that of the files' own manifest. */
  | { readonly kind: "files"; readonly fingerprint: string; readonly chunks: readonly DumpedChunk[] }
  | { readonly kind: "generated"; readonly shape: string; readonly seed: string };

/** A table's chain, and for how long it is run over what rows. */
export interface ChainOrder {
  readonly table: string;
  readonly rows: ChainRows;
  readonly seconds: number;
}

/** CPU seconds of each pass, and what a pass is. */
export interface ChainFigures {
  readonly rows: number;
  readonly bytes: number;
  readonly identity: readonly number[];
  readonly whole: readonly number[];
  readonly chain: readonly number[];
}

/** Row bytes of a pass: enough that a file's making does not count, little enough for many passes. */
const leastBytes = 4 << 20;
const mostBytes = 16 << 20;
/** However long a pass takes, medians want as many. */
const leastPasses = 3;

/** Takes rows through a table's chain and, alternating with it, through none. */
export async function chainTask(worker: BenchWorker, order: ChainOrder): Promise<ChainFigures> {
  const table = worker.tableOf(order.table);
  const source = worker.sourceOf(table);
  const batches = await readBatches(worker, order);
  const notes = stepNotesWriter(worker.setup.notes, worker.setup.tables.indexOf(table), keyCells(source));
  const { strays } = worker;
  const way = (chain: ChainWay["chain"]): ChainWay => ({
    source,
    // Rows of this size need no key to be named by.
    manifest: { ...table.manifest, columns: chain.columns, key: null },
    chain,
    notes,
    strays,
    key: worker.setup.key,
    async *rows() {
      for (const batch of batches) {
        worker.stop.check();
        yield batch;
      }
    },
  });
  const same = way(tableChain({ ...source, steps: [] }, noSteps));
  const changed = way(await worker.chainOf(table.manifest, source));
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-bench-"));
  try {
    let began: number | null = null;
    const figures = await measureParts(
      [
        ["identity", () => dumpOnce(same, folder)],
        ["whole", () => dumpOnce(changed, folder)],
        ["chain", () => transformOnce(changed, batches)],
      ],
      (passes) => {
        began ??= performance.now();
        return passes < leastPasses || performance.now() - began < order.seconds * 1000;
      },
    );
    const sum = (of: (batch: RowBatch) => number): number => batches.reduce((all, batch) => all + of(batch), 0);
    return { ...figures, rows: sum(({ rows }) => rows), bytes: sum(({ offsets, rows }) => offsets[rows] as number) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const noSteps = (): never => {
  throw new RangeError("a chain without steps resolves none");
};

/** Rows of a batch that is generated. */
const generatedAtOnce = 2000;

/** The first rows; of a small table they come several times. */
async function readBatches(worker: BenchWorker, { table, rows }: ChainOrder): Promise<RowBatch[]> {
  const batches: RowBatch[] = [];
  let bytes = 0;
  for await (const batch of rows.kind === "files" ? dumped(worker, table, rows) : generated(rows)) {
    worker.stop.check();
    batches.push(batch);
    bytes += batch.offsets[batch.rows] as number;
    if (bytes >= mostBytes) break;
  }
  const times = bytes === 0 ? 1 : Math.ceil(leastBytes / bytes);
  return Array.from({ length: times }, () => batches).flat();
}

async function* dumped(
  { files }: BenchWorker,
  source: string,
  { fingerprint, chunks }: Extract<ChainRows, { kind: "files" }>,
): AsyncGenerator<RowBatch> {
  for (const chunk of chunks) {
    await using opened = await files.open(chunk, { source, fingerprint });
    yield* opened.batches();
  }
}

function* generated({ shape, seed }: Extract<ChainRows, { kind: "generated" }>): Generator<RowBatch> {
  const { rows } = shapeOf(shape);
  for (let first = 1; ; first += generatedAtOnce) yield rows(seed, first, generatedAtOnce);
}
