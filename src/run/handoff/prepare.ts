import { VtpipeError } from "../../contracts/errors.ts";
import type { HandedTable, HandoffTable } from "../../contracts/handoff.ts";
import type { LanedTable } from "../../handoff/lanes.ts";
import { prepareMoveTables } from "../../handoff/move-tables.ts";
import { inLane } from "../../handoff/plan.ts";
import type { JobContext } from "../job.ts";
import type { RunState } from "../run-state.ts";
import type { TargetSide } from "../target-side.ts";
import { checkWorkflow } from "./check-workflow.ts";
import { type HandoffSide, handoffPlan, laneStates } from "./handoff-side.ts";
import { type StepMode, takeSteps } from "./steps.ts";
import { lanesToDo } from "./verdicts.ts";

/**
 * Before the copy: makes what cannot be made over tables that hold rows. Done again, it changes nothing. The workflow's
 * streams stand still until `startHandoff`.
 */
export async function prepareHandoff(
  side: HandoffSide,
  target: TargetSide,
  state: RunState,
  tables: readonly LanedTable[],
  context: JobContext,
  mode: StepMode,
): Promise<void> {
  const plan = handoffPlan(side, tables);
  const view = await side.look();
  const remembered = state.journal.handoff(side.target);
  const todo = lanesToDo(laneStates(view, plan, remembered?.event ?? null), "prepare", context);
  if (!todo.has("move-tables")) return;
  // Without its table on the target, Vitess would make one from the source's DDL rather than from ours.
  await refuseMissingTables(target, tables);
  if (!mode.printOnly && remembered === null) await remember(side, state, "prepared", tables);
  await takeSteps(side, prepareMoveTables(view, plan), context, mode);
  if (!mode.printOnly) await checkWorkflow(side, plan, context);
}

/** Writes down how far the handoff is about to be taken. */
export async function remember(
  side: HandoffSide,
  state: RunState,
  event: "prepared" | "bridged" | "started" | "completed",
  tables: readonly HandedTable[],
): Promise<void> {
  await state.record({
    type: "handoff",
    target: side.target,
    workflow: side.names.workflow,
    event,
    tables: tables.map(({ source, target, lane }) => ({ source, target, lane })),
  });
}

async function refuseMissingTables({ control }: TargetSide, tables: readonly LanedTable[]): Promise<void> {
  const there = new Set((await control.query("SHOW TABLES")).map((row) => Object.values(row)[0]));
  const missing = inLane(tables, "move-tables").filter(({ target }: HandoffTable) => !there.has(target));
  if (missing.length === 0) return;
  throw new VtpipeError({
    code: "preflight",
    message: `The target has no table ${missing.map(({ target }) => target).join(", ")}.`,
    now: "Nothing was changed.",
    todo: "Make the target's tables first, with `vtpipe schema apply`.",
  });
}
