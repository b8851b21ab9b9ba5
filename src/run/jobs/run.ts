import type { Config } from "../../config/config.ts";
import { announcePlan } from "../announce.ts";
import { runCopyJob } from "../copy-job.ts";
import { openHandoffSide } from "../handoff/handoff-side.ts";
import { checkHandoff } from "../handoff/preflight.ts";
import { prepareHandoff } from "../handoff/prepare.ts";
import { takeThem } from "../handoff/steps.ts";
import type { JobContext, JobOutcome } from "../job.ts";
import { isBegun, openForDump } from "../run-state.ts";
import { openSourceSide } from "../source-side.ts";
import { checkTarget } from "../target-check.ts";
import { openTargetSide } from "../target-side.ts";

/** The main job: reads, transforms, writes chunk files, loads them and verifies, in one flow. */
export async function runJob(config: Config, context: JobContext): Promise<JobOutcome> {
  await using source = await openSourceSide(config);
  announcePlan(config, source, context.emit);
  const tables = source.plan.tables.map(({ manifest }) => manifest);
  await using target = await openTargetSide(config, tables, context.emit);
  await using side = config.handoff === null ? null : await openHandoffSide(config, context.stop.signal);
  // A handoff in vain is refused before a run directory is made.
  const begun = side === null ? false : await isBegun(config.directory, side.target);
  const handoff = side === null ? null : { side, source, target };
  const at = { moment: "copy", position: null, begun } as const;
  const lanes = handoff === null ? [] : await checkHandoff(config, handoff, at, context);
  await using state = await openForDump(config.directory, source.plan, context.emit);
  if (side !== null) await prepareHandoff(side, target, state, lanes, context, takeThem);
  const fit = await checkTarget(target, state, context.emit);
  return await runCopyJob({ config, context, state, source, target: { side: target, fit } });
}
