import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileConfig } from "../../config/load-config.ts";
import { readConfigFile } from "../../config/read-file.ts";
import { secretsOf } from "../../config/secrets.ts";
import { identityOf } from "../../sandbox/process-identity.ts";
import { sampleConfig, writeSampleConfig } from "../../sandbox/sample/sample-config.ts";
import { sandboxDown, sandboxUp } from "../../sandbox/sandbox.ts";
import type { JobContext, JobOutcome } from "../job.ts";
import { runJob } from "./run.ts";
import { schemaApplyJob } from "./schema.ts";

export interface DemoOptions {
  readonly vitess: "auto" | "never" | "always";
  /** Run directory; what an earlier demo left there is removed. */
  readonly directory: string;
}

/** The main job as a user would do it: a sandbox with the sample database, schema apply, run; then everything down. */
export async function demoJob({ vitess, directory }: DemoOptions, context: JobContext): Promise<JobOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-demo-"));
  const sandbox = join(folder, "sandbox");
  try {
    const owner = await identityOf(process.pid);
    const state = await sandboxUp({
      directory: sandbox,
      vitess,
      sample: true,
      ...(owner === null ? {} : { owner }),
      onEvent: context.emit,
      signal: context.stop.signal,
    });
    context.stop.check();
    const file = await writeSampleConfig(state, folder, directory);
    const config = compileConfig(await readConfigFile(file), file, sampleConfig(state).env);
    context.keepSecret(secretsOf(config));
    await rm(directory, { recursive: true, force: true });
    await schemaApplyJob(config, context);
    return await runJob(config, context);
  } finally {
    await sandboxDown(sandbox);
    await rm(folder, { recursive: true, force: true });
    context.emit({ type: "note", text: "The sandbox is down; no process of it is left." });
  }
}
