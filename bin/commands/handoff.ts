import { Command } from "commander";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";

interface HandoffOptions extends ConfigCommandOptions {
  readonly printOnly?: boolean;
  readonly showFilters?: boolean;
}

export function handoffCommand(): Command {
  return new Command("handoff")
    .description(
      "VReplication takes the tables over at the copy's exact position. `vtpipe handoff` is `handoff start`.",
    )
    .addCommand(
      handoffPart(
        "start",
        "After the copy: sets VReplication's streams to its position and starts them. Killed anywhere, it can be run again.",
        "handoffStartJob",
      ),
      { isDefault: true },
    )
    .addCommand(
      handoffPart(
        "prepare",
        "Before the copy: creates the MoveTables workflow, stopped. `vtpipe run` does it when the config has a handoff section.",
        "handoffPrepareJob",
      ),
    );
}

function handoffPart(name: string, description: string, job: "handoffStartJob" | "handoffPrepareJob"): Command {
  return withConfig(new Command(name).description(description), ["source", "target", "directory"])
    .option("--print-only", "print the steps with their vtctldclient lines and take none")
    .option("--show-filters", "print the streams' filters in full; they may reveal salts of transforms")
    .action(({ printOnly = false, showFilters = false, ...options }: HandoffOptions) =>
      runJob(`handoff ${name}`, options, async (context) => {
        const jobs = await import("../../src/run/jobs/handoff.ts");
        return jobs[job](await configOf(options, context, ["source", "target"]), { printOnly, showFilters }, context);
      }),
    );
}
