import { Command } from "commander";
import type { SchemaReport } from "../../src/run/jobs/schema.ts";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";
import { unmovedText } from "../render/unmoved.ts";

export function schemaCommand(): Command {
  const print = new Command("print").description("Print the target's CREATE TABLE statements, after transforms.");
  const apply = new Command("apply").description("Create the tables that are missing on the target, on every shard.");
  return new Command("schema")
    .description("The target's schema as the config makes it.")
    .addCommand(
      withConfig(print, ["source", "tables"]).action((options: ConfigCommandOptions) =>
        runJob(
          "schema print",
          options,
          async (context) => {
            const { schemaPrintJob } = await import("../../src/run/jobs/schema.ts");
            const { report, outcome } = await schemaPrintJob(await configOf(options, context, ["source"]), context);
            context.print(report, () => schemaText(report));
            return outcome;
          },
          { summary: options.json === true, forPrograms: options.json !== true },
        ),
      ),
    )
    .addCommand(
      withConfig(apply, ["source", "target", "tables"]).action((options: ConfigCommandOptions) =>
        runJob("schema apply", options, async (context) => {
          const { schemaApplyJob } = await import("../../src/run/jobs/schema.ts");
          const { report, outcome } = await schemaApplyJob(
            await configOf(options, context, ["source", "target"]),
            context,
          );
          context.print(report, () => unmovedText(report.unmoved));
          return outcome;
        }),
      ),
    );
}

function schemaText({ statements, unmoved }: SchemaReport): string {
  const left = unmovedText(unmoved);
  // As an SQL comment, so that the output can be fed to a client as it is.
  const comment = left === "" ? [] : [left.replace(/^/gm, "-- ")];
  return [...statements.map(({ sql }) => `${sql};\n`), ...comment].join("\n");
}
