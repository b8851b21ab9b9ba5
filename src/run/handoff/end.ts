import { denyTables } from "../../handoff/denied-tables.ts";
import { cancelMoveTables, completeMoveTables } from "../../handoff/move-tables.ts";
import { needed, type Step } from "../../handoff/step.ts";
import { deleteStreams, fenceSource, removeBridge } from "../../handoff/streams.ts";
import { streamsWorkflow } from "../../handoff/view.ts";
import type { JobContext } from "../job.ts";
import type { BegunHandoff } from "./begun.ts";
import { remember } from "./prepare.ts";
import { type StepMode, takeSteps } from "./steps.ts";
import { dryRun } from "./switch.ts";

export interface CompleteOptions extends StepMode {
  readonly dryRun: boolean;
  readonly dropSourceTables: boolean;
}

/** Ends a switched handoff. The source keeps its tables unless `dropSourceTables`, which Vitess does for verbatim tables. */
export async function completeHandoff(
  begun: BegunHandoff,
  options: CompleteOptions,
  context: JobContext,
): Promise<void> {
  const { side, state, plan, view, todo } = begun;
  if (todo.size === 0) return;
  const move = todo.has("move-tables") ? completeMoveTables(plan, options.dropSourceTables, options.dryRun) : [];
  if (options.dryRun) return await dryRun({ ...begun, todo: new Set() }, move, context);
  // Vitess forgets a workflow that is complete, so it is noted before: while it is there, what Vitess shows counts.
  if (!options.printOnly) await remember(side, state, "completed", plan.tables);
  // The source's tablets go on refusing statements on the tables, as Vitess has it for its own workflow.
  const streams = todo.has("streams")
    ? [deleteStreams(side.names.targetKeyspace, streamsWorkflow(side.names), view.streams)]
    : [];
  await takeSteps(side, [...move, ...needed(...streams)], context, options);
}

export interface CancelOptions extends StepMode {
  readonly dropTargetTables: boolean;
}

/** Ends a handoff that has not been switched. The target keeps its rows unless `dropTargetTables`. */
export async function cancelHandoff(begun: BegunHandoff, options: CancelOptions, context: JobContext): Promise<void> {
  const { side, plan, view, todo } = begun;
  const keyspace = side.names.targetKeyspace;
  const steps = [
    ...(todo.has("move-tables") ? cancelMoveTables(plan, options.dropTargetTables) : []),
    deleteStreams(keyspace, streamsWorkflow(side.names), view.streams),
    ...removeBridge(view),
    // Whether or not the streams are still there: a cancel that was killed may have come no further.
    fenceSource(view, plan, false),
  ];
  await takeSteps(side, needed(...steps), context, options);
  // Vitess takes the workflow away and leaves its tables denied, so that nobody could use the rows that are kept.
  const after = options.printOnly ? view : await side.look();
  const tables = plan.tables.filter(({ lane }) => lane === "move-tables").map(({ target }) => target);
  const lift: Step = {
    title: "Let the target take statements on these tables again.",
    calls: denyTables(keyspace, after.targetShards, tables, false),
  };
  await takeSteps(side, needed(lift), context, options);
}
