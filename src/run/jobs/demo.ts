import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileConfig } from "../../config/load-config.ts";
import { readConfigFile } from "../../config/read-file.ts";
import { secretsOf } from "../../config/secrets.ts";
import { identityOf } from "../../sandbox/process-identity.ts";
import { sampleConfig, writeSampleConfig } from "../../sandbox/sample/sample-config.ts";
import { openShop } from "../../sandbox/sample/shop.ts";
import { sandboxDown, sandboxUp } from "../../sandbox/sandbox.ts";
import { followOn } from "../demo/follow-on.ts";
import { handOver } from "../demo/hand-over.ts";
import { act, within } from "../demo/stage.ts";
import type { JobContext, JobOutcome } from "../job.ts";
import { runJob } from "./run.ts";
import { schemaApplyJob } from "./schema.ts";

export interface DemoOptions {
  readonly vitess: "auto" | "never" | "always";
  /** Run directory; what an earlier demo left there is removed. */
  readonly directory: string;
}

/**
 * A migration as a user would do it, on a sandbox with the sample database, whose shop goes on selling: the copy, then, on a real
 * Vitess, handoff, catch-up, comparison, switch and reverse; then everything down.
 */
export async function demoJob({ vitess, directory }: DemoOptions, context: JobContext): Promise<JobOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-demo-"));
  const sandbox = join(folder, "sandbox");
  try {
    const owner = await identityOf(process.pid);
    const state = await act(context, "Servers, and a shop's database", () =>
      sandboxUp({
        directory: sandbox,
        vitess,
        sample: true,
        ...(owner === null ? {} : { owner }),
        onEvent: context.emit,
        signal: context.stop.signal,
      }),
    );
    const wanted = { directory, handoff: true };
    const file = await writeSampleConfig(state, folder, wanted);
    const config = compileConfig(await readConfigFile(file), file, sampleConfig(state, wanted).env);
    context.keepSecret(secretsOf(config));
    await rm(directory, { recursive: true, force: true });
    const { source, target } = state;
    if (target === null) throw new Error("the sandbox has no target");
    await using shop = await openShop(source);
    const outcome = await act(context, "The copy, while the shop goes on selling", async () => {
      await schemaApplyJob(config, within(context));
      const before = shop.transactions;
      // The summary of the demo is that of the copy.
      const copied = await runJob(config, { ...within(context), report: context.report });
      const text = `The shop committed ${shop.transactions - before} transactions meanwhile. The copy is as of one position between them.`;
      context.emit({ type: "note", text });
      return copied;
    });
    if (outcome.failure !== null) return outcome;
    const stage = { config, context, shop, oldSide: source, newSide: { ...target, database: target.keyspace } };
    await (target.kind === "vitess" ? handOver(stage) : followOn(stage));
    return outcome;
  } finally {
    await sandboxDown(sandbox);
    await rm(folder, { recursive: true, force: true });
    context.emit({ type: "note", text: "The sandbox is down; no process of it is left." });
  }
}
