import type { DumpedChunk } from "../contracts/chunk.ts";
import { VtpipeError } from "../contracts/errors.ts";
import { decisionText, isHidden } from "../transform/decisions.ts";
import { type LeakHit, valuesTold } from "../verify/leaks/search-leaks.ts";
import { type LookedForValue, packValues } from "../verify/leaks/value-index.ts";
import type { LeakSampleRequest } from "./leak-tasks.ts";
import type { JobPlan, PlannedTable } from "./plan-job.ts";
import { newWaitingLine } from "./waiting-line.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** A source column whose values must not be in the files, and how many of them were looked for. */
export interface LeakColumn {
  readonly table: string;
  readonly column: string;
  /** What hides it, for people. */
  readonly decision: string;
  readonly values: number;
}

/** Values of a hidden column in a column of the files. */
export interface LeakFinding {
  readonly table: string;
  readonly column: string;
  readonly decision: string;
  readonly foundIn: { readonly table: string; readonly column: string; readonly decision: string };
  /** Cells that hold one, and how many different values they hold (up to 1000 told apart). */
  readonly cells: number;
  readonly values: number;
  /** Key of the first row found; null when there is none that can be shown. */
  readonly row: string | null;
  /** First letter and length of the first value found; never the value. */
  readonly example: string;
}

/** Values that are looked for at most, all columns together: about 50 MB in all threads. */
const valuesInAll = 200_000;
/** Places of a table that rows are sampled from. */
const placesPerTable = 20;

/** The columns a plan hides, but for those in `except` (`table.column`). Throws a `usage` error for one that it does not hide. */
export function hiddenColumns(plan: JobPlan, except: readonly string[]): readonly Omit<LeakColumn, "values">[] {
  const all = plan.tables.flatMap(({ manifest: { source: table }, chain }) =>
    chain.decisions
      .filter(isHidden)
      .map((decision) => ({ table, column: decision.column.name, decision: decisionText(decision) })),
  );
  const names = new Set(all.map(nameOf));
  for (const name of except) {
    if (names.has(name)) continue;
    throw new VtpipeError({
      code: "usage",
      message: `--except ${name}: no transform hides a column of this name.`,
      now: "Nothing was read or changed.",
      todo:
        names.size === 0 ? "Leave the option out." : `Name them as table.column; hidden are ${[...names].join(", ")}.`,
    });
  }
  return all.filter((column) => !except.includes(nameOf(column)));
}

const nameOf = ({ table, column }: { table: string; column: string }): string => `${table}.${column}`;

/** Rows to sample of a table: spread over its chunks, the same number from the beginning of each place. */
export function samplePlaces(
  table: PlannedTable["source"]["table"],
  chunks: readonly DumpedChunk[],
  rows: number,
): LeakSampleRequest["parts"] {
  const arity = table.chunkKey?.columns.length ?? 0;
  const fits = chunks.every(({ range: { after, upTo } }) =>
    [after, upTo].every((bound) => bound === null || bound.length === arity),
  );
  // The source's key may be another one by now.
  if (arity === 0 || chunks.length === 0 || !fits) return [{ range: { after: null, upTo: null }, limitRows: rows }];
  const places = Math.min(placesPerTable, chunks.length, rows);
  return Array.from({ length: places }, (_, i) => {
    const { range } = chunks[Math.floor((i * chunks.length) / places)] as DumpedChunk;
    return { range, limitRows: Math.ceil(rows / places) };
  });
}

export interface LeakSampling {
  readonly plan: JobPlan;
  readonly hidden: readonly Omit<LeakColumn, "values">[];
  readonly chunksOf: (table: string) => readonly DumpedChunk[];
  readonly rowsPerTable: number;
  readonly pool: WorkerPool;
  checkStop(): void;
}

/** What was sampled: `values[i]` belongs to hidden column `columns[i]`. */
export interface LeakSamples {
  readonly rows: number;
  readonly values: readonly LookedForValue[];
  readonly columns: Uint32Array;
}

/** Has the workers sample every table with a hidden column. */
export async function sampleTables(options: LeakSampling): Promise<LeakSamples> {
  const { plan, hidden, chunksOf, rowsPerTable, pool, checkStop } = options;
  const most = Math.max(1, Math.floor(valuesInAll / Math.max(1, hidden.length)));
  const found = new Map<number, readonly LookedForValue[]>();
  let rows = 0;
  const tables = plan.tables.filter(({ manifest: { source } }) => hidden.some(({ table }) => table === source));
  await onWorkers(pool, tables, async (worker, { manifest: { source: table }, source }) => {
    checkStop();
    const numbers = hidden.flatMap((column, number) => (column.table === table ? [number] : []));
    const columns = numbers.map((number) => (hidden[number] as LeakColumn).column);
    const parts = samplePlaces(source.table, chunksOf(table), rowsPerTable);
    const sampled = await pool.run(worker, { kind: "sample-leaks", table, request: { columns, parts, most } });
    rows += sampled.rows;
    numbers.forEach((number, i) => {
      found.set(number, sampled.values[i] ?? []);
    });
  });
  const values = hidden.flatMap((_, number) => found.get(number) ?? []);
  const columns = Uint32Array.from(hidden.flatMap((_, number) => (found.get(number) ?? []).map(() => number)));
  return { rows, values, columns };
}

/** Has the workers search all chunk files; the hits of all files, by table. */
export async function searchChunks(
  samples: LeakSamples,
  chunks: readonly DumpedChunk[],
  pool: WorkerPool,
  checkStop: () => void,
): Promise<ReadonlyMap<string, readonly LeakHit[]>> {
  const columns = new SharedArrayBuffer(samples.columns.byteLength);
  new Uint32Array(columns).set(samples.columns);
  const values = { packed: packValues(samples.values), columns };
  const workers = Array.from({ length: pool.size }, (_, worker) => worker);
  await Promise.all(workers.map((worker) => pool.run(worker, { kind: "leak-values", values })));
  const hits = new Map<string, LeakHit[]>();
  await onWorkers(pool, chunks, async (worker, dumped) => {
    checkStop();
    const found = await pool.run(worker, { kind: "search-leaks", dumped });
    hits.set(dumped.table, mergeHits([...(hits.get(dumped.table) ?? []), ...found]));
  });
  return hits;
}

/** Hits of several files, one per hidden column and place. */
export function mergeHits(hits: readonly LeakHit[]): LeakHit[] {
  const merged = new Map<string, LeakHit>();
  for (const hit of hits) {
    const name = `${hit.hidden}:${hit.cell}`;
    const known = merged.get(name);
    merged.set(
      name,
      known === undefined
        ? hit
        : {
            ...known,
            cells: known.cells + hit.cells,
            values: [...new Set([...known.values, ...hit.values])].slice(0, valuesTold),
            row: known.row ?? hit.row,
          },
    );
  }
  return [...merged.values()];
}

/** Each item by the next worker that is free; waits for all of them before it throws the first failure. */
async function onWorkers<T>(
  pool: WorkerPool,
  items: readonly T[],
  work: (worker: number, item: T) => Promise<void>,
): Promise<void> {
  const line = newWaitingLine<T>();
  for (const item of items) line.put(item);
  line.close();
  const lane = async (worker: number): Promise<void> => {
    for (let item = await line.take(); item !== null; item = await line.take()) await work(worker, item);
  };
  const lanes = Array.from({ length: pool.size }, (_, worker) => lane(worker));
  await Promise.allSettled(lanes);
  await Promise.all(lanes);
}
