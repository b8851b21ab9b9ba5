import type { Config } from "../../config/config.ts";
import type { Unmoved } from "../../contracts/schema.ts";
import { openSession } from "../../mysql/session.ts";
import { readTopology } from "../../vitess/topology.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "../job.ts";
import { openSourceSide } from "../source-side.ts";
import { targetAddress } from "../target-side.ts";

/** The target's schema as the config makes it. */
export interface SchemaReport {
  /** CREATE TABLE without semicolons, in source name order. */
  readonly statements: readonly { readonly table: string; readonly sql: string }[];
  readonly unmoved: readonly Unmoved[];
}

/** The target DDL of every selected table, after transforms. Reads metadata only. */
export async function schemaPrintJob(
  config: Config,
  context: JobContext,
): Promise<{ readonly report: SchemaReport; readonly outcome: JobOutcome }> {
  await using source = await openSourceSide(config);
  const { plan } = source;
  for (const { table, text } of plan.warnings) context.emit({ type: "warning", code: "transform", text, table });
  const statements = plan.tables.map(({ manifest }) => ({ table: manifest.target, sql: manifest.createStatement }));
  return { report: { statements, unmoved: plan.unmoved }, outcome: emptyOutcome };
}

/** Creates on every shard, through vtgate, the tables that are not there yet. Never alters or drops one that is. */
export async function schemaApplyJob(
  config: Config,
  context: JobContext,
): Promise<{ readonly report: SchemaReport; readonly outcome: JobOutcome }> {
  const { report } = await schemaPrintJob(config, context);
  const address = targetAddress(config);
  await using session = await openSession(address, { purpose: "target" });
  const topology = await readTopology(session, address.database);
  const there = new Set((await session.query("SHOW TABLES")).map((row) => Object.values(row)[0]));
  for (const { table, sql } of report.statements) {
    context.stop.check();
    if (there.has(table)) {
      context.emit({ type: "note", text: `${table}: is on the target already and stays as it is.` });
      continue;
    }
    await session.run(sql);
    context.emit({ type: "note", text: `${table}: created on ${topology.shards.length} shards.` });
  }
  return { report, outcome: { ...emptyOutcome, target: topology.kind } };
}
