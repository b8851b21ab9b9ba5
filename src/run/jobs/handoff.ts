import type { Config } from "../../config/config.ts";
import { reportFindings } from "../findings.ts";
import { openHandoffSide } from "../handoff/handoff-side.ts";
import { lanesOf } from "../handoff/lanes-of.ts";
import { checkHandoff } from "../handoff/preflight.ts";
import { prepareHandoff } from "../handoff/prepare.ts";
import { startHandoff } from "../handoff/start.ts";
import type { StepMode } from "../handoff/steps.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "../job.ts";
import { isBegun, openFinishedDump, openForDump, refuseOtherPlan } from "../run-state.ts";
import { openSourceSide } from "../source-side.ts";
import { openTargetSide } from "../target-side.ts";

/** What has to be done before the copy; `run` does it by itself when the config has a handoff section. */
export async function handoffPrepareJob(config: Config, mode: StepMode, context: JobContext): Promise<JobOutcome> {
  await using side = await openHandoffSide(config, context.stop.signal);
  await using source = await openSourceSide(config);
  const tables = source.plan.tables.map(({ manifest }) => manifest);
  await using target = await openTargetSide(config, tables, context.emit);
  const begun = await isBegun(config, side.target);
  const laned = await checkHandoff(
    config,
    { side, source, target },
    { moment: "copy", position: null, begun },
    context,
  );
  await using state = await openForDump(config, source.plan, context.emit);
  await prepareHandoff(side, target, state, laned, context, mode);
  return { ...emptyOutcome, target: target.topology.kind, directory: state.directory.path };
}

/** Hands a finished copy over: streams start at its position. */
export async function handoffStartJob(config: Config, mode: StepMode, context: JobContext): Promise<JobOutcome> {
  await using side = await openHandoffSide(config, context.stop.signal);
  await using source = await openSourceSide(config);
  const tables = source.plan.tables.map(({ manifest }) => manifest);
  await using target = await openTargetSide(config, tables, context.emit);
  const { tables: laned, refusals } = await lanesOf(config, source, target);
  reportFindings(refusals, context.emit);
  await using state = await openFinishedDump(config, config.directory, context.emit);
  refuseOtherPlan(state, source.plan);
  const check = async (position: string): Promise<void> => {
    await checkHandoff(config, { side, source, target }, { moment: "handoff", position, begun: true }, context);
  };
  await startHandoff(side, state, laned, check, context, mode);
  return { ...emptyOutcome, target: target.topology.kind, directory: state.directory.path };
}
