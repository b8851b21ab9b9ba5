import type { Config } from "../../config/config.ts";
import type { Finding } from "../../contracts/finding.ts";
import type { LanedTable } from "../../handoff/lanes.ts";
import type { Moment, SourceFacts } from "../../handoff/preflight/facts.ts";
import { readHandoffFacts } from "../../handoff/preflight/read-facts.ts";
import { runHandoffChecks } from "../../handoff/preflight/run-checks.ts";
import type { Session } from "../../mysql/session.ts";
import { reportFindings } from "../findings.ts";
import type { JobContext } from "../job.ts";
import type { SourceSide } from "../source-side.ts";
import type { TargetSide } from "../target-side.ts";
import { typicalLoadBytesPerSecond } from "../typical-speeds.ts";
import { type HandoffSide, handoffPlan } from "./handoff-side.ts";
import { lanesOf } from "./lanes-of.ts";

/** The three sides that a handoff's checks look at. */
export interface CheckedSides {
  readonly side: HandoffSide;
  readonly source: SourceSide;
  readonly target: TargetSide;
}

/** What is known of the handoff when it is checked. */
export interface CheckedAt {
  readonly moment: Moment;
  /** The copy's; null: there is none yet, and the source's own is taken. */
  readonly position: string | null;
  /** Does the run directory know of the handoff? null: none is looked at. */
  readonly begun: boolean | null;
}

/**
 * The tables with their lanes; warns of what is worth knowing, and refuses, with all reasons at once, what would fail hours
 * later. Changes nothing.
 */
export async function checkHandoff(
  config: Config,
  sides: CheckedSides,
  at: CheckedAt,
  context: JobContext,
): Promise<readonly LanedTable[]> {
  const { tables, findings } = await lookAtHandoff(config, sides, at);
  reportFindings(findings, context.emit);
  return tables;
}

/** The same without a verdict, for whoever has more to say. */
export async function lookAtHandoff(
  config: Config,
  { side, source, target }: CheckedSides,
  { moment, position, begun }: CheckedAt,
): Promise<{ readonly tables: readonly LanedTable[]; readonly findings: readonly Finding[] }> {
  const { tables, refusals } = await lanesOf(config, source, target);
  // Before any tablet's server: what the source has executed, they have then.
  const server = await readSource(source);
  const schemas = new Map(source.plan.tables.map(({ manifest, source: { table } }) => [manifest.source, table]));
  const facts = await readHandoffFacts(side.vtctld, {
    moment,
    begun,
    plan: handoffPlan(side, tables),
    view: await side.look(),
    tables: tables.flatMap((table) => {
      const schema = schemas.get(table.source);
      return schema === undefined ? [] : [{ ...table, schema }];
    }),
    source: server,
    position: position ?? server.executed,
    serving: await readServing(target.control),
    forecast: {
      bytes: [...schemas.values()].reduce((sum, { bytesEstimate }) => sum + bytesEstimate, 0),
      rate: typicalLoadBytesPerSecond * config.workers,
    },
  });
  return { tables, findings: [...refusals, ...runHandoffChecks(facts)] };
}

async function readSource({ control, address }: SourceSide): Promise<SourceFacts> {
  const [row] = await control.query("SELECT @@GLOBAL.gtid_executed AS executed, @@server_uuid AS uuid");
  return {
    serverUuid: row?.["uuid"] ?? "",
    executed: (row?.["executed"] ?? "").replaceAll(/\s/g, ""),
    database: address.database,
    address: `${address.host}:${address.port}`,
    user: address.user,
  };
}

/** By tablet alias whether vtgate sees it serving; it need not watch all. */
async function readServing(control: Session): Promise<ReadonlyMap<string, boolean>> {
  const rows = await control.query("SHOW VITESS_TABLETS");
  return new Map(rows.map((row) => [row["Alias"] ?? "", row["State"] === "SERVING"]));
}
