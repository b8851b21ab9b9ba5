import type {
  BenchLine,
  RunBench,
  Skipped,
  SourceBench,
  Spread,
  TargetBench,
  TargetCombination,
  TransformBench,
} from "../../src/contracts/bench.ts";
import { stageNames } from "../../src/contracts/stages.ts";
import { formatBytes, formatCount, formatTable } from "./format.ts";

/** What a bench found, as a table and a sentence. */
export function benchText(line: BenchLine): string {
  switch (line.command) {
    case "bench source":
      return sourceText(line);
    case "bench transform":
      return transformText(line);
    case "bench target":
      return targetText(line);
    case "bench run":
      return runText(line);
  }
}

function sourceText({
  server,
  tables,
  secondsPerStep,
  rounds,
  cores,
  steps,
  best,
  timesRead,
  sentence,
}: SourceBench): string {
  const rows = steps.map(({ connections, rowsPerSecond, bytesPerSecond, threadsBusy }) => [
    `${connections}${connections === best ? " *" : ""}`,
    withSpread(rowsPerSecond, formatCount),
    `${formatBytes(bytesPerSecond.median)}/s`,
    percent(threadsBusy),
  ]);
  return [
    `\n${server}, ${tables.length} ${tables.length === 1 ? "table" : "tables"}, ${secondsPerStep} s at each number of connections in ${rounds} rounds, ${cores} cores here`,
    ...(timesRead > 0 ? [`All tables were read ${formatCount(timesRead)} times: the server had them in memory.`] : []),
    "",
    formatTable(["connections", "rows/s (least–most)", "bytes", "threads busy"], rows, [0, 1, 2, 3]),
    "",
    sentence,
  ].join("\n");
}

function transformText({ rowsFrom, secondsPerTable, chains, skipped, sentence }: TransformBench): string {
  const rows = chains.map((cost) => [
    cost.table,
    String(cost.steps),
    withSpread(cost.chainMicrosecondsPerRow, (value) => value.toFixed(2)),
    formatCount(cost.rowsPerSecond.median),
    `${formatBytes(cost.bytesPerSecond.median)}/s`,
    withSpread(cost.ratio, (value) => value.toFixed(2)),
    String(cost.passes),
  ]);
  return [
    `\nrows of ${rowsFrom}, ${secondsPerTable} s of each table; rows/s and bytes are of one worker with checksums, compression and chunk file`,
    "",
    formatTable(
      ["table", "steps", "chain µs/row (least–most)", "rows/s", "bytes", "against no chain", "passes"],
      rows,
      [1, 2, 3, 4, 5, 6],
    ),
    "",
    ...skippedLines(skipped),
    sentence,
  ].join("\n");
}

function targetText({
  target,
  rowsFrom,
  secondsPerCombination,
  results,
  best,
  skipped,
  sentence,
}: TargetBench): string {
  const rows = results.map((result) => [
    `${result.strategy}${best !== null && same(result, best) ? " *" : ""}`,
    result.routing,
    formatCount(result.rowsPerStatement),
    String(result.sessions),
    formatCount(result.rowsPerSecond),
    `${formatBytes(result.bytesPerSecond)}/s`,
    result.retries === 0 ? "–" : formatCount(result.retries),
    percent(result.threadsBusy),
  ]);
  return [
    `\n${target}; ${rowsFrom}; ${secondsPerCombination} s each`,
    "",
    formatTable(
      ["strategy", "routing", "rows/statement", "sessions", "rows/s", "bytes", "retries", "threads busy"],
      rows,
      [2, 3, 4, 5, 6, 7],
    ),
    "",
    ...skippedLines(skipped),
    sentence,
  ].join("\n");
}

function runText({ rows, bytes, seconds, workers, cores, budget, notes }: RunBench): string {
  const said = notes.map((note) => `Note: ${note}`);
  if (budget === null) return ["", ...said].join("\n");
  const stages = budget.stages.map(({ stage, share, kind, ceiling }) => [
    `${stageNames[stage]}${stage === budget.limit ? " *" : ""}`,
    percent(share),
    kind,
    ceiling === null ? "–" : formatCount(ceiling),
  ]);
  const speed = `${formatCount(budget.rowsPerSecond)} rows/s, ${formatBytes(seconds > 0 ? bytes / seconds : 0)}/s`;
  return [
    `\n${formatCount(rows)} rows copied in ${seconds.toFixed(1)} s by ${workers} workers on ${cores} cores: ${speed}; threads busy ${percent(budget.threadsBusy)}`,
    "",
    formatTable(["stage", "share of time", "", "alone, rows/s"], stages, [1, 3]),
    "",
    ...said,
    `${budget.sentence.charAt(0).toUpperCase()}${budget.sentence.slice(1)}.`,
  ].join("\n");
}

const same = (a: TargetCombination, b: TargetCombination): boolean =>
  a.strategy === b.strategy &&
  a.routing === b.routing &&
  a.rowsPerStatement === b.rowsPerStatement &&
  a.sessions === b.sessions;

const skippedLines = (skipped: readonly Skipped[]): string[] =>
  skipped.map(({ what, why }) => `Not measured: ${what}: ${why}`);

function withSpread({ median, min, max }: Spread, format: (value: number) => string): string {
  return min === max ? format(median) : `${format(median)} (${format(min)}–${format(max)})`;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
