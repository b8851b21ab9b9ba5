import { Command } from "commander";
import { type StatusReport, statusJob } from "../../src/run/jobs/status.ts";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";
import { formatBytes, formatCount, formatTable } from "../render/format.ts";

export function statusCommand(): Command {
  const command = new Command("status")
    .description("How far a run directory has come. May be asked while a run is at work.")
    .argument("[dir]", "run directory (default: the config's)");
  return withConfig(command, ["directory"]).action((directory: string | undefined, options: ConfigCommandOptions) =>
    runJob("status", options, async (context) => {
      const path = directory ?? (await configOf(options, context)).directory;
      const { report, outcome } = await statusJob(path, context);
      context.print(report, () => statusText(report));
      return { ...outcome, tables: options.json ? outcome.tables : [] };
    }),
  );
}

function statusText(report: StatusReport): string {
  const rows = report.tables.map((table) => {
    const load = table.loads.at(-1);
    const verdict = load?.verified ?? null;
    return [
      table.source,
      table.target,
      formatCount(table.rows),
      formatBytes(table.bytes),
      String(table.chunks),
      load === undefined ? "–" : `${load.loaded}/${table.chunks}${load.begun > 0 ? ` (${load.begun} begun)` : ""}`,
      verdict === null ? "–" : verdict ? "equal" : "DIFFERS",
    ];
  });
  return [
    `${report.directory}, begun ${report.createdAt}: ${report.dumped ? "everything is read" : "reading is not finished"}`,
    ...report.snapshots.map(({ position, takenAt }) => `snapshot of ${takenAt} at ${position ?? "no position"}`),
    ...report.follows.map(
      ({ event, position, at, tables }) => `follow ${event} ${at}: ${tables.length} tables, at least at ${position}`,
    ),
    "",
    formatTable(["source", "target", "rows", "bytes", "chunks", "loaded", "verified"], rows, [2, 3, 4, 5]),
  ].join("\n");
}
