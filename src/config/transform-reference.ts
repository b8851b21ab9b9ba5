import { conditionSchema } from "../../transforms/conditions/condition.ts";
import { builtIns } from "../../transforms/index.ts";
import type { TransformDefinition } from "../contracts/transform.ts";
import { parameterTable } from "./parameter-table.ts";
import { useSchema } from "./steps.ts";

/** The reference of all transforms as markdown, made from their definitions. */
export function transformReference(): string {
  const condition = conditionSchema.meta()?.description ?? "";
  return [
    "Every step may have a condition beside it, as in `{ mask: { column: email }, when: { country: DE } }`; rows for which",
    `it does not hold go on as they are, so the step has to keep the column's type. ${condition}`,
    ...[...builtIns.values()].flatMap((definition) => ["", ...transformPage(definition)]),
    "",
    "**use** – Runs a transform of your own.",
    "",
    ...parameterTable("parameter", useSchema),
    "",
  ].join("\n");
}

/** One transform's page, as lines of markdown. */
export function transformPage({ name, purpose, parameters, facts, hides }: TransformDefinition): string[] {
  const lines = [`**${name}** – ${purpose}`, "", ...parameterTable("parameter", parameters)];
  if (facts === undefined) return lines;
  const { accepts, nulls, twin, collisions } = facts;
  const kinds = accepts === null ? "every kind of column" : accepts.join(", ");
  const leaks =
    hides === false ? " Leaks: it hides nothing, so `verify --leaks` does not look for what it changed." : "";
  return [...lines, "", `Takes: ${kinds}. NULL: ${nulls} SQL twin: ${twin} Collisions: ${collisions}${leaks}`];
}
