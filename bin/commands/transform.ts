import { Command, InvalidArgumentError } from "commander";
import type { DescribedTransform } from "../../src/config/transform-list.ts";
import { mostPreviewRows } from "../../src/contracts/preview.ts";
import { emptyOutcome } from "../../src/run/job.ts";
import { type ConfigCommandOptions, configOf, wholeNumber, withConfig, withJson } from "../config-options.ts";
import { type OutputOptions, runJob } from "../job-command.ts";
import { formatTable } from "../render/format.ts";
import { previewText } from "../render/preview.ts";

interface PreviewCommandOptions extends ConfigCommandOptions {
  readonly table?: string;
  readonly rows: number;
  readonly full?: boolean;
  readonly strict?: boolean;
  readonly accept: readonly string[];
}

const usualRows = 5;

export function transformCommand(): Command {
  const list = new Command("list").description("List the built-in transforms.");
  const show = new Command("show")
    .description("Show what a transform takes, does with NULL, and whether VReplication can do the same.")
    .argument("<name>", "the transform");
  return new Command("transform")
    .description("What can be done to rows on their way.")
    .addCommand(
      withJson(list).action((options: OutputOptions) =>
        runJob(
          "transform list",
          options,
          async ({ print }) => {
            const { listTransforms } = await import("../../src/config/transform-list.ts");
            const transforms = listTransforms();
            print({ transforms }, () =>
              formatTable(
                ["name", "purpose"],
                transforms.map((t) => [t.name, t.purpose]),
              ),
            );
            return emptyOutcome;
          },
          { summary: options.json === true },
        ),
      ),
    )
    .addCommand(
      withJson(show).action((name: string, options: OutputOptions) =>
        runJob(
          "transform show",
          options,
          async ({ print }) => {
            const { describeTransform } = await import("../../src/config/transform-list.ts");
            const transform = describeTransform(name);
            print({ transform }, () => transformText(transform));
            return emptyOutcome;
          },
          { summary: options.json === true },
        ),
      ),
    )
    .addCommand(previewCommand());
}

function previewCommand(): Command {
  const preview = new Command("preview")
    .description(
      "Run the transforms over sampled rows of the live source and show what they change, before anything is moved. Writes nothing. What it prints are rows of the source: mind who reads it.",
    )
    .option("--table <name>", "only this table, by its name at the source")
    .option("--rows <n>", "rows to show of each table", previewRows, usualRows)
    .option("--full", "run the transforms over all rows: counts what does not fit, and keys that become equal, exactly")
    .option("--strict", "fail when there are warnings")
    .option(
      "--accept <warning>",
      "a warning that --strict lets pass: CODE, CODE:table or CODE:table.column, as it is shown; may be given more than once",
      (one: string, before: readonly string[]) => [...before, one],
      [],
    )
    .addHelpText(
      "after",
      `
Rows are sampled from all over the table: its key range is cut into up to 16 parts of about as many rows each, and
the first rows of each part are read, ${mostPreviewRows} in all. Those shown are taken from all over the sample; warnings look at all of
it. Of a table without a usable key the first rows are read.`,
    );
  return withConfig(preview, ["source", "target", "workers", "tables"]).action((options: PreviewCommandOptions) =>
    runJob(
      "transform preview",
      options,
      async (context) => {
        const { table = null, rows, full = false, strict = false, accept } = options;
        const { previewJob } = await import("../../src/run/jobs/preview.ts");
        const { report, outcome } = await previewJob(await configOf(options, context, ["source", "target"]), context, {
          table,
          rows,
          full,
          strict,
          accept,
        });
        context.print(report, () => previewText(report));
        return outcome;
      },
      { summary: options.json === true },
    ),
  );
}

function previewRows(text: string): number {
  const value = wholeNumber(text);
  if (value > mostPreviewRows) throw new InvalidArgumentError(`at most ${mostPreviewRows} rows are shown.`);
  return value;
}

function transformText({ name, purpose, facts, parameters }: DescribedTransform): string {
  const rows = parameters.map(({ name, takes, fallback, meaning }) => [name, takes, fallback, meaning]);
  const lines = [`${name}: ${purpose}`, "", formatTable(["parameter", "takes", "default", "meaning"], rows)];
  if (facts === null) return lines.join("\n");
  const kinds = facts.accepts === null ? "every kind of column" : facts.accepts.join(", ");
  const told = [
    `Takes: ${kinds}.`,
    `NULL: ${facts.nulls}`,
    `SQL twin: ${facts.twin}`,
    `Collisions: ${facts.collisions}`,
  ];
  return [...lines, "", ...told].join("\n");
}
