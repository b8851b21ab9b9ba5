import type { Config } from "../../config/config.ts";
import { announcePlan } from "../announce.ts";
import { runCopyJob } from "../copy-job.ts";
import type { JobContext, JobOutcome } from "../job.ts";
import { isBegun, openForDump } from "../run-state.ts";
import { openSourceSide } from "../source-side.ts";
import { checkTarget } from "../target-check.ts";
import { openTargetSide } from "../target-side.ts";
import { startThreads } from "../worker-pool.ts";
import { worthDeferring } from "../worth-deferring.ts";

/** The main job: reads, transforms, writes chunk files, loads them and verifies, in one flow. */
export async function runJob(config: Config, context: JobContext): Promise<JobOutcome> {
  await using threads = startThreads(config.workers);
  await using source = await openSourceSide(config);
  announcePlan(source, context.emit);
  const tables = source.plan.tables.map(({ manifest }) => manifest);
  await using target = await openTargetSide(config, tables, context.emit);
  const parts = config.handoff === null ? null : await import("../handoff/before-copy.ts");
  await using side = parts === null ? null : await parts.openHandoffSide(config, context.stop.signal);
  // A handoff in vain is refused before a run directory is made.
  const begun = side === null ? false : await isBegun(config, side.target);
  const at = { moment: "copy", position: null, begun } as const;
  const lanes = parts && side ? await parts.checkHandoff(config, { side, source, target }, at, context) : [];
  await using state = await openForDump(config, source.plan, context.emit);
  if (parts && side) await parts.prepareHandoff(side, target, state, lanes, context, parts.takeThem);
  const fit = await checkTarget(target, state, worthDeferring(config, state, source), context.emit);
  return await runCopyJob({ threads, config, context, state, source, target: { side: target, fit } });
}
