import type { Config } from "../../config/config.ts";
import type { HandoffCommand } from "../../handoff/machine.ts";
import { type BegunHandoff, openBegun } from "../handoff/begun.ts";
import { type CancelOptions, type CompleteOptions, cancelHandoff, completeHandoff } from "../handoff/end.ts";
import { type ReverseOptions, reverseTraffic, type SwitchOptions, switchTraffic } from "../handoff/switch.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "../job.ts";

/** Gives the traffic to the target. */
export function switchJob(config: Config, options: SwitchOptions, context: JobContext): Promise<JobOutcome> {
  return inHandoff(config, "switch", context, (begun) => switchTraffic(begun, options, context));
}

/** Gives the traffic back to the source. */
export function reverseJob(config: Config, options: ReverseOptions, context: JobContext): Promise<JobOutcome> {
  return inHandoff(config, "reverse", context, (begun) => reverseTraffic(begun, options, context));
}

/** Ends a handoff whose target has the traffic. */
export function completeJob(config: Config, options: CompleteOptions, context: JobContext): Promise<JobOutcome> {
  return inHandoff(config, "complete", context, (begun) => completeHandoff(begun, options, context));
}

/** Ends a handoff whose source still has the traffic. */
export function cancelJob(config: Config, options: CancelOptions, context: JobContext): Promise<JobOutcome> {
  return inHandoff(config, "cancel", context, (begun) => cancelHandoff(begun, options, context));
}

async function inHandoff(
  config: Config,
  command: HandoffCommand,
  context: JobContext,
  work: (begun: BegunHandoff) => Promise<void>,
): Promise<JobOutcome> {
  await using begun = await openBegun(config, command, context);
  await work(begun);
  return { ...emptyOutcome, directory: begun.state.directory.path, target: "vitess" };
}
