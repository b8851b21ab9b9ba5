import { Command } from "commander";
import type { Config } from "../../src/config/config.ts";
import type { BenchLine } from "../../src/contracts/bench.ts";
import { emptyOutcome, type JobContext } from "../../src/run/job.ts";
import { benchSourceJob } from "../../src/run/jobs/bench-source.ts";
import { type ConfigCommandOptions, configOf, numberWithin, type OptionGroup, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";
import { benchText } from "../render/bench.ts";

interface BenchOptions extends ConfigCommandOptions {
  readonly seconds: number;
  readonly html?: string;
}

interface SourceOptions extends BenchOptions {
  readonly connections?: number;
  readonly rounds: number;
}

/** A worker each, and a worker is at most one of 64. */
const mostConnections = 64;

export function benchCommand(): Command {
  return new Command("bench")
    .description("Measure your own source, transforms, target, or the whole pipeline.")
    .addCommand(sourceCommand());
}

function sourceCommand(): Command {
  const command = new Command("source")
    .description(
      "What the source gives at 1, 2, 4, … connections: the SELECTs of a dump over the config's tables, their rows let go of. Only reads, and takes no lock.",
    )
    .option(
      "--connections <n>",
      "the most connections, 1 to 64 (default: twice the workers)",
      numberWithin(1, mostConnections),
    )
    .option(
      "--seconds <n>",
      "reading time of each number of connections, all rounds together",
      numberWithin(1, 3600),
      10,
    )
    .option("--rounds <n>", "visits of each, 1 to 20; medians are shown", numberWithin(1, 20), 3);
  return withBench<SourceOptions>(command, ["source", "tables", "workers"], (config, options, context) => {
    const { seconds, rounds, connections = Math.min(mostConnections, config.workers * 2) } = options;
    return benchSourceJob(config, { connections, seconds, rounds }, context);
  });
}

/** What all benches share: the config, what they print, where the page goes. */
function withBench<O extends BenchOptions>(
  command: Command,
  groups: readonly OptionGroup[],
  job: (config: Config, options: O, context: JobContext) => Promise<BenchLine>,
): Command {
  return withConfig(command, groups).action((options: O) =>
    runJob(
      `bench ${command.name()}`,
      options,
      async (context) => {
        const line = await job(await configOf(options, context), options, context);
        context.print(line, () => benchText(line));
        return emptyOutcome;
      },
      { summary: options.json === true ? "failure" : false },
    ),
  );
}
