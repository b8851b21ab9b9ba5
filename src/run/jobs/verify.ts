import type { Config } from "../../config/config.ts";
import { runVerifyJob } from "../copy-job.ts";
import type { JobContext, JobOutcome } from "../job.ts";
import { openFinishedDump } from "../run-state.ts";
import { fitForVerify } from "../target-check.ts";
import { openTargetSide } from "../target-side.ts";
import { startThreads } from "../worker-pool.ts";

/** Compares what the chunk files hold with what the target holds now. Reads no source, changes nothing. */
export async function verifyJob(config: Config, directory: string, context: JobContext): Promise<JobOutcome> {
  await using threads = startThreads(config.workers);
  await using state = await openFinishedDump(config, directory, context.emit);
  await using target = await openTargetSide(config, state.manifest.tables, context.emit);
  const fit = await fitForVerify(target, state, context.emit);
  return await runVerifyJob({ threads, config, context, state, source: null, target: { side: target, fit } });
}
