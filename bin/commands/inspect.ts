import { once } from "node:events";
import { Command, Option } from "commander";
import { type RowFormatName, rowFormatNames } from "../../src/contracts/row-formats.ts";
import { emptyOutcome } from "../../src/run/job.ts";
import type { StatusReport } from "../../src/run/jobs/status.ts";
import { type ConfigCommandOptions, configOf, wholeNumber, withJson } from "../config-options.ts";
import { runJob } from "../job-command.ts";
import { formatBytes, formatCount, formatTable } from "../render/format.ts";

interface InspectOptions extends ConfigCommandOptions {
  readonly format: RowFormatName;
  readonly rows?: number;
  readonly header?: boolean;
}

export function inspectCommand(): Command {
  const command = new Command("inspect")
    .description("Show what a run directory holds, or the rows of a chunk file as text, JSON lines, SQL, CSV or TSV.")
    .argument("<path>", "run directory or chunk file")
    .addOption(new Option("--format <name>", "how rows are written").choices(rowFormatNames).default("text"))
    .option("--rows <n>", "rows to show (default: all)", wholeNumber)
    .option("--header", "show what the file says about itself instead of its rows")
    .option("-c, --config <file>", "config file with the key of what is encrypted");
  return withJson(command).action((path: string, options: InspectOptions) =>
    runJob(
      "inspect",
      options,
      async (context) => {
        const { describeFile, inspectFileJob, isDirectory } = await import("../../src/run/jobs/inspect.ts");
        const config = options.config === undefined ? null : await configOf(options, context, []);
        if (await isDirectory(path)) {
          const { statusJob } = await import("../../src/run/jobs/status.ts");
          const { report, outcome } = await statusJob(path, config && { ...config, handoff: null }, context);
          context.print(report, () => directoryText(report));
          return outcome;
        }
        if (options.header) {
          const report = await describeFile(path, config);
          context.print(report, () => JSON.stringify(report, null, 2));
          return emptyOutcome;
        }
        const format = options.json ? "json" : options.format;
        return inspectFileJob(path, { config, format, rows: options.rows ?? null, write: writeOut }, context);
      },
      { summary: options.json === true, forPrograms: options.json !== true },
    ),
  );
}

/** Waits while whoever reads our output is slower than the disk. */
async function writeOut(bytes: Buffer): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, "drain");
}

function directoryText({ directory, tables }: StatusReport): string {
  const rows = tables.map(({ source, target, rows: count, bytes, chunks }) => [
    source,
    target,
    formatCount(count),
    formatBytes(bytes),
    String(chunks),
  ]);
  return `${directory}\n\n${formatTable(["source", "target", "rows", "bytes", "chunks"], rows, [2, 3, 4])}`;
}
