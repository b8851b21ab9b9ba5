import type { Config } from "../../config/config.ts";
import { announcePlan } from "../announce.ts";
import { runCopyJob } from "../copy-job.ts";
import { openHandoffSide } from "../handoff/handoff-side.ts";
import { lanesOf } from "../handoff/lanes-of.ts";
import { prepareHandoff } from "../handoff/prepare.ts";
import { takeThem } from "../handoff/steps.ts";
import type { JobContext, JobOutcome } from "../job.ts";
import { openForDump } from "../run-state.ts";
import { openSourceSide } from "../source-side.ts";
import { checkTarget } from "../target-check.ts";
import { openTargetSide } from "../target-side.ts";

/** The main job: reads, transforms, writes chunk files, loads them and verifies, in one flow. */
export async function runJob(config: Config, context: JobContext): Promise<JobOutcome> {
  await using source = await openSourceSide(config);
  announcePlan(config, source, context.emit);
  const tables = source.plan.tables.map(({ manifest }) => manifest);
  await using target = await openTargetSide(config, tables, context.emit);
  // Everything VReplication could not take over is refused before a row is read.
  await using handoff = config.handoff === null ? null : await openHandoffSide(config, context.stop.signal);
  const lanes = handoff === null ? [] : await lanesOf(config, source.plan, target.control, target.topology, context);
  await using state = await openForDump(config.directory, source.plan, context.emit);
  if (handoff !== null) await prepareHandoff(handoff, target, state, lanes, context, takeThem);
  const fit = await checkTarget(target, state, context.emit);
  return await runCopyJob({ config, context, state, source, target: { side: target, fit } });
}
