import { Command } from "commander";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";

export function loadCommand(): Command {
  const command = new Command("load")
    .description("Load a finished dump through vtgate and verify it. Needs nothing of the source.")
    .argument("<dir>", "run directory of a finished dump");
  return withConfig(command, ["target", "workers", "rate", "load", "verify"]).action(
    (directory: string, options: ConfigCommandOptions) =>
      runJob("load", options, async (context) => {
        const { loadJob } = await import("../../src/run/jobs/load.ts");
        return loadJob(await configOf(options, context, ["target"]), directory, context);
      }),
  );
}
