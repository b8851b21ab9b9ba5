import type { Config } from "../../config/config.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import type { Lane } from "../../contracts/handoff.ts";
import type { HandoffCommand } from "../../handoff/machine.ts";
import type { HandoffPlan } from "../../handoff/plan.ts";
import type { HandoffView } from "../../handoff/view.ts";
import type { JobContext } from "../job.ts";
import { openAnyDump, type RunState } from "../run-state.ts";
import { type HandoffSide, handoffPlan, laneStates, openHandoffSide } from "./handoff-side.ts";
import { lanesToDo } from "./verdicts.ts";

/** A handoff that was begun from a run directory. What can be done with it needs neither source nor vtgate. */
export interface BegunHandoff extends AsyncDisposable {
  readonly config: Config;
  readonly side: HandoffSide;
  readonly state: RunState;
  readonly plan: HandoffPlan;
  readonly view: HandoffView;
  /** The lanes in which the command is to be done. */
  readonly todo: ReadonlySet<Lane>;
}

/** Opens the handoff for `command`; refuses it where the handoff stands. */
export async function openBegun(config: Config, command: HandoffCommand, context: JobContext): Promise<BegunHandoff> {
  // A handoff that was prepared can be cancelled before the copy is done; what needs a copy needs started streams.
  const state = await openAnyDump(config, context.emit);
  let side: HandoffSide | null = null;
  try {
    side = await openHandoffSide(config, context.stop.signal);
    return await begun(config, side, state, command, context);
  } catch (error) {
    await side?.[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
    throw error;
  }
}

async function begun(
  config: Config,
  side: HandoffSide,
  state: RunState,
  command: HandoffCommand,
  context: JobContext,
): Promise<BegunHandoff> {
  const record = state.journal.handoff(side.target);
  if (record === null) throw notBegun(state.directory.path, side.target);
  if (record.workflow !== side.names.workflow) throw otherWorkflow(record.workflow, side.names.workflow);
  const plan = handoffPlan(side, record.tables);
  const view = await side.look();
  const todo = lanesToDo(laneStates(view, plan, record.event), command, context);
  return {
    config,
    side,
    state,
    plan,
    view,
    todo,
    async [Symbol.asyncDispose]() {
      await side[Symbol.asyncDispose]();
      await state[Symbol.asyncDispose]();
    },
  };
}

function notBegun(directory: string, target: string): VtpipeError {
  return new VtpipeError({
    code: "preflight",
    message: `No handoff to ${target} was begun from ${directory}.`,
    now: "Nothing was changed.",
    todo: "Begin with `vtpipe run` and a handoff section in the config, then `vtpipe handoff`.",
  });
}

function otherWorkflow(begun: string, configured: string): VtpipeError {
  return new VtpipeError({
    code: "config",
    message: `The handoff was begun as workflow ${begun}, and handoff.workflow says ${configured}.`,
    now: "Nothing was changed.",
    todo: `Set handoff.workflow back to ${begun}.`,
  });
}
