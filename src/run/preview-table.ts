import {
  type KeyVerdict,
  mostPreviewRows,
  type PreviewedRow,
  type PreviewWarning,
  type SampleFacts,
} from "../contracts/preview.ts";
import type { Column } from "../contracts/schema.ts";
import type { Session } from "../mysql/session.ts";
import { chunkQuery } from "../source/chunk-query.ts";
import { collationWeights } from "../source/collation-weights.ts";
import { readSample, type SampleOptions } from "../source/sample.ts";
import type { ChainNotes } from "../transform/compile.ts";
import type { ChainPlan } from "../transform/plan-chain.ts";
import { failureWarning, varyingWarnings } from "../transform/preview/chain-warnings.ts";
import { type KeyCheck, keyCheck } from "../transform/preview/key-check.ts";
import { previewedRow, rowsToShow } from "../transform/preview/row-diff.ts";
import {
  type Cells,
  cellsOf,
  keyText,
  pairRows,
  type RowPair,
  singleRows,
  tryRow,
} from "../transform/preview/row-pairs.ts";
import type { UniqueKey } from "../transform/preview/unique-keys.ts";
import { type ValueTally, valueTally } from "../transform/preview/value-tally.ts";
import type { Strays } from "./strays.ts";
import type { WorkerSource } from "./worker-task.ts";

/** Bytes of rows after the chain that are kept while their keys are compared. */
const keptBytes = 1 << 20;

/** What a worker is asked about one table. Plain data. */
export interface PreviewOrder {
  readonly table: string;
  /** Rows to show. */
  readonly rows: number;
  /** Run the chain over every row as well? */
  readonly full: boolean;
  /** What values and keys are held against. */
  readonly held: {
    readonly columns: readonly Column[];
    /** The unique keys that the source does not vouch for. */
    readonly keys: readonly UniqueKey[];
    readonly against: "target" | "output schema";
  };
}

/** What the rows of one table say. */
export interface TablePreview {
  readonly sample: SampleFacts;
  readonly rowsChecked: number | null;
  readonly rows: readonly PreviewedRow[];
  readonly uniqueKeys: readonly KeyVerdict[];
  readonly warnings: readonly PreviewWarning[];
}

export interface PreviewTableOptions {
  readonly order: PreviewOrder;
  readonly source: WorkerSource;
  readonly chain: ChainPlan;
  /** The same chain made anew, modules loaded again. */
  readonly fresh: ChainPlan;
  /** Inside a transaction on the source. */
  readonly session: Session;
  /** Told of each row and step, for the watch over modules that do not come back. */
  readonly notes: ChainNotes;
  readonly strays: Strays;
  /** A second session on the source, for collations. */
  openSession(): Promise<Session>;
  checkStop(): void;
}

