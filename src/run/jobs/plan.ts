import type { Config } from "../../config/config.ts";
import type { TableSummary } from "../../contracts/events.ts";
import type { Finding } from "../../contracts/finding.ts";
import type { Unmoved } from "../../contracts/schema.ts";
import { announcePlan } from "../announce.ts";
import { reportFindings } from "../findings.ts";
import { openHandoffSide } from "../handoff/handoff-side.ts";
import { lookAtHandoff } from "../handoff/preflight.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "../job.ts";
import type { JobPlan } from "../plan-job.ts";
import { scanTables } from "../scan.ts";
import { openSourceSide, type SourceSide } from "../source-side.ts";
import { openTargetSide, type TargetSide } from "../target-side.ts";
import { typicalDumpBytesPerSecond, typicalLoadBytesPerSecond } from "../typical-speeds.ts";

/** What would happen, for `vtpipe plan` to show. */
export interface PlanReport {
  readonly tables: readonly PlannedTableReport[];
  readonly unmoved: readonly Unmoved[];
  /** Rough, from row and byte estimates and typical speeds on small machines; null without any table. */
  readonly estimatedSeconds: { readonly dump: number; readonly load: number } | null;
}

export interface PlannedTableReport {
  readonly source: string;
  readonly target: string;
  readonly class: string;
  /** The first step that decides the class; null for identity. */
  readonly decidedBy: string | null;
  readonly rowsEstimate: number;
  readonly bytesEstimate: number;
  readonly chunkKey: readonly string[];
  readonly chunksEstimate: number;
  readonly columns: readonly string[];
  /** How rows find their shard; null when no target is configured. */
  readonly routing: string | null;
}

/**
 * Inspects, plans and checks; changes nothing, and reads no rows unless it is to `scan`. Refusals are thrown, after
 * everything was said.
 */
export async function planReportJob(
  config: Config,
  context: JobContext,
  options: { readonly scan: boolean },
): Promise<{ readonly report: PlanReport; readonly outcome: JobOutcome }> {
  await using source = await openSourceSide(config);
  announcePlan({ ...source, findings: [] }, context.emit);
  await using target = config.target === null ? null : await openTarget(config, source.plan, context);
  const handoff = target === null ? [] : await handoffFindings(config, source, target, context);
  const tables = source.plan.tables.map(
    ({ manifest, chain, source: { table } }): PlannedTableReport => ({
      source: manifest.source,
      target: manifest.target,
      class: manifest.class,
      decidedBy: chain.decidedBy,
      rowsEstimate: table.rowsEstimate,
      bytesEstimate: table.bytesEstimate,
      chunkKey: table.chunkKey?.columns ?? [],
      chunksEstimate: table.chunkKey === null ? 1 : Math.max(1, Math.ceil(table.bytesEstimate / config.chunkBytes)),
      columns: manifest.columns.map(({ name }) => name),
      routing: target?.routing.get(manifest.source)?.why ?? null,
    }),
  );
  const report = { tables, unmoved: source.plan.unmoved, estimatedSeconds: estimate(config, tables) };
  const scanned = options.scan
    ? await scanTables(
        source.control,
        source.plan.tables.map(({ source: { table } }) => table),
        context.stop,
      )
    : [];
  reportFindings([...source.findings, ...handoff, ...scanned], context.emit);
  return { report, outcome: { ...emptyOutcome, tables: tables.map(summaryOf) } };
}

function openTarget(config: Config, plan: JobPlan, context: JobContext): Promise<TargetSide> {
  return openTargetSide(
    config,
    plan.tables.map(({ manifest }) => manifest),
    context.emit,
  );
}

/** What stands against the handoff that the config asks for; nothing without a handoff section or a vtctld to ask. */
async function handoffFindings(
  config: Config,
  source: SourceSide,
  target: TargetSide,
  context: JobContext,
): Promise<readonly Finding[]> {
  if (config.handoff === null || config.target?.vtctld == null) return [];
  await using side = await openHandoffSide(config, context.stop.signal);
  const sides = { side, source, target };
  return (await lookAtHandoff(config, sides, { moment: "copy", position: null, begun: null })).findings;
}

function estimate(config: Config, tables: readonly PlannedTableReport[]): PlanReport["estimatedSeconds"] {
  if (tables.length === 0) return null;
  const bytes = tables.reduce((sum, { bytesEstimate }) => sum + bytesEstimate, 0);
  return {
    dump: bytes / (typicalDumpBytesPerSecond * config.workers),
    load: bytes / (typicalLoadBytesPerSecond * config.workers),
  };
}

function summaryOf(table: PlannedTableReport): TableSummary {
  return {
    source: table.source,
    target: table.target,
    class: table.class as TableSummary["class"],
    rows: table.rowsEstimate,
    bytes: table.bytesEstimate,
    chunks: table.chunksEstimate,
    verified: null,
  };
}
