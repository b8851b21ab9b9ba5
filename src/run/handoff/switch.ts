import { switchGates } from "../../handoff/gates.ts";
import { lagForVitess } from "../../handoff/lag.ts";
import { switchMoveTables } from "../../handoff/move-tables.ts";
import { type HandoffPlan, inLane } from "../../handoff/plan.ts";
import { makeCall, needed, type Step } from "../../handoff/step.ts";
import { fenceSource, limitStreams, markSwitched, runStreams, stopStreams } from "../../handoff/streams.ts";
import { streamsWorkflow } from "../../handoff/view.ts";
import { copiedRows } from "../copied-rows.ts";
import { reportFindings } from "../findings.ts";
import type { JobContext } from "../job.ts";
import type { BegunHandoff } from "./begun.ts";
import { allReached, sourcePosition } from "./positions.ts";
import { raiseSequences } from "./raise-sequences.ts";
import { refuseSilentLoss } from "./refuse-silent-loss.ts";
import { statusNow } from "./status-now.ts";
import { type StepMode, takeSteps, unstoppable } from "./steps.ts";
import { refuseMovedSource } from "./still.ts";
import { waitUntil } from "./wait-until.ts";

export interface SwitchOptions extends StepMode {
  readonly dryRun: boolean;
  readonly writersFenced: boolean;
  readonly skipVdiff: boolean;
}

/**
 * Gives the traffic to the target. Transformed tables are fenced first and verbatim ones switched then, so that a switch
 * Vitess refuses leaves nothing behind but a fence, which is taken away again.
 */
export async function switchTraffic(begun: BegunHandoff, options: SwitchOptions, context: JobContext): Promise<void> {
  const { side, state, plan, view, todo } = begun;
  if (inLane(plan.tables, "still").length > 0 && todo.size === lanesOf(plan)) {
    await refuseMovedSource(side, view, copiedRows(state, side.target), plan.tables);
  }
  if (lanesOf(plan) === 0) return await switchStill(begun, options, context);
  if (todo.size === 0) return;
  const status = await statusNow(begun, context);
  const lastVdiff = state.journal.vdiff(side.target);
  reportFindings(switchGates({ view, status }, plan, todo, lastVdiff, options, new Date()), context.emit);
  const allowedLagSeconds = lagForVitess(plan, view.moveTables, status);
  const move = todo.has("move-tables")
    ? switchMoveTables(plan, { back: false, dryRun: options.dryRun, allowedLagSeconds })
    : [];
  if (options.dryRun) {
    await dryRun(begun, move, context);
    return await switchStill(begun, options, context);
  }
  if (!todo.has("streams")) {
    await takeSteps(side, move, context, options);
    return await switchStill(begun, options, context);
  }

  const name = streamsWorkflow(side.names);
  await takeSteps(side, needed(fenceSource(view, plan, true)), context, options);
  let position = "the source's position";
  try {
    await takeSteps(side, awaken(begun), context, options);
    if (!options.printOnly) position = await caughtUp(begun, context);
    await raiseSequences(side, begun.config, view, inLane(plan.tables, "streams"), context, options);
    await takeSteps(side, move, context, options);
  } catch (error) {
    // After Ctrl-C too: a fence that nobody takes away holds the application's writes off.
    const fenced = await side.look();
    await takeSteps(side, needed(fenceSource(fenced, plan, false)), unstoppable(context), options);
    throw error;
  }
  const stop = [stopStreams(side.names.targetKeyspace, name), markSwitched(view, plan, position)];
  await takeSteps(side, stop, context, options);
  const tables = inLane(plan.tables, "streams").map(({ target }) => target);
  context.emit({
    type: "note",
    text: `Now point the application to ${side.names.targetKeyspace} for ${tables.join(", ")}: everything the source held at ${position} is there. Nothing replicates these tables back to the source.`,
  });
  await switchStill(begun, options, context);
}

/** How many lanes there are streams in. */
function lanesOf({ tables }: HandoffPlan): number {
  return new Set(tables.map(({ lane }) => lane).filter((lane) => lane !== "still")).size;
}

