import { Command } from "commander";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";

export function dumpCommand(): Command {
  const command = new Command("dump").description(
    "Read one consistent snapshot into chunk files. The same command again goes on where it stopped.",
  );
  return withConfig(command, ["source", "directory", "tables", "workers", "read", "rate"]).action(
    (options: ConfigCommandOptions) =>
      runJob("dump", options, async (context) => {
        const { dumpJob } = await import("../../src/run/jobs/dump.ts");
        return dumpJob(await configOf(options, context, ["source"]), context);
      }),
  );
}
