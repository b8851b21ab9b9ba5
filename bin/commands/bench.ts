import { Command, Option } from "commander";
import type { Config } from "../../src/config/config.ts";
import { type BenchLine, benchShapes } from "../../src/contracts/bench.ts";
import { emptyOutcome, type JobContext } from "../../src/run/job.ts";
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
    .addCommand(sourceCommand())
    .addCommand(transformCommand())
    .addCommand(targetCommand())
    .addCommand(runCommand());
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
  return withBench<SourceOptions>(command, ["source", "tables", "workers"], async (config, options, context) => {
    const { benchSourceJob } = await import("../../src/run/jobs/bench-source.ts");
    const { seconds, rounds, connections = Math.min(mostConnections, config.workers * 2) } = options;
    return benchSourceJob(config, { connections, seconds, rounds }, context);
  });
}

const shapeOption = (what: string): Option =>
  new Option("--shape <name>", what).choices(benchShapes).default(benchShapes[0]);

interface TransformOptions extends BenchOptions {
  readonly shape: string;
}

function transformCommand(): Command {
  const command = new Command("transform")
    .description(
      "What each table's chain costs a worker, over the rows of a finished dump without transforms, or generated ones. Asks no server anything; times are of CPU.",
    )
    .argument(
      "[dir]",
      "run directory of a finished dump whose rows went through no transforms (default: generated rows)",
    )
    .addOption(
      shapeOption("without a directory: what rows are like; they go through the chain of the table of that name"),
    )
    .option("--seconds <n>", "of each table, after a warm-up", numberWithin(1, 3600), 5);
  return withBench<TransformOptions>(command, ["tables"], async (config, { seconds, shape }, context, directory) => {
    const { benchTransformJob } = await import("../../src/run/jobs/bench-transform.ts");
    return benchTransformJob(config, { directory, shape, seconds }, context);
  });
}

interface TargetOptions extends BenchOptions {
  readonly from?: string;
  readonly shape: string;
  readonly table?: string;
  readonly scratch?: string;
  readonly rowsPerStatement: readonly number[];
  readonly sessions: readonly number[];
}

function targetCommand(): Command {
  const command = new Command("target")
    .description(
      "What the target takes, by strategy, statement size and sessions, through the loader of a run, into a scratch table that is made on every shard and dropped again.",
    )
    .option("--from <dir>", "run directory of a finished dump whose rows are loaded (default: generated rows)")
    .addOption(shapeOption("what generated rows are like"))
    .option(
      "--table <name>",
      "with --from: its table, by the name at the source (default: of those with a key and a tenth of the rows the one whose rows are nearest to the average size)",
    )
    .option(
      "--scratch <name>",
      "name of the scratch table, which must not exist; one that the vschema has is measured through vtgate's own routing as well (default: _vtpipe_bench_ and eight random digits)",
    )
    .option("--seconds <n>", "loading time of each combination", numberWithin(1, 3600), 5)
    .addOption(numbers("--rows-per-statement <n...>", "statement sizes", 10_000, [250, 1000, 4000]))
    .addOption(numbers("--sessions <n...>", "sessions to each shard", 64, [1, 2, 4]));
  return withBench<TargetOptions>(command, ["target", "workers", "strategy"], async (config, options, context) => {
    const { benchTargetJob } = await import("../../src/run/jobs/bench-target.ts");
    const { from = null, shape, table = null, scratch = null, seconds, rowsPerStatement, sessions } = options;
    const { strategy } = config.load;
    const strategies = strategy === "auto" ? (["json-table", "values"] as const) : [strategy];
    return benchTargetJob(
      config,
      { from, shape, table, scratch, seconds, strategies, rowsPerStatement, sessions },
      context,
    );
  });
}

interface RunOptions extends BenchOptions {
  readonly targetAlone?: boolean;
}

function runCommand(): Command {
  const command = new Command("run")
    .description(
      "The config's run, as `vtpipe run` does it, with what its workers did over time, the stage that limits it, and what would move that limit. It refuses what a run refuses, and the rows stay on the target.",
    )
    .option("--seconds <n>", "how long the source is read alone after the run", numberWithin(1, 3600), 5)
    .option(
      "--target-alone",
      "then load rows of the run directory alone for as long, into a scratch table as `bench target` does",
    );
  const groups = ["source", "target", "directory", "tables", "workers", "read", "load", "verify"] as const;
  return withBench<RunOptions>(command, groups, async (config, { seconds, targetAlone = false }, context) => {
    const { benchRunJob } = await import("../../src/run/jobs/bench-run.ts");
    return benchRunJob(config, { seconds, target: targetAlone }, context);
  });
}

/** An option that takes several numbers from 1 to `most`; those given take the place of the usual ones. */
function numbers(flags: string, what: string, most: number, usual: readonly number[]): Option {
  const parse = numberWithin(1, most);
  const given: number[] = [];
  return new Option(flags, `${what}, 1 to ${most}`).default(usual, usual.join(" ")).argParser((text) => {
    given.push(parse(text));
    return [...given];
  });
}

/** What all benches share: the config, what they print, where the page goes. `directory` is the argument, if there is one. */
function withBench<O extends BenchOptions>(
  command: Command,
  groups: readonly OptionGroup[],
  job: (config: Config, options: O, context: JobContext, directory: string | null) => Promise<BenchLine>,
): Command {
  const run = (directory: string | null, options: O): Promise<void> =>
    runJob(
      `bench ${command.name()}`,
      options,
      async (context) => {
        const { checkPageFile, writePage } = await import("../../src/run/bench/write-page.ts");
        if (options.html !== undefined) await checkPageFile(options.html);
        const sides = (["source", "target"] as const).filter((side) => groups.includes(side));
        const line = await job(await configOf(options, context, sides), options, context, directory);
        context.print(line, () => benchText(line));
        if (options.html !== undefined) await writePage(options.html, line);
        return emptyOutcome;
      },
      { summary: options.json === true ? "failure" : false },
    );
  const configured = withConfig(command.option("--html <file>", "write the figures as a page, too"), groups);
  return command.registeredArguments.length > 0
    ? configured.action((directory: string | undefined, options: O) => run(directory ?? null, options))
    : configured.action((options: O) => run(null, options));
}
