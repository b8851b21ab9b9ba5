import { Command } from "commander";
import { runJob as runMainJob } from "../../src/run/jobs/run.ts";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";

export function runCommand(): Command {
  const command = new Command("run").description(
    "Dump, transform, load and verify in one flow. The same command again goes on where it stopped.",
  );
  return withConfig(command, ["source", "target", "directory", "tables", "workers", "read", "load", "verify"]).action(
    (options: ConfigCommandOptions) =>
      runJob("run", options, async (context) => runMainJob(await configOf(options, context), context)),
  );
}
