import { Command } from "commander";
import pc from "picocolors";
import type { LeakReport } from "../../src/run/jobs/verify-leaks.ts";
import { type ConfigCommandOptions, configOf, wholeNumber, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";
import { formatBytes, formatCount } from "../render/format.ts";

interface VerifyOptions extends ConfigCommandOptions {
  readonly leaks?: boolean;
  readonly sample: number;
  readonly except: string[];
}

/** Rows of a table: the values of rare columns come together, and a table of any size costs milliseconds. */
const sampleRows = 1000;

export function verifyCommand(): Command {
  const command = new Command("verify")
    .description(
      "Compare a run directory's rows with the target's by checksums; name the rows that differ. With --leaks, look in its chunk files for values that the transforms hide instead. Exit 3 if any row differs or any value is found.",
    )
    .argument("[dir]", "run directory (default: the config's)")
    .option("--leaks", "sample the source's values of hidden columns and look for them in all chunk files")
    .option("--sample <rows>", "with --leaks: rows of each table to take values from", wholeNumber, sampleRows)
    .option("--except <columns...>", "with --leaks: hidden columns not to look for, as table.column", []);
  return withConfig(command, ["source", "target", "directory", "workers"]).action(
    (directory: string | undefined, options: VerifyOptions) =>
      runJob("verify", options, async (context) => {
        const config = await configOf(options, context, options.leaks === true ? ["source"] : ["target"]);
        const path = directory ?? config.directory;
        if (options.leaks !== true) {
          const { verifyJob } = await import("../../src/run/jobs/verify.ts");
          return verifyJob(config, path, context);
        }
        const { verifyLeaksJob } = await import("../../src/run/jobs/verify-leaks.ts");
        const { sample: rowsPerTable, except } = options;
        const { report, outcome } = await verifyLeaksJob(config, path, { rowsPerTable, except }, context);
        context.print(report, () => leaksText(report));
        return outcome;
      }),
  );
}

function leaksText({ rowsSampled, values, columns, bytesSearched, findings }: LeakReport): string {
  const searched = `Looked for ${formatCount(values)} values of ${columns.length} hidden columns, from ${formatCount(rowsSampled)} rows of the source, in ${formatBytes(bytesSearched)} of rows.`;
  const found = findings.map(({ table, column, decision, foundIn, cells, values: different, row, example }) =>
    [
      pc.red(`${table}.${column} (${decision})`),
      `is in ${foundIn.table}.${foundIn.column} (${foundIn.decision}):`,
      `${formatCount(cells)} cells, ${formatCount(different)} different values,`,
      `first ${example}${row === null ? "" : ` in row ${row}`}`,
    ].join(" "),
  );
  return [searched, ...(found.length === 0 ? ["None of them is there."] : found)].join("\n");
}
