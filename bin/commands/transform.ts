import { Command } from "commander";
import { type DescribedTransform, describeTransform, listTransforms } from "../../src/config/transform-list.ts";
import { emptyOutcome } from "../../src/run/job.ts";
import { withJson } from "../config-options.ts";
import { type OutputOptions, runJob } from "../job-command.ts";
import { formatTable } from "../render/format.ts";

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
            const transform = describeTransform(name);
            print({ transform }, () => transformText(transform));
            return emptyOutcome;
          },
          { summary: options.json === true },
        ),
      ),
    );
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
