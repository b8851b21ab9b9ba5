import pc from "picocolors";
import type { Summary } from "../../src/contracts/events.ts";
import { formatBytes, formatCount, formatSeconds, formatTable } from "./format.ts";

/** The closing lines of a command for people: a table of tables, then the figures, then the error if there was one. */
export function summaryText(summary: Summary): string {
  const lines: string[] = [];
  if (summary.tables.length > 0) {
    lines.push(
      formatTable(
        ["source", "target", "class", "rows", "bytes", "chunks", "verified"],
        summary.tables.map((table) => [
          table.source,
          table.target,
          table.class,
          formatCount(table.rows),
          formatBytes(table.bytes),
          String(table.chunks),
          table.verified === null ? "–" : table.verified ? "equal" : "DIFFERS",
        ]),
        [3, 4, 5],
      ),
      "",
    );
  }
  const figures: [string, string][] = [];
  if (summary.position !== null) figures.push(["position", summary.position]);
  if (summary.lockMs !== null) figures.push(["source locked for", `${summary.lockMs.toFixed(0)} ms`]);
  if (summary.target !== null) {
    figures.push(["target", summary.target === "vitess" ? "Vitess" : "the sandbox's stand-in router, not Vitess"]);
  }
  figures.push(["time", formatSeconds(summary.seconds)]);
  if (summary.rowsPerSecond > 0) {
    figures.push(["speed", `${formatCount(summary.rowsPerSecond)} rows/s, ${formatBytes(summary.bytesPerSecond)}/s`]);
  }
  figures.push(["peak memory", formatBytes(summary.peakRssBytes)]);
  if (summary.directory !== null) figures.push(["files", summary.directory]);
  const labelWidth = Math.max(...figures.map(([label]) => label.length));
  lines.push(...figures.map(([label, value]) => `${label.padEnd(labelWidth)}  ${value}`));
  return lines.join("\n");
}

/** What went wrong, what is true now, what to do: one line each. */
export function errorText(error: { message: string; now: string; todo: string; code: string }): string {
  return [
    `${pc.red(pc.bold(`vtpipe: ${error.code}:`))} ${error.message}`,
    `${pc.bold("Now:")} ${error.now}`,
    `${pc.bold("To do:")} ${error.todo}`,
  ].join("\n");
}
