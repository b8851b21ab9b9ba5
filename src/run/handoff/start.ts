import { VtpipeError } from "../../contracts/errors.ts";
import { type BridgeStream, planBridge } from "../../handoff/bridge.ts";
import type { LanedTable } from "../../handoff/lanes.ts";
import { positionMoveTables, shardsWithoutStream, startMoveTables } from "../../handoff/move-tables.ts";
import { type HandoffPlan, inLane } from "../../handoff/plan.ts";
import { needed, type Step } from "../../handoff/step.ts";
import { insertBridge, insertStreams, limitStreams, removeBridge, runStreams } from "../../handoff/streams.ts";
import { bridgeWorkflow, type HandoffView, streamsWorkflow } from "../../handoff/view.ts";
import { copiedRows } from "../copied-rows.ts";
import { reportFindings } from "../findings.ts";
import { broughtByFollow } from "../follow/brought-by-follow.ts";
import type { JobContext } from "../job.ts";
import type { RunState } from "../run-state.ts";
import { checkWorkflow } from "./check-workflow.ts";
import { type HandoffSide, handoffPlan, laneStates } from "./handoff-side.ts";
import { allReached } from "./positions.ts";
import { remember } from "./prepare.ts";
import { refuseFailed } from "./refuse-failed.ts";
import { type StepMode, takeSteps } from "./steps.ts";
import { refuseMovedSource } from "./still.ts";
import { type LaneState, lanesToDo } from "./verdicts.ts";
import { waitUntil } from "./wait-until.ts";

const startSeconds = 120;
/** Bridging replays what the source did between two snapshots, which may have been days apart. */
const bridgeSeconds = 24 * 3600;

/**
 * After the copy: every stream gets the copy's position and is started. Killed anywhere and done again it ends in the
 * same state, because each step is decided by what Vitess shows. `check` refuses a handoff that could not go on; it is asked
 * only when there is something to start.
 */
export async function startHandoff(
  side: HandoffSide,
  state: RunState,
  tables: readonly LanedTable[],
  check: (position: string) => Promise<void>,
  context: JobContext,
  mode: StepMode,
): Promise<void> {
  const plan = handoffPlan(side, tables);
  const copied = broughtByFollow(copiedRows(state, side.target), tables, state.journal.follows(side.target));
  const carried = tables.filter(({ lane }) => lane !== "still");
  const bridge = planBridge(carried, copied.chunks, copied.position);
  reportFindings(bridge.refusals, context.emit);
  refuseDiffering(state, side.target, context);
  const before = await side.look();
  const remembered = state.journal.handoff(side.target)?.event ?? null;
  const states = laneStates(before, plan, remembered);
  refuseUnprepared(states);
  refuseHalfMade(before);
  const todo = lanesToDo(states, "start", context);
  if (carried.length > 0 && todo.size === 0) return;
  await refuseMovedSource(side, before, copied, tables);
  if (carried.length === 0) return await nothingToCarry(side, state, tables, context, mode);
  // Streams that were started before are past the copy's position.
  if (states.some(({ state }) => state === "none" || state === "prepared" || state === "positioned")) {
    await check(copied.position);
  }
  if (todo.has("move-tables")) await checkWorkflow(side, plan, context);

  if (bridge.streams.length > 0 && remembered !== "bridged" && remembered !== "started") {
    await crossBridge(side, plan, bridge.streams, copied.position, context, mode);
    if (!mode.printOnly) await remember(side, state, "bridged", tables);
  }
  const crossed = mode.printOnly ? before : await side.look();
  const place = [
    ...removeBridge(crossed),
    ...positionMoveTables(crossed, plan, copied),
    ...insertStreams(crossed, plan, tables, copied),
  ];
  await takeSteps(side, needed(...place), context, mode);
  // From here on rows change: streams that were started and are gone must not be begun again at the copy's position.
  if (!mode.printOnly && remembered !== "started") await remember(side, state, "started", tables);
  await takeSteps(side, startSteps(mode.printOnly ? before : await side.look(), plan), context, mode);
  if (!mode.printOnly) await waitUntilRunning(side, plan, context);
}

/** A source that stands still is handed over as soon as it is copied. */
async function nothingToCarry(
  side: HandoffSide,
  state: RunState,
  tables: readonly LanedTable[],
  context: JobContext,
  mode: StepMode,
): Promise<void> {
  if (!mode.printOnly && state.journal.handoff(side.target)?.event !== "started") {
    await remember(side, state, "started", tables);
  }
  const text = "The source stands still at the copy's position: no stream is needed. `vtpipe switch` looks once more.";
  context.emit({ type: "note", text });
}

