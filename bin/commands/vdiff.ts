import { Command } from "commander";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";

export function vdiffCommand(): Command {
  const command = new Command("vdiff").description(
    "Compare source and target while streams run: verbatim tables by Vitess's VDiff, transformed ones by checksums at one position.",
  );
  return withConfig(command, ["source", "target", "directory", "workers"]).action((options: ConfigCommandOptions) =>
    runJob("vdiff", options, async (context) => {
      const { vdiffJob } = await import("../../src/run/jobs/vdiff.ts");
      return vdiffJob(await configOf(options, context, ["source", "target"]), context);
    }),
  );
}
