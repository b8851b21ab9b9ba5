import { Command, Option } from "commander";
import type { JobContext, JobOutcome } from "../../src/run/job.ts";
import { wholeNumber, withJson } from "../config-options.ts";
import { runJob } from "../job-command.ts";
import type { SandboxCommandOptions } from "../sandbox-actions.ts";

/** Real servers on this machine to try vtpipe on, and the main job on them. */
export function sandboxCommand(): Command {
  return new Command("sandbox")
    .description("Real MySQL servers on loopback, with Vitess where it is installed, to try vtpipe on.")
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(statusCommand())
    .addCommand(demoCommand());
}

type Action = (options: SandboxCommandOptions, context: JobContext) => Promise<JobOutcome>;

/** The sandbox is loaded only when it is asked for: the commands that move data need none of it. */
async function action(name: "up" | "down" | "status" | "demo"): Promise<Action> {
  return (await import("../sandbox-actions.ts"))[name];
}

/** Their summary says nothing to people that they have not read by then. */
const summaryForMachines = (options: SandboxCommandOptions) => ({ summary: options.json === true });

const directoryOption = (): Option =>
  new Option("--directory <dir>", "the sandbox's folder (default: in the cache folder)");
const vitessOption = (): Option =>
  new Option("--vitess <when>", "real Vitess: where found, never (the stand-in router), or always")
    .choices(["auto", "never", "always"])
    .default("auto");

function upCommand(): Command {
  const command = new Command("up")
    .description("Start a source, a server per shard, and Vitess or its stand-in. They run until `down`.")
    .addOption(directoryOption())
    .option("--shards <n>", "1, 2, 4, 8 or 16 (default: 2)", wholeNumber)
    .addOption(vitessOption())
    .option("--sample", "load the sample database into the source")
    .option("--config <dir>", "write a config for the sample database into this folder");
  return withJson(command).action((options: SandboxCommandOptions) =>
    runJob(
      "sandbox up",
      options,
      async (context) => (await action("up"))(options, context),
      summaryForMachines(options),
    ),
  );
}

function downCommand(): Command {
  const command = new Command("down")
    .description("End every process of the sandbox and remove its data.")
    .addOption(directoryOption());
  return withJson(command).action((options: SandboxCommandOptions) =>
    runJob(
      "sandbox down",
      options,
      async (context) => (await action("down"))(options, context),
      summaryForMachines(options),
    ),
  );
}

function statusCommand(): Command {
  const command = new Command("status").description("Say what runs and where.").addOption(directoryOption());
  return withJson(command).action((options: SandboxCommandOptions) =>
    runJob(
      "sandbox status",
      options,
      async (context) => (await action("status"))(options, context),
      summaryForMachines(options),
    ),
  );
}

function demoCommand(): Command {
  const command = new Command("demo")
    .description(
      "A migration from start to end on a sandbox of its own, which is taken down afterwards: a shop goes on selling while it is copied, handed over, switched and given back.",
    )
    .addOption(vitessOption())
    .option("--directory <dir>", "where the run's chunk files go", "runs/demo");
  return withJson(command).action((options: SandboxCommandOptions) =>
    runJob("run", options, async (context) => (await action("demo"))(options, context)),
  );
}