function startSteps(view: HandoffView, plan: HandoffPlan): Step[] {
  const name = streamsWorkflow(plan.names);
  const streams = inLane(plan.tables, "streams").length > 0;
  return [
    ...startMoveTables(view, plan),
    // A comparison that was killed leaves a position to stop at.
    ...(streams && view.streams?.streams.some(({ state }) => state === "Stopped")
      ? [limitStreams(view, name, null)]
      : []),
    ...(streams ? needed(runStreams(view.streams, plan.names.targetKeyspace, name)) : []),
  ];
}

/** Brings rows that were read at older positions to the newest one, before anything else looks at them. */
async function crossBridge(
  side: HandoffSide,
  plan: HandoffPlan,
  bridge: readonly BridgeStream[],
  newest: string,
  context: JobContext,
  mode: StepMode,
): Promise<void> {
  const name = bridgeWorkflow(side.names);
  const before = await side.look();
  await takeSteps(side, insertBridge(before, plan, bridge, newest), context, mode);
  await takeSteps(side, [runStreams(null, side.names.targetKeyspace, name)], context, mode);
  if (mode.printOnly) return;
  await waitUntil(side, context, {
    what: `the streams of ${name} to reach the newest snapshot's position`,
    seconds: bridgeSeconds,
    async done({ bridge: workflow, sourceShards }) {
      refuseFailed(workflow);
      const streams = workflow?.streams ?? [];
      if (streams.some(({ state }) => state !== "Stopped")) return false;
      return await allReached(
        side.vtctld,
        sourceShards,
        newest,
        streams.map(({ position }) => position),
      );
    },
  });
}

async function waitUntilRunning(side: HandoffSide, plan: HandoffPlan, context: JobContext): Promise<void> {
  await waitUntil(side, context, {
    what: "the streams to run",
    seconds: startSeconds,
    done(view) {
      refuseFailed(view.moveTables);
      refuseFailed(view.streams);
      return laneStates(view, plan, "started").every(({ state }) => state === "running");
    },
  });
}

/** A MoveTables workflow cannot be made over rows, so it is too late when there is none after the copy. */
function refuseUnprepared(states: readonly LaneState[]): void {
  if (!states.some(({ lane, state }) => lane === "move-tables" && state === "none")) return;
  throw new VtpipeError({
    code: "preflight",
    message: "There is no MoveTables workflow, and Vitess makes none over tables that hold rows.",
    now: "Nothing was changed.",
    todo: "Run `vtpipe handoff prepare` before the copy, or `vtpipe run` with a handoff section in its config; then copy into empty tables.",
  });
}

function refuseHalfMade(view: HandoffView): void {
  const missing = shardsWithoutStream(view);
  if (missing.length === 0) return;
  throw new VtpipeError({
    code: "preflight",
    message: `Workflow ${view.names.workflow} has no stream into shard ${missing.join(", ")}: its creation was cut off, or somebody deleted it.`,
    now: "Nothing was changed. What the source changed in rows of that shard since the copy would be lost.",
    todo: "Run `vtpipe cancel`, then copy again into empty tables and a new run directory.",
  });
}

/** Streams carry a difference on for ever, so a copy that was found to differ is not handed over. */
function refuseDiffering({ journal, manifest, directory }: RunState, target: string, context: JobContext): void {
  const verdicts = manifest.tables.map(({ source }) => ({ source, equal: journal.verified(target, source) }));
  const differing = verdicts.filter(({ equal }) => equal === false).map(({ source }) => source);
  if (differing.length > 0) {
    throw new VtpipeError({
      code: "preflight",
      message: `Verification found that ${differing.join(", ")} on the target differ from the copy in ${directory.path}.`,
      now: "Nothing was changed.",
      todo: "Find out who else wrote to the target, copy these tables again, and verify.",
    });
  }
  const unverified = verdicts.filter(({ equal }) => equal === null).length;
  if (unverified > 0) {
    const text = `${unverified} tables were not verified since they were loaded. Run \`vtpipe verify\` before the handoff: afterwards the copy is out of date.`;
    context.emit({ type: "warning", code: "not-verified", text });
  }
}
