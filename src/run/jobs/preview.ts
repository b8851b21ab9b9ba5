import type { Config } from "../../config/config.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import type { Finding } from "../../contracts/finding.ts";
import { didYouMean } from "../../contracts/nearest-name.ts";
import type { PreviewedTable, PreviewReport, PreviewWarning } from "../../contracts/preview.ts";
import { compareColumns } from "../../load/target-checks.ts";
import { whereabouts } from "../../transform/plan-chain.ts";
import { acceptanceOf, acceptedBy } from "../../transform/preview/accepted.ts";
import { chainWarnings } from "../../transform/preview/chain-warnings.ts";
import { expressionWarnings } from "../../transform/preview/expression-keys.ts";
import { foreignKeyWarnings } from "../../transform/preview/foreign-keys.ts";
import { previewedColumns } from "../../transform/preview/row-diff.ts";
import { keysAtRisk, uniqueKeysOf } from "../../transform/preview/unique-keys.ts";
import { newCounters } from "../counters.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "../job.ts";
import type { PlannedTable } from "../plan-job.ts";
import type { PreviewOrder, TablePreview } from "../preview-table.ts";
import { lookAtTarget, type PreviewTarget } from "../preview-target.ts";
import { openSourceSide, type SourceSide } from "../source-side.ts";
import { workerMemory } from "../worker-memory.ts";
import { startWorkers } from "../worker-pool.ts";

export interface PreviewOptions {
  /** Source name of the one table to preview; null: all. */
  readonly table: string | null;
  /** Rows to show of each table, at most `mostPreviewRows`. */
  readonly rows: number;
  readonly full: boolean;
  /** Do warnings make the job fail? */
  readonly strict: boolean;
  /** Warnings that do not: `CODE`, `CODE:table` or `CODE:table.column`. */
  readonly accept: readonly string[];
}

/**
 * Runs the real chains in real workers over sampled rows of the live source, and tells what they do and what may go wrong.
 * Reads rows in read-only transactions, without a lock; writes nothing anywhere.
 */
export async function previewJob(
  config: Config,
  context: JobContext,
  options: PreviewOptions,
): Promise<{ readonly report: PreviewReport; readonly outcome: JobOutcome }> {
  const accepted = options.accept.map(acceptanceOf);
  await using source = await openSourceSide(config);
  const chosen = chooseTables(source.plan.tables, options.table);
  const { target, why } = await lookAtTarget(config, chosen);
  if (target === null) context.emit({ type: "note", text: `Values are held against the output schema: ${why}.` });
  const looks = chosen.map((table) => tableLook(table, target));
  const found = await askWorkers(config, source, chosen, looks, context, options);
  const keys = foreignKeyWarnings(source.plan.tables.map(({ source: { table }, chain }) => ({ table, chain })));
  const names = new Set(chosen.map(({ manifest }) => manifest.source));
  const tables = chosen.map((table, i): PreviewedTable => {
    const { source: name, target: targetName } = table.manifest;
    const { look, preview } = { look: looks[i] as TableLook, preview: found[i] as TablePreview };
    // A warning belongs to the referencing table; where only the referenced one is shown, it is told there.
    const joins = keys.filter(({ child, parent }) => child === name || (parent === name && !names.has(child)));
    return {
      source: name,
      target: targetName,
      class: table.chain.class,
      decidedBy: table.chain.decidedBy,
      columns: previewedColumns(table.chain),
      heldAgainst: look.held.against,
      ...preview,
      warnings: [
        ...unsaid(table, source.findings),
        ...look.warnings,
        ...refusals(look.refused, preview.warnings),
        ...joins.map(({ code, text, child, column, parentColumn }): PreviewWarning => {
          return { code, text, column: child === name ? column : parentColumn };
        }),
        ...preview.warnings,
      ].map((warning) => ({ ...warning, accepted: acceptedBy(name, warning, accepted) !== null })),
    };
  });
  const unmet = accepted.filter(
    (one) => !tables.some(({ source, warnings }) => warnings.some((told) => acceptedBy(source, told, [one]) !== null)),
  );
  for (const { text } of unmet)
    context.emit({ type: "note", text: `--accept ${text}: there is no such warning (any more).` });
  const told = tables.flatMap((table) => table.warnings);
  const warnings = told.filter((warning) => !warning.accepted).length;
  const failure = options.strict && warnings > 0 ? tooManyWarnings(tables, warnings) : null;
  return {
    report: { tables, warnings, accepted: told.length - warnings },
    outcome: { ...emptyOutcome, target: target?.kind ?? null, failure },
  };
}

function chooseTables(tables: readonly PlannedTable[], name: string | null): readonly PlannedTable[] {
  if (name === null) return tables;
  const found = tables.filter(({ manifest }) => manifest.source === name);
  if (found.length > 0) return found;
  const names = tables.map(({ manifest }) => manifest.source);
  throw new VtpipeError({
    code: "usage",
    message: `Table "${name}" is not among those that move.${didYouMean(name, names)}`,
    now: "No row was read; nothing was changed.",
    todo: names.length === 0 ? "Check tables.include and tables.exclude." : `They are: ${names.join(", ")}.`,
  });
}

