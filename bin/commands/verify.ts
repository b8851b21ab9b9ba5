import { Command } from "commander";
import { verifyJob } from "../../src/run/jobs/verify.ts";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";

export function verifyCommand(): Command {
  const command = new Command("verify")
    .description(
      "Compare a run directory's rows with the target's by checksums; name the rows that differ. Exit 3 if any do.",
    )
    .argument("[dir]", "run directory (default: the config's)");
  return withConfig(command, ["target", "directory", "workers"]).action(
    (directory: string | undefined, options: ConfigCommandOptions) =>
      runJob("verify", options, async (context) => {
        const config = await configOf(options, context);
        return verifyJob(config, directory ?? config.directory, context);
      }),
  );
}
