import { Command } from "commander";
import type { Config } from "../../src/config/config.ts";
import type { JobContext, JobOutcome } from "../../src/run/job.ts";
import type * as Jobs from "../../src/run/jobs/switch.ts";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";

/** `switch`, `reverse`, `complete` and `cancel`: what moves a handoff from one state to the next. */
export function switchCommands(): readonly Command[] {
  return [switchCommand(), reverseCommand(), completeCommand(), cancelCommand()];
}

function switchCommand(): Command {
  const command = handoffAction(
    "switch",
    "Give the traffic to the target, once lag, streams and the last vdiff allow it.",
    (jobs, config, { dryRun, printOnly, writersFenced, skipVdiff }, context) =>
      jobs.switchJob(config, { ...usual, dryRun, printOnly, writersFenced, skipVdiff }, context),
  );
  return withDryRun(command)
    .option("--writers-fenced", "nobody writes to transformed tables on the source itself any more", false)
    .option("--skip-vdiff", "switch without a fresh `vtpipe vdiff`", false);
}

function reverseCommand(): Command {
  const command = handoffAction(
    "reverse",
    "Give the traffic back to the source, which has followed the target's verbatim tables.",
    (jobs, config, { dryRun, printOnly, loseTargetWrites }, context) =>
      jobs.reverseJob(config, { ...usual, dryRun, printOnly, loseTargetWrites }, context),
  );
  return withDryRun(command).option(
    "--lose-target-writes",
    "what was written to transformed tables on the target may be lost",
    false,
  );
}

function completeCommand(): Command {
  const command = handoffAction(
    "complete",
    "End a handoff whose target has the traffic. The source keeps its tables. There is no way back.",
    (jobs, config, { dryRun, printOnly, dropSourceTables }, context) =>
      jobs.completeJob(config, { ...usual, dryRun, printOnly, dropSourceTables }, context),
  );
  return withDryRun(command).option(
    "--drop-source-tables",
    "have Vitess DROP the verbatim tables on the source",
    false,
  );
}

function cancelCommand(): Command {
  return handoffAction(
    "cancel",
    "End a handoff whose source still has the traffic. The target keeps its rows.",
    (jobs, config, { printOnly, dropTargetTables }, context) =>
      jobs.cancelJob(config, { ...usual, printOnly, dropTargetTables }, context),
  ).option("--drop-target-tables", "have Vitess DROP the tables on the target", false);
}

const usual = { showFilters: false };

interface ActionOptions extends ConfigCommandOptions {
  readonly dryRun: boolean;
  readonly printOnly: boolean;
  readonly writersFenced: boolean;
  readonly skipVdiff: boolean;
  readonly loseTargetWrites: boolean;
  readonly dropSourceTables: boolean;
  readonly dropTargetTables: boolean;
}

function handoffAction(
  name: string,
  description: string,
  job: (jobs: typeof Jobs, config: Config, options: ActionOptions, context: JobContext) => Promise<JobOutcome>,
): Command {
  return withConfig(new Command(name).description(description), ["target", "directory"])
    .option("--print-only", "print the steps with their vtctldclient lines and take none", false)
    .action((options: ActionOptions) =>
      runJob(name, options, async (context) => {
        const jobs = await import("../../src/run/jobs/switch.ts");
        return job(jobs, await configOf(options, context, ["target"]), options, context);
      }),
    );
}

function withDryRun(command: Command): Command {
  return command.option("--dry-run", "check everything, and tell what Vitess would do", false);
}
