import { arch, cpus, platform } from "node:os";
import type {
  BenchBars,
  BenchLine,
  BenchPage,
  RunBench,
  Skipped,
  SourceBench,
  Spread,
  TargetBench,
  TransformBench,
} from "../../contracts/bench.ts";
import { formatCount } from "../../contracts/format-count.ts";
import { version } from "../../version.ts";
import { combinationText } from "./combinations.ts";

/** What a page shows of a bench, but for the facts of machine and moment. */
type Content = Pick<BenchPage, "bars" | "timelines" | "budget" | "notes"> & { readonly facts: BenchPage["facts"] };

/** The page of a bench that ended at `at`. */
export function pageOf(line: BenchLine, at: Date): BenchPage {
  const content = contentOf(line);
  const machine = [
    { name: "when", value: at.toISOString().slice(0, 16).replace("T", " ") },
    { name: "vtpipe", value: version },
    {
      name: "machine",
      value: `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${platform()} ${arch()}`,
    },
    { name: "Node", value: process.versions.node },
  ];
  return { title: `vtpipe ${line.command}`, aims: [], ...content, facts: [...machine, ...content.facts] };
}

function contentOf(line: BenchLine): Content {
  switch (line.command) {
    case "bench source":
      return sourceContent(line);
    case "bench transform":
      return transformContent(line);
    case "bench target":
      return targetContent(line);
    case "bench run":
      return runContent(line);
  }
}

const plain = { timelines: [], budget: null } as const;
const one = (value: number): Spread => ({ median: value, min: value, max: value });
const perMillion = ({ median, min, max }: Spread): Spread => ({ median: median / 1e6, min: min / 1e6, max: max / 1e6 });
const skippedTexts = (skipped: readonly Skipped[]): string[] => skipped.map(({ what, why }) => `${what}: ${why}`);

function sourceContent({
  server,
  tables,
  secondsPerStep,
  rounds,
  steps,
  best,
  timesRead,
  sentence,
}: SourceBench): Content {
  const bars = (title: string, unit: string, of: (step: (typeof steps)[number]) => Spread): BenchBars => ({
    title,
    unit,
    better: "higher",
    absent: [],
    bars: steps.map((step) => ({
      name: step.connections === 1 ? "1 connection" : `${step.connections} connections`,
      figure: of(step),
      ours: step.connections === best,
    })),
  });
  return {
    ...plain,
    facts: [
      { name: "source", value: server },
      { name: "tables", value: `${tables.length}` },
      { name: "reading", value: `${secondsPerStep} s at each number of connections in ${rounds} rounds` },
    ],
    bars: [
      bars("Rows", "rows a second", ({ rowsPerSecond }) => rowsPerSecond),
      bars("Row bytes", "MB a second", ({ bytesPerSecond }) => perMillion(bytesPerSecond)),
    ],
    notes: [
      sentence,
      ...(timesRead > 0 ? [`All tables were read ${timesRead} times: the server had them in memory.`] : []),
    ],
  };
}

function transformContent({ rowsFrom, secondsPerTable, chains, skipped, sentence }: TransformBench): Content {
  const bars = (
    title: string,
    unit: string,
    better: BenchBars["better"],
    of: (cost: (typeof chains)[number]) => Spread,
  ): BenchBars => ({
    ...{ title, unit, better, absent: skippedTexts(skipped) },
    bars: chains.map((cost) => ({ name: cost.table, figure: of(cost), ours: false })),
  });
  return {
    ...plain,
    facts: [
      { name: "rows", value: rowsFrom },
      { name: "measured", value: `${secondsPerTable} s of each table` },
    ],
    bars: [
      bars("Chain alone", "µs of CPU a row", "lower", ({ chainMicrosecondsPerRow }) => chainMicrosecondsPerRow),
      bars("One worker, packing included", "rows a second of CPU", "higher", ({ rowsPerSecond }) => rowsPerSecond),
      bars("Against no chain", "times the work", "lower", ({ ratio }) => ratio),
    ],
    notes: [sentence],
  };
}

function targetContent({
  target,
  rowsFrom,
  secondsPerCombination,
  results,
  best,
  skipped,
  sentence,
}: TargetBench): Content {
  const bars: BenchBars = {
    ...{ title: "Loading", unit: "rows a second", better: "higher", absent: skippedTexts(skipped) },
    bars: results.map((result) => ({
      name: combinationText(result),
      figure: one(result.rowsPerSecond),
      ours: result === best,
    })),
  };
  return {
    ...plain,
    facts: [
      { name: "target", value: target },
      { name: "rows", value: rowsFrom },
      { name: "measured", value: `${secondsPerCombination} s of each combination` },
    ],
    bars: [bars],
    notes: [sentence],
  };
}

function runContent({ rows, seconds, workers, budget, timelines, notes }: RunBench): Content {
  return {
    facts: [
      { name: "copied", value: `${formatCount(rows)} rows in ${seconds.toFixed(1)} s` },
      { name: "workers", value: `${workers}` },
    ],
    bars: [],
    budget,
    timelines,
    notes,
  };
}
