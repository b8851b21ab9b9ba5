import { Command, InvalidArgumentError, Option } from "commander";
import { defaultWorkers } from "../src/config/schema.ts";
import { feedGate } from "./children/feed.ts";
import { insertChunks } from "./children/insert.ts";
import { moveTables } from "./children/move-tables.ts";
import { readOnly } from "./children/read.ts";
import { runBench } from "./run-bench.ts";
import { type SectionName, sectionNames } from "./sections/section.ts";
import { benchTransforms, type TransformBenchOptions } from "./transforms/bench-transforms.ts";
import { measureChain } from "./transforms/child.ts";
import type { ChainOrder } from "./transforms/thread.ts";

interface CliOptions {
  readonly rows: number;
  readonly loadRows?: number;
  readonly rounds: number;
  readonly workers: number;
  readonly tables: number;
  readonly growth: number;
  readonly memoryRows?: number;
  readonly only: readonly SectionName[];
  readonly vitess: "auto" | "never" | "always";
  readonly seed: string;
  readonly json?: boolean;
  readonly html?: string;
  readonly check?: boolean;
  readonly saveBaseline?: boolean;
}

/** More rows say nothing more about a load, but take minutes. */
const MOST_LOAD_ROWS = 200_000;

const say = (text: string): void => console.error(`bench: ${text}`);

async function bench(options: CliOptions): Promise<void> {
  const { rows, rounds, workers, tables, growth, seed, only, vitess, json, html, check } = options;
  // The table only grows, so what growth has made memory has to take.
  const memoryRows = Math.max(options.memoryRows ?? 0, rows * growth);
  const loadRows = Math.min(rows, options.loadRows ?? MOST_LOAD_ROWS);
  await runBench(
    {
      sizes: { rows, loadRows, rounds, workers, tables, growth, memoryRows, seed },
      only,
      vitess,
      json: json ?? false,
      html: html ?? null,
      check: check ?? false,
      saveBaseline: options.saveBaseline ?? false,
    },
    say,
  );
}

function wholeNumber(text: string): number {
  const value = Number(text.replaceAll("_", ""));
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("a whole number from 1 is expected.");
  return value;
}

function sectionName(text: string, before: readonly SectionName[]): readonly SectionName[] {
  const name = sectionNames.find((one) => one === text);
  if (name === undefined) throw new InvalidArgumentError(`one of ${sectionNames.join(", ")} is expected.`);
  return [...before, name];
}

/** Programs that are measured from outside and so need a process of their own. */
function childCommand(): Command {
  const child = new Command("child").description("For the bench's own use.");
  child
    .command("read <sandbox> <table> <rows> <connections>")
    .action((sandbox: string, table: string, rows: string, connections: string) =>
      readOnly(sandbox, table, Number(rows), Number(connections)),
    );
  child
    .command("insert <sandbox> <directory> <through>")
    .action((sandbox: string, directory: string, through: string) =>
      insertChunks(sandbox, directory, through === "gate" ? "gate" : "shards"),
    );
  child
    .command("move-tables <sandbox> <inserters>")
    .action((sandbox: string, inserters: string) => moveTables(sandbox, Number(inserters)));
  child.command("feed <sandbox>").action((sandbox: string) => feedGate(sandbox));
  child.command("transforms <order>").action((order: string) => measureChain(JSON.parse(order) as ChainOrder));
  return child;
}

const program = new Command("bench")
  // Options behind a command are that command's, though the program has some of the same name.
  .enablePositionalOptions()
  .description("Measures vtpipe against its seven aims, beside the tools people use today, on sandboxes of its own.")
  .option("--rows <n>", "rows of the table that is dumped and run", wholeNumber, 1_000_000)
  .option("--load-rows <n>", `rows of it that are loaded (default: all, at most ${MOST_LOAD_ROWS})`, wholeNumber)
  .option(
    "--rounds <n>",
    "rounds; medians are shown. An even number has each order as often as the other",
    wholeNumber,
    2,
  )
  .option(
    "--workers <n>",
    "workers of the dumps that are held against the aims (default: vtpipe's own)",
    wholeNumber,
    defaultWorkers(),
  )
  .option("--tables <n>", "tables of the section `tables`; the aim has 5000", wholeNumber, 1000)
  .option("--growth <n>", "the largest dump of `growth` has so many times the rows; the aim has 16", wholeNumber, 4)
  .option(
    "--memory-rows <n>",
    "rows of the largest dump of `memory`; the aim has 20 M (default: that of growth)",
    wholeNumber,
  )
  .option(
    "--only <section>",
    `only this section; may be given more than once (${sectionNames.join(", ")}; handoff is left out unless it is named)`,
    sectionName,
    [],
  )
  .addOption(
    new Option("--vitess <when>", "real Vitess: where found, never (the stand-in router), or always")
      .choices(["auto", "never", "always"])
      .default("auto"),
  )
  .option("--seed <text>", "the same seed makes the same rows", "bench")
  .option("--html <file>", "write a page with all figures")
  .option("--check", "fail when a ratio is worse than that of bench/baseline.json, beyond its spread")
  .option("--save-baseline", "keep the ratios in bench/baseline.json")
  .option("--json", "end the output with one JSON line")
  .action(bench);
program
  .command("transforms")
  .description("Measures what transforms cost a worker, without MySQL.")
  .option("--rows <n>", "rows that go through each chain", wholeNumber, 50_000)
  .option("--rounds <n>", "rounds, each with a process for every chain", wholeNumber, 3)
  .option("--pairs <n>", "how often a process runs identity and its chain", wholeNumber, 5)
  .option("--only <text>", "only chains with this in their name")
  .option("--seed <text>", "the same seed makes the same rows", "bench")
  .option("--json", "end the output with one JSON line")
  .action((options: TransformBenchOptions) => benchTransforms(options, say));
program.addCommand(childCommand(), { hidden: true });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
