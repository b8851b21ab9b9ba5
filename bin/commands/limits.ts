import { Command } from "commander";
import { limitsText } from "../../src/contracts/limits-text.ts";
import type { LimitsReport, LimitWishes } from "../../src/run/jobs/limits.ts";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";

interface LimitsOptions extends ConfigCommandOptions {
  readonly threadsRunning?: string;
  readonly sourceLag?: string;
  readonly targetLag?: string;
  readonly vitessThrottler?: string;
  readonly historyList?: string;
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly reset?: boolean;
}

export function limitsCommand(): Command {
  const command = new Command("limits")
    .description(
      "Show or change what a copy keeps to. A run that is at work in the directory takes it up within about a second; it holds for later ones too, before config and command line, until --reset.",
    )
    .argument("[dir]", "run directory (default: the config's)")
    .option("--max-rate <size>", "row bytes per second, such as 50MiB, or none")
    .option("--threads-running <n>", "threads at work on the source besides ours, or none")
    .option("--source-lag <seconds>", "how far the source may be behind its own source, or none")
    .option("--target-lag <seconds>", "how far replicas of the target may be behind, or none")
    .option("--vitess-throttler <on|off>", "ask Vitess's throttler before rows are sent")
    .option("--history-list <n>", "length of the source's history list that ends a run, or none")
    .option("--pause", "neither read nor load")
    .option("--resume", "take --pause back")
    .option("--reset", "forget all changes: what the run was started with holds again");
  return withConfig(command, ["directory"]).action((directory: string | undefined, options: LimitsOptions) =>
    runJob(
      "limits",
      options,
      async (context) => {
        // Here the option is a change, not what the config is read with.
        const { maxRate: _, ...rest } = options;
        const given = directory === undefined ? rest : { ...rest, directory };
        const config =
          directory !== undefined && options.config === undefined ? null : await configOf(given, context, []);
        const { limitsJob } = await import("../../src/run/jobs/limits.ts");
        const { report, outcome } = await limitsJob(directory ?? config?.directory ?? "", config, wishesOf(options));
        context.print(report, () => reportText(report));
        return outcome;
      },
      { summary: "failure" },
    ),
  );
}

/** The options as they were written; what they may be is the schema's to say. */
function wishesOf(options: LimitsOptions): LimitWishes {
  const { maxRate, threadsRunning, sourceLag, targetLag, vitessThrottler, historyList } = options;
  return {
    reset: options.reset ?? false,
    pause: options.pause ?? false,
    resume: options.resume ?? false,
    written: {
      maxRate,
      threadsRunning,
      sourceLagSeconds: sourceLag,
      targetLagSeconds: targetLag,
      vitessThrottler,
      historyListLength: historyList,
    },
  };
}

function reportText({ directory, limits, changes, paused, startedWith }: LimitsReport): string {
  const changed = Object.keys(changes).filter((name) => name !== "paused");
  const since = changed.length === 0 ? "nothing was changed" : `changed by vtpipe limits: ${changed.join(", ")}`;
  const rest = startedWith === "unknown" ? "; with -c the config's are shown, too" : "";
  return `${directory}: ${limitsText(limits, paused)}; ${since}${rest}`;
}