/** Samples a table, runs the chain over what was read, and with `full` over everything. Reads only. */
export async function previewTable(options: PreviewTableOptions): Promise<TablePreview> {
  const { order, source, chain, fresh, session, notes, strays, checkStop } = options;
  const { table, columns, where } = source;
  const sampling: SampleOptions = { ...readingOf(options), session, where, rows: mostPreviewRows, checkStop };
  const sample = await readSample(sampling);
  // What the source computes is part of the chain: only reading it again shows whether it stays the same.
  const reread = chain.computed.length === 0 ? null : await readSample(sampling);
  const pairs = pairRows({ chain, fresh, carried: columns.length, notes }, sample.batches, reread?.batches ?? null);
  await strays.settle();
  const key = table.chunkKey?.columns ?? [];
  const keyOf = (pair: RowPair): string =>
    key.length === 0 ? `row ${pairs.indexOf(pair) + 1} of the sample` : keyText(columns, key, pair.before);

  let weigher: Session | null = null;
  const weigh = async (collation: string, texts: readonly Uint8Array[]): Promise<readonly Uint8Array[] | null> => {
    weigher ??= await options.openSession();
    return collationWeights(weigher, collation, texts);
  };
  const keys = keyCheck(order.held.keys, chain.columns, order.held.columns, weigh);
  const values = valueTally(chain, columns, order.held.columns, order.held.against);
  try {
    const checked = order.full
      ? await checkAllRows(options, keys, values)
      : await checkPairs(pairs, keyOf, keys, values);
    const exact = order.full || sample.whole;
    return {
      sample: {
        rows: pairs.length,
        places: sample.places,
        whole: sample.whole,
        filtered: pairs.filter(({ outcome }) => outcome.kind === "filtered").length,
      },
      rowsChecked: order.full ? checked.rows : null,
      rows: rowsToShow(pairs, order.rows).map((at) => {
        const pair = pairs[at] as RowPair;
        return previewedRow(chain, columns, pair, keyOf(pair));
      }),
      uniqueKeys: keys.verdicts(exact),
      warnings: [
        ...(checked.failures > 0 ? [failureWarning(checked.failures, checked.rows, checked.firstFailure)] : []),
        ...values.warnings(),
        ...keys.warnings(exact, Math.max(table.rowsEstimate, pairs.length)),
        ...varyingWarnings(pairs, keyOf),
      ],
    };
  } finally {
    await (weigher as Session | null)?.close();
  }
}

function readingOf({ source, chain }: PreviewTableOptions): Pick<SampleOptions, "table" | "columns" | "computed"> {
  const { table, columns } = source;
  return { table, columns, computed: chain.computed.map(({ expression }) => expression) };
}

interface Checked {
  readonly rows: number;
  readonly failures: number;
  readonly firstFailure: string;
}

async function checkPairs(
  pairs: readonly RowPair[],
  keyOf: (pair: RowPair) => string,
  keys: KeyCheck,
  values: ValueTally,
): Promise<Checked> {
  const failed = pairs.flatMap(({ outcome }) => (outcome.kind === "failed" ? [outcome.error] : []));
  const kept: Cells[] = [];
  for (const pair of pairs) {
    if (pair.outcome.kind !== "kept") continue;
    kept.push(pair.outcome.cells);
    values.see(pair.before, pair.outcome.cells, () => keyOf(pair));
  }
  do await keys.see(kept);
  while (keys.nextPass());
  return { rows: pairs.length, failures: failed.length, firstFailure: failed[0] ?? "" };
}

/** Every row of the table that passes its `where`, as often as counting its keys takes. Memory: a few batches and the keys' hashes. */
async function checkAllRows(options: PreviewTableOptions, keys: KeyCheck, values: ValueTally): Promise<Checked> {
  const { source, session, chain, notes, strays, checkStop } = options;
  const { table, columns, where } = source;
  const key = table.chunkKey?.columns ?? [];
  const range = { after: null, upTo: null };
  const request = { chunk: "full", table: table.name, range, limitRows: null };
  const sql = chunkQuery({ ...readingOf(options), where, request });
  let rows = 0;
  let failures = 0;
  let firstFailure = "";
  let again = false;
  do {
    for await (const batch of session.readRows(sql)) {
      checkStop();
      let kept: Cells[] = [];
      let bytes = 0;
      for (const row of singleRows(batch)) {
        const outcome = tryRow(chain, row, notes);
        if (outcome.kind === "failed" && !again && ++failures === 1) firstFailure = outcome.error;
        if (outcome.kind !== "kept") continue;
        const before = cellsOf(row, columns.length);
        if (!again) values.see(before, outcome.cells, () => keyText(columns, key, before));
        kept.push(outcome.cells);
        bytes += outcome.bytes;
        if (bytes < keptBytes) continue;
        await keys.see(kept);
        kept = [];
        bytes = 0;
      }
      if (!again) rows += batch.rows;
      await keys.see(kept);
      await strays.settle();
    }
    again = keys.nextPass();
  } while (again);
  return { rows, failures, firstFailure };
}
