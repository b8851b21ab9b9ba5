import type { Config } from "../../config/config.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import type { ManifestTable } from "../../contracts/manifest.ts";
import { decisionText } from "../../transform/decisions.ts";
import type { LeakHit } from "../../verify/leaks/search-leaks.ts";
import { longestLookedFor } from "../../verify/leaks/telling-values.ts";
import { newCounters } from "../counters.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "../job.ts";
import {
  hiddenColumns,
  type LeakColumn,
  type LeakFinding,
  type LeakSamples,
  sampleTables,
  searchChunks,
} from "../leak-phase.ts";
import { outcomeOf } from "../outcome.ts";
import type { JobPlan } from "../plan-job.ts";
import { chunksByTable, openFinishedDump } from "../run-state.ts";
import { openSourceSide } from "../source-side.ts";
import { startWorkers } from "../worker-pool.ts";
import { workerSetup } from "../worker-setup.ts";

export interface LeakOptions {
  /** Rows of each table whose values are looked for. */
  readonly rowsPerTable: number;
  /** Hidden columns whose values may be found, as `table.column`. */
  readonly except: readonly string[];
}

/** What `verify --leaks` looked for and found. */
export interface LeakReport {
  readonly rowsSampled: number;
  readonly values: number;
  readonly columns: readonly LeakColumn[];
  /** Row bytes that were searched. */
  readonly bytesSearched: number;
  readonly findings: readonly LeakFinding[];
}

/**
 * Looks in a run directory's chunk files for values of the source that the config's transforms hide. Needs no target; reads the
 * source as it is now, in small reads without a lock.
 */
export async function verifyLeaksJob(
  config: Config,
  directory: string,
  options: LeakOptions,
  context: JobContext,
): Promise<{ readonly report: LeakReport; readonly outcome: JobOutcome }> {
  const checkStop = (): void => context.stop.check();
  await using state = await openFinishedDump(config, directory, context.emit);
  const { manifest } = state;
  await using source = await openSourceSide(config);
  const { plan } = source;
  const moved = new Set(manifest.tables.map((table) => table.source));
  const hidden = hiddenColumns(plan, options.except).filter(({ table }) => moved.has(table));
  if (plan.fingerprint !== manifest.plan) {
    const text =
      "Config or source are not those the directory was made with: what they hide now is looked for in what was written then.";
    context.emit({ type: "warning", code: "plan-changed", text });
  }
  const byTable = chunksByTable(manifest);
  const chunksOf = (table: string) => byTable.get(table) ?? [];
  const job = { config, context, state, source, target: null };
  const pool = startWorkers(
    Array.from({ length: config.workers }, (_, worker) => workerSetup(job, worker, newCounters())),
    config.transformTimeoutSeconds,
  );
  try {
    const { rowsPerTable } = options;
    const samples = await sampleTables({ plan, hidden, chunksOf, rowsPerTable, pool, checkStop });
    const hits = await searchChunks(samples, manifest.chunks, pool, checkStop);
    const columns = hidden.map((column, number) => ({
      ...column,
      values: samples.columns.reduce((sum, own) => sum + (own === number ? 1 : 0), 0),
    }));
    const report: LeakReport = {
      rowsSampled: samples.rows,
      values: samples.values.length,
      columns,
      bytesSearched: manifest.chunks.reduce((sum, { bytesRaw }) => sum + bytesRaw, 0),
      findings: manifest.tables.flatMap((table) =>
        (hits.get(table.source) ?? []).map((hit) => findingOf(hit, table, plan, columns, samples)),
      ),
    };
    tellUnsearched(report, context);
    return { report, outcome: { ...emptyOutcome, ...outcomeOf(job), failure: leakError(report.findings) } };
  } finally {
    await pool.destroy();
  }
}

function findingOf(
  hit: LeakHit,
  table: ManifestTable,
  plan: JobPlan,
  columns: readonly LeakColumn[],
  { values }: LeakSamples,
): LeakFinding {
  const { table: of, column, decision } = columns[hit.hidden] as LeakColumn;
  const found = table.columns[hit.cell]?.name ?? "";
  return {
    table: of,
    column,
    decision,
    foundIn: { table: table.source, column: found, decision: decisionAbout(plan, table.source, found) },
    cells: hit.cells,
    values: hit.values.length,
    row: hit.row,
    example: masked(values[hit.values[0] ?? 0]?.bytes ?? new Uint8Array()),
  };
}

/** What the config says of a column of the files, by its name on the target. */
function decisionAbout(plan: JobPlan, table: string, column: string): string {
  const chain = plan.tables.find(({ manifest }) => manifest.source === table)?.chain;
  const from = chain?.tableColumns.find((known) => known.column.name === column)?.from;
  if (from === undefined) return "not in this config";
  const decision = chain?.decisions.find((known) => known.column.name === from);
  return decision === undefined ? "added by a transform" : decisionText(decision);
}

function masked(bytes: Uint8Array): string {
  const first = String.fromCharCode(bytes[0] ?? 0);
  const length = bytes.length < longestLookedFor ? `${bytes.length} bytes` : `${bytes.length} bytes or more`;
  return `${/[a-z0-9]/.test(first) ? first : ""}… (${length})`;
}

/** A check that looked for nothing must not pass for one that found nothing. */
function tellUnsearched({ columns }: LeakReport, { emit }: JobContext): void {
  if (columns.length === 0) {
    const text = "No transform hides a column (or all of them are excepted or kept), so nothing was looked for.";
    emit({ type: "warning", code: "no-hidden-column", text });
  }
  const empty = columns.filter(({ values }) => values === 0).map(({ table, column }) => `${table}.${column}`);
  if (empty.length > 0) {
    const text = `Nothing of ${empty.join(", ")} was looked for: no value of the sample was changed that is long and rare enough to tell anything.`;
    emit({ type: "note", text });
  }
}

function leakError(findings: readonly LeakFinding[]): VtpipeError | null {
  const [first] = findings;
  if (first === undefined) return null;
  const places = findings.map(
    ({ table, column, foundIn }) => `${table}.${column} in ${foundIn.table}.${foundIn.column}`,
  );
  return new VtpipeError({
    code: "leak",
    message: `Values that the transforms hide are in the chunk files: ${places.join("; ")}.`,
    now: "Nothing was changed. What was loaded from these files is on the target.",
    todo: "Hide the columns they were found in as well and dump again into a new directory; --except table.column leaves a hidden column out of the search, and `keep` says that its values are no secret.",
    context: { table: first.foundIn.table, column: first.foundIn.column, findings: findings.length },
  });
}
