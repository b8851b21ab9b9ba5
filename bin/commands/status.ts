import { Command, Option } from "commander";
import { type Until, untils } from "../../src/contracts/handoff-status.ts";
import type { StatusReport } from "../../src/run/jobs/status.ts";
import { type ConfigCommandOptions, configOf, numberWithin, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";
import { formatBytes, formatCount, formatTable } from "../render/format.ts";
import { handoffText } from "../render/handoff-text.ts";

interface StatusOptions extends ConfigCommandOptions {
  readonly watch?: boolean;
  readonly every: number;
  readonly until?: Until;
  readonly timeout: number;
}

export function statusCommand(): Command {
  const command = new Command("status")
    .description(
      "How far a run directory has come, and how its handoff stands. May be asked while a run is at work; with --watch it goes on, live on a terminal and as JSON lines otherwise.",
    )
    .argument("[dir]", "run directory (default: the config's)")
    .option("--watch", "look at the handoff again and again until Ctrl-C")
    .option("--every <seconds>", "time between two looks, 1 to 60", numberWithin(1, 60), 2)
    .addOption(new Option("--until <state>", "watch until it is so, then end with exit code 0").choices(untils))
    .option(
      "--timeout <seconds>",
      "how long --until may take; then it ends with exit code 1",
      numberWithin(1, 604_800),
      86_400,
    );
  return withConfig(command, ["directory"]).action((directory: string | undefined, options: StatusOptions) => {
    const given = directory === undefined ? options : { ...options, directory };
    return options.watch || options.until !== undefined ? watch(given) : once(directory, given);
  });
}

function watch({ json, every, until, timeout, ...options }: StatusOptions): Promise<void> {
  // What nobody sees live is for a program to read.
  const lines = { ...options, json: json ?? !process.stdout.isTTY };
  return runJob("status", lines, async (context) => {
    const { watchJob } = await import("../../src/run/jobs/watch.ts");
    return watchJob(await configOf(lines, context, []), { every, until: until ?? null, timeout }, context);
  });
}

/** A directory without a config is looked at as it is: no server is asked anything. */
function once(directory: string | undefined, options: StatusOptions): Promise<void> {
  return runJob("status", options, async (context) => {
    const config =
      directory !== undefined && options.config === undefined ? null : await configOf(options, context, []);
    const { statusJob } = await import("../../src/run/jobs/status.ts");
    const { report, outcome } = await statusJob(directory ?? config?.directory ?? "", config, context);
    context.print(report, () => statusText(report));
    return { ...outcome, tables: options.json ? outcome.tables : [] };
  });
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
    ...(report.handoff === null ? [] : ["", handoffText(report.handoff)]),
  ].join("\n");
}
