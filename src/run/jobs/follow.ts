import { randomBytes } from "node:crypto";
import type { Config } from "../../config/config.ts";
import { fromWire, VtpipeError } from "../../contracts/errors.ts";
import { positionsOf, startPosition } from "../../follow/standing.ts";
import { parsePosition, positionText } from "../../mysql/gtid-set.ts";
import { checkLog } from "../../source/log-check.ts";
import { copiedRows } from "../copied-rows.ts";
import { newCounters } from "../counters.ts";
import { reportFindings } from "../findings.ts";
import { chooseTables, copyName, followFindings, refuseOthersAtWork } from "../follow/choose-tables.ts";
import { fitForFollow } from "../follow/follow-fit.ts";
import type { FollowOrder, FollowResult } from "../follow/follow-order.ts";
import { dropFollowTables, prepareShards } from "../follow/prepare-shards.ts";
import { type FollowEnd, untilOf } from "../follow/until-of.ts";
import { watchFollow } from "../follow/watch-follow.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "../job.ts";
import type { FollowRecord } from "../journal.ts";
import { openFinishedDump, type RunState, refuseOtherPlan } from "../run-state.ts";
import { openSourceSide, type SourceSide } from "../source-side.ts";
import type { TargetFit } from "../target-check.ts";
import { openTargetSide, type TargetSide } from "../target-side.ts";
import { startWorkers } from "../worker-pool.ts";
import { workerSetup } from "../worker-setup.ts";

/** Carries copied tables on: what the source commits after the copy goes through the same chains to the target. */
export async function followJob(config: Config, end: FollowEnd, context: JobContext): Promise<JobOutcome> {
  await using source = await openSourceSide(config);
  await using state = await openFinishedDump(config, config.directory, context.emit);
  refuseOtherPlan(state, source.plan);
  const { manifest, journal } = state;
  await using target = await openTargetSide(config, manifest.tables, context.emit);
  const copied = copiedRows(state, target.id);
  const names = manifest.tables.map((table) => table.source);
  const tables = chooseTables(config, names, copied.chunks, copied.position, end.at === "snapshot");
  const base = { ...emptyOutcome, target: target.topology.kind, directory: state.directory.path };
  if (tables.length === 0) {
    context.emit({ type: "note", text: nothingToFollow(end) });
    return base;
  }
  const copy = copyName(manifest, tables);
  refuseOthersAtWork(journal, target.id, tables, copy, end.at === "snapshot");
  const chunkPositions = new Map(
    tables.map((table) => [table, copied.chunks.filter((chunk) => chunk.table === table).map((c) => c.position)]),
  );
  const positions = new Map([...chunkPositions].map(([table, all]) => [table, positionsOf(all.map(parsePosition))]));
  const fit = await fitForFollow(target, state, context.emit);
  const planned = source.plan.tables.filter((table) => tables.includes(table.manifest.source));
  const schemas = planned.map((table) => table.source.table);
  const log = await checkLog(source.control, source.plan.database, schemas);
  reportFindings([...followFindings(planned, positions, target.routing, fit), ...log], context.emit);

  const writer = randomBytes(8).toString("hex");
  const start = startPosition([...positions.values()]);
  const begun = journal.follows(target.id).some((record) => record.copy === copy);
  const shards = await prepareShards(target, copy, start, begun, writer);
  const record = (event: FollowRecord["event"], position: string): Promise<void> =>
    state.record({ type: "follow", target: target.id, copy, event, tables, position, at: new Date().toISOString() });
  const until = untilOf(end, [...positions.values()], shards, await executedBy(source));
  await record("started", positionText(start));
  context.emit({ type: "note", text: weaknesses });
  const order: FollowOrder = {
    copy,
    writer,
    tables: [...chunkPositions].map(([table, all]) => ({ source: table, positions: [...new Set(all)] })),
    until,
    shards,
  };
  const startedAt = performance.now();
  const result = await follow({ config, context, state, source, target, fit }, order);
  for (const text of result.notes) context.emit({ type: "note", text });
  await record("stopped", result.position);
  const outcome = {
    ...base,
    position: result.position,
    rowsCopied: result.rows,
    copySeconds: (performance.now() - startedAt) / 1000,
  };
  context.report(outcome);
  if (result.failure !== null) throw fromWire(result.failure);
  if (!result.reached) throw stopped(result);
  const { transactions, rows } = result;
  context.emit({
    type: "note",
    text: `At ${result.position}: ${transactions} transactions with ${rows} changed rows were applied.`,
  });
  return outcome;
}

/** Takes the positions of what was followed from this run directory off the target. */
export async function finishFollowJob(config: Config, context: JobContext): Promise<JobOutcome> {
  await using state = await openFinishedDump(config, config.directory, context.emit);
  await using target = await openTargetSide(config, state.manifest.tables, context.emit);
  const open = state.journal.follows(target.id).filter(({ event }) => event !== "finished");
  // First written down: without its positions nothing can go on, and that has to be known.
  for (const record of open) await state.record({ ...record, event: "finished", at: new Date().toISOString() });
  await dropFollowTables(
    target,
    state.journal.follows(target.id).map(({ copy }) => copy),
  );
  context.emit({ type: "note", text: "The positions were taken off the target; following from here has ended." });
  return { ...emptyOutcome, target: target.topology.kind, directory: state.directory.path };
}

interface FollowJob {
  readonly config: Config;
  readonly context: JobContext;
  readonly state: RunState;
  readonly source: SourceSide;
  readonly target: TargetSide;
  readonly fit: TargetFit;
}

/** One worker does it all: the log has one order. */
async function follow(job: FollowJob, order: FollowOrder): Promise<FollowResult> {
  const { config, context, state, source, target, fit } = job;
  const setup = workerSetup({ config, context, state, source, target: { side: target, fit } }, 0, newCounters());
  const pool = startWorkers([setup], config.transformTimeoutSeconds);
  try {
    await using _ = watchFollow({
      source: source.address,
      emit: context.emit,
      ask: () => pool.run(0, { kind: "follow-status" }),
    });
    return await pool.run(0, { kind: "follow", order });
  } finally {
    await pool.destroy();
  }
}

async function executedBy({ control }: SourceSide): Promise<string> {
  const [row] = await control.query("SELECT @@global.gtid_executed AS executed");
  return positionText(parsePosition(row?.["executed"] ?? ""));
}

const weaknesses =
  "Follow applies the source's log row by row through one worker: it is slower than VReplication, has no VDiff and cannot be reversed.";

function nothingToFollow({ at }: FollowEnd): string {
  return at === "snapshot"
    ? "All rows are at the newest snapshot's position; there is nothing to bring there."
    : "VReplication takes over all tables; handoff.follow names none for `vtpipe follow`.";
}

function stopped({ position, transactions, rows }: FollowResult): VtpipeError {
  return new VtpipeError({
    code: "interrupted",
    message: `Stopped on request after ${transactions} transactions with ${rows} changed rows.`,
    now: `Every transaction up to ${position} is on the target.`,
    todo: "Run the same command again to go on; `vtpipe follow --finish` when the copy is done with.",
  });
}
