import type { Config } from "../../config/config.ts";
import { announcePlan } from "../announce.ts";
import { runCopyJob } from "../copy-job.ts";
import type { JobContext, JobOutcome } from "../job.ts";
import { openForDump } from "../run-state.ts";
import { openSourceSide } from "../source-side.ts";
import { startThreads } from "../worker-pool.ts";

/** Reads and transforms every selected table into chunk files; nothing is sent anywhere. */
export async function dumpJob(config: Config, context: JobContext): Promise<JobOutcome> {
  await using threads = startThreads(config.workers);
  await using source = await openSourceSide(config);
  announcePlan(source, context.emit);
  await using state = await openForDump(config, source.plan, context.emit);
  return await runCopyJob({ threads, config, context, state, source, target: null });
}