/** What is known of a table before a row of it is read. */
interface TableLook {
  readonly held: PreviewOrder["held"];
  readonly warnings: readonly PreviewWarning[];
  /** What would keep a load from beginning. */
  readonly refused: readonly Finding[];
}

function tableLook({ manifest, chain, source: { table } }: PlannedTable, target: PreviewTarget | null): TableLook {
  const live = target?.schemas.get(manifest.target);
  const columns = live?.columns ?? chain.columns;
  const keys = uniqueKeysOf(live?.createStatement ?? manifest.createStatement);
  const atRisk = keysAtRisk(chain, uniqueKeysOf(table.createStatement), { columns, keys });
  const sharding = target?.sharding.get(manifest.target) ?? [];
  const rows = { name: manifest.target, columns: chain.columns, key: manifest.key };
  const refused = (live === undefined ? [] : compareColumns(rows, live)).filter(
    ({ severity }) => severity === "refusal",
  );
  return {
    held: { columns, keys: atRisk, against: live === undefined ? "output schema" : "target" },
    warnings: [
      ...chainWarnings(table, chain, keys, sharding),
      ...(target?.differing.get(manifest.target) ?? []).map((text): PreviewWarning => {
        return {
          code: "target",
          column: null,
          text: `${text} Values are held against the first: make the tables alike.`,
        };
      }),
      ...expressionWarnings(chain, live?.createStatement ?? manifest.createStatement),
    ],
    refused,
  };
}

/** What the config leaves unsaid about the table's columns. */
function unsaid({ manifest, chain }: PlannedTable, findings: readonly Finding[]): PreviewWarning[] {
  return findings.flatMap(({ code, table, column, text, todo }): PreviewWarning[] => {
    if (table !== manifest.source || (code !== "sensitive-column" && code !== "undecided-columns")) return [];
    const one = code === "sensitive-column" && column !== undefined ? whereabouts(chain, column) : null;
    return [{ code, column: one?.name ?? null, text: `${text} ${todo}` }];
  });
}

/** Of a column whose values were seen to lose something, that says it better than its type does. */
function refusals(refused: readonly Finding[], found: readonly PreviewWarning[]): PreviewWarning[] {
  const losing = new Set(found.filter(({ code }) => code === "precision-lost").map(({ column }) => column));
  return refused
    .filter(({ code, column }) => code !== "target-column-changes-values" || !losing.has(column ?? null))
    .map(({ text, todo, column = null }) => ({ code: "target", column, text: `${text} ${todo}` }));
}

/** Each worker takes the next table, in a transaction of its own, until none is left. */
async function askWorkers(
  config: Config,
  { address }: SourceSide,
  tables: readonly PlannedTable[],
  looks: readonly TableLook[],
  { stop }: JobContext,
  { rows, full }: PreviewOptions,
): Promise<readonly TablePreview[]> {
  const { directory, baseDirectory } = config;
  const setup = { stop: stop.memory, directory, baseDirectory, source: address, target: null, key: null };
  const workerTables = tables.map(({ manifest, source }) => ({ manifest, source, routing: null }));
  const size = Math.min(config.workers, tables.length);
  const pool = startWorkers(
    Array.from({ length: size }, (_, worker) => ({
      ...setup,
      worker,
      counters: newCounters(),
      ...workerMemory(),
      tables: workerTables,
    })),
    config.transformTimeoutSeconds,
  );
  const found: TablePreview[] = [];
  let next = 0;
  try {
    await Promise.all(
      Array.from({ length: size }, async (_, worker) => {
        await pool.run(worker, { kind: "connect" });
        for (let at = next++; at < tables.length; at = next++) {
          stop.check();
          // A new one for every table, so that none stays open longer than it is read from.
          await pool.run(worker, { kind: "open-snapshot" });
          const { manifest } = tables[at] as PlannedTable;
          const order = { table: manifest.source, rows, full, held: (looks[at] as TableLook).held };
          found[at] = await pool.run(worker, { kind: "preview", order });
        }
        await pool.run(worker, { kind: "close-source" });
      }),
    );
    return found;
  } finally {
    await pool.destroy();
  }
}

function tooManyWarnings(tables: readonly PreviewedTable[], count: number): VtpipeError {
  const warned = tables.flatMap(({ source, warnings }) => {
    const left = warnings.filter(({ accepted }) => !accepted);
    return left.length === 0 ? [] : [{ source, warnings: left }];
  });
  const [first] = warned;
  return new VtpipeError({
    code: "preflight",
    message: `${count} ${count === 1 ? "warning" : "warnings"} in ${warned.map(({ source }) => source).join(", ")}, and with --strict a warning is a failure. The first: ${first?.warnings[0]?.text ?? ""}`,
    now: "Rows were only read; nothing was changed.",
    todo: "Correct what the warnings name: the transforms in the config, or the target's tables. One that is right as it is can be named by --accept; without --strict all are only shown.",
    context: {
      warnings: count,
      ...(first === undefined ? {} : { table: first.source, finding: first.warnings[0]?.code ?? "" }),
    },
  });
}
