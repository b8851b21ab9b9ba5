import type { BenchLine, SourceBench, Spread } from "../../src/contracts/bench.ts";
import { formatBytes, formatCount, formatTable } from "./format.ts";

/** What a bench found, as a table and a sentence. */
export function benchText(line: BenchLine): string {
  switch (line.command) {
    case "bench source":
      return sourceText(line);
    default:
      return "";
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

function withSpread({ median, min, max }: Spread, format: (value: number) => string): string {
  return min === max ? format(median) : `${format(median)} (${format(min)}–${format(max)})`;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
