import { Command } from "commander";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";

export function runCommand(): Command {
  const command = new Command("run").description(
    "Dump, transform, load and verify in one flow. The same command again goes on where it stopped.",
  );
  const groups = ["source", "target", "directory", "tables", "workers", "read", "rate", "load", "verify"] as const;
  return withConfig(command, groups).action((options: ConfigCommandOptions) =>
    runJob("run", options, async (context) => {
      const { runJob: runMainJob } = await import("../../src/run/jobs/run.ts");
      return runMainJob(await configOf(options, context, ["source", "target"]), context);
    }),
  );
}