/** Tables of a source that stands still are on the target as they are: only their sequences and the application are left. */
async function switchStill(
  { side, config, plan, view }: BegunHandoff,
  options: SwitchOptions,
  context: JobContext,
): Promise<void> {
  const still = inLane(plan.tables, "still");
  if (still.length === 0) return;
  const mode = { ...options, printOnly: options.printOnly || options.dryRun };
  await raiseSequences(side, config, view, still, context, mode);
  if (mode.printOnly) return;
  context.emit({
    type: "note",
    text: `Now point the application to ${side.names.targetKeyspace} for ${still.map(({ target }) => target).join(", ")}, and keep the source super_read_only: nothing replicates these tables either way.`,
  });
}

/** A switch that was killed, or a comparison, may have left the streams of transformed tables standing still. */
function awaken({ side, plan, view }: BegunHandoff): Step[] {
  const name = streamsWorkflow(side.names);
  if (!view.streams?.streams.some(({ state }) => state === "Stopped")) return [];
  return [
    markSwitched(view, plan, null),
    limitStreams(view, name, null),
    runStreams(null, side.names.targetKeyspace, name),
  ];
}

/** Waits until the transformed tables hold all that the source has committed by now; returns that position. */
async function caughtUp({ side, plan, view }: BegunHandoff, context: JobContext): Promise<string> {
  const position = await sourcePosition(side.vtctld, view.sourceShards);
  context.emit({ type: "note", text: `Waiting until the streams have applied ${position}.` });
  await waitUntil(side, context, {
    what: `the streams of ${streamsWorkflow(side.names)} to apply everything up to ${position}`,
    seconds: plan.switchTimeoutSeconds,
    done: ({ streams }) => {
      const positions = streams?.streams.map((stream) => stream.position) ?? [];
      return allReached(side.vtctld, view.sourceShards, position, positions);
    },
  });
  return position;
}

/** What Vitess says it would do, and what we would. */
export async function dryRun(
  { side, config, plan, view, todo }: BegunHandoff,
  move: readonly Step[],
  context: JobContext,
): Promise<void> {
  for (const call of move.flatMap(({ calls }) => calls)) {
    const { dryRunResults } = (await makeCall(side.vtctld, call)) as { dryRunResults: readonly string[] };
    for (const text of dryRunResults) context.emit({ type: "note", text: `Vitess would: ${text}` });
  }
  if (!todo.has("streams")) return;
  const shown = { printOnly: true, showFilters: false };
  await takeSteps(side, needed(fenceSource(view, plan, true)), context, shown);
  await raiseSequences(side, config, view, inLane(plan.tables, "streams"), context, shown);
  const stop = stopStreams(side.names.targetKeyspace, streamsWorkflow(side.names));
  await takeSteps(side, needed(stop), context, shown);
}

export interface ReverseOptions extends StepMode {
  readonly dryRun: boolean;
  readonly loseTargetWrites: boolean;
}

/** Gives the traffic back to the source. What the target took meanwhile is on the source only for verbatim tables. */
export async function reverseTraffic(begun: BegunHandoff, options: ReverseOptions, context: JobContext): Promise<void> {
  const { side, plan, view, todo } = begun;
  // A switch that was killed right after its beginning leaves its fence, and nothing else, to take back.
  if (todo.size === 0 && !options.dryRun) {
    return await takeSteps(side, needed(fenceSource(view, plan, false)), context, options);
  }
  if (plan.tables.some(({ lane }) => lane !== "move-tables")) refuseSilentLoss(plan, options.loseTargetWrites);
  const move = todo.has("move-tables")
    ? switchMoveTables(plan, {
        back: true,
        dryRun: options.dryRun,
        allowedLagSeconds: lagForVitess(plan, view.reverse, await statusNow(begun, context)),
      })
    : [];
  if (options.dryRun) return await dryRun({ ...begun, todo: new Set() }, move, context);
  await takeSteps(side, move, context, options);
  if (!todo.has("streams")) return;
  // In this order: killed anywhere, what is left to do still shows.
  const steps = [fenceSource(view, plan, false), ...awaken(begun)];
  await takeSteps(side, needed(...steps), context, options);
}
