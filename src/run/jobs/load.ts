import type { Config } from "../../config/config.ts";
import { runCopyJob } from "../copy-job.ts";
import type { JobContext, JobOutcome } from "../job.ts";
import { openFinishedDump } from "../run-state.ts";
import { checkTarget } from "../target-check.ts";
import { openTargetSide } from "../target-side.ts";
import { startThreads } from "../worker-pool.ts";
import { worthDeferring } from "../worth-deferring.ts";

/** Loads a finished dump and verifies it. Needs nothing of the source, so it may run on another host. */
export async function loadJob(config: Config, directory: string, context: JobContext): Promise<JobOutcome> {
  await using threads = startThreads(config.workers);
  await using state = await openFinishedDump(config, directory, context.emit);
  await using target = await openTargetSide(config, state.manifest.tables, context.emit);
  const fit = await checkTarget(target, state, worthDeferring(config, state, null), context.emit);
  return await runCopyJob({ threads, config, context, state, source: null, target: { side: target, fit } });
}
