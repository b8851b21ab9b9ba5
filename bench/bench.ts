import { cpus } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import { sandboxDirectory } from "../src/sandbox/folders.ts";
import { identityOf } from "../src/sandbox/process-identity.ts";
import { sandboxDown, sandboxUp } from "../src/sandbox/sandbox.ts";
import { feedGate } from "./children/feed.ts";
import { insertChunks } from "./children/insert.ts";
import { moveTables } from "./children/move-tables.ts";
import { readOnly } from "./children/read.ts";
import { dumpPeers, handoffPeers, loadPeers } from "./peers/all.ts";
import { dumpPart } from "./peers/vtpipe-load.ts";
import { type BenchLine, peakOfVtpipe, ratiosOf, tableOf } from "./report.ts";
import { measureRounds, type Results } from "./samples.ts";
import { benchTransforms, type TransformBenchOptions } from "./transforms/bench-transforms.ts";
import { measureChain } from "./transforms/child.ts";
import type { ChainOrder } from "./transforms/thread.ts";
import { prepareWorld } from "./world.ts";

interface BenchOptions {
  readonly rows: number;
  readonly loadRows?: number;
  readonly rounds: number;
  readonly only?: "dump" | "load" | "handoff";
  readonly vitess: "auto" | "never" | "always";
  readonly seed: string;
  readonly json?: boolean;
}

/** More rows say nothing more about a load, but take minutes. */
const MOST_LOAD_ROWS = 200_000;

const say = (text: string): void => console.error(`bench: ${text}`);

async function bench(options: BenchOptions): Promise<void> {
  const { rows, rounds, only, vitess, seed } = options;
  const loadRows = Math.min(rows, options.loadRows ?? MOST_LOAD_ROWS);
  const owner = await identityOf(process.pid);
  const directory = sandboxDirectory(`bench-${process.pid}`);
  const state = await sandboxUp({
    directory,
    vitess,
    ...(owner === null ? {} : { owner }),
    onEvent: (event) => {
      if (event.type === "note") say(event.text);
    },
  });
  try {
    const world = await prepareWorld(state, { rows, loadRows, seed }, say);
    const parts: Results[] = [];
    if (only === undefined || only === "dump") {
      parts.push(await measureRounds(await dumpPeers(world), rounds, say));
    }
    if (only === undefined || only === "load") {
      await dumpPart(world);
      parts.push(await measureRounds(await loadPeers(world), rounds, say));
    }
    if (only === undefined || only === "handoff") parts.push(await measureRounds(handoffPeers(world), rounds, say));
    const results: Results = {
      samples: parts.flatMap(({ samples }) => samples),
      absent: parts.flatMap(({ absent }) => absent),
    };
    const kind = world.target.kind === "vitess" ? "vitess" : "router";
    const line: BenchLine = {
      type: "bench",
      rows,
      loadRows,
      rounds,
      ratios: ratiosOf(results),
      peakRssMiB: peakOfVtpipe(results),
      target: kind,
    };
    const head = `${rows.toLocaleString("en")} rows dumped, ${loadRows.toLocaleString("en")} loaded, ${rounds} round${rounds > 1 ? "s" : ""}, ${cpus().length} cores, MySQL ${state.mysql.version}, target: ${world.target.description}`;
    // With --json the last line of the output is for machines, and people still get their table.
    console.log([head, "", tableOf(results), "", ...Object.entries(line.ratios).map(ratioText)].join("\n"));
    if (options.json) console.log(JSON.stringify(line));
  } finally {
    await sandboxDown(directory);
  }
}

const ratioText = ([name, value]: [string, number | null]): string =>
  `${name.padEnd(32)} ${value === null ? "not measured" : value.toFixed(2)}`;

function wholeNumber(text: string): number {
  const value = Number(text.replaceAll("_", ""));
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("a whole number from 1 is expected.");
  return value;
}

/** Programs that are measured from outside and so need a process of their own. */
function childCommand(): Command {
  const child = new Command("child").description("For the bench's own use.");
  child
    .command("read <sandbox> <rows> <connections>")
    .action((sandbox: string, rows: string, connections: string) =>
      readOnly(sandbox, Number(rows), Number(connections)),
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
  .description("Measures dump, load, verify and handoff beside the tools people use today, on a sandbox of its own.")
  .option("--rows <n>", "rows of the table that is dumped", wholeNumber, 200_000)
  .option("--load-rows <n>", `rows of it that are loaded (default: all, at most ${MOST_LOAD_ROWS})`, wholeNumber)
  .option("--rounds <n>", "rounds; medians are shown", wholeNumber, 1)
  .addOption(new Option("--only <part>", "only this part").choices(["dump", "load", "handoff"]))
  .addOption(
    new Option("--vitess <when>", "real Vitess: where found, never (the stand-in router), or always")
      .choices(["auto", "never", "always"])
      .default("auto"),
  )
  .option("--seed <text>", "the same seed makes the same rows", "bench")
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
