import * as z from "zod";
import { conditionSchema } from "../../transforms/conditions/condition.ts";
import { builtIns } from "../../transforms/index.ts";
import { didYouMean } from "../contracts/nearest-name.ts";
import { pathText, valueAt } from "../contracts/paths.ts";
import { explainIssues, type Problem } from "../contracts/problems.ts";
import type { ConfiguredStep } from "../contracts/transform.ts";

/** The step that runs a user's module. Its own parameters are checked when the module is loaded. */
export const useSchema: z.ZodType<{ module: string; parameters: Record<string, unknown> }> = z
  .strictObject({
    module: z.string().min(1).meta({
      description: "TypeScript or JavaScript file, relative to the config file, that exports a transform.",
      expected: "a path like ./my-transform.ts",
    }),
    parameters: z
      .record(z.string(), z.unknown())
      .meta({ description: "What the module's own schema asks for.", expected: "a section" })
      .default({}),
  })
  .meta({ expected: "a section with module" });

export interface CheckedSteps {
  readonly steps: readonly ConfiguredStep[];
  readonly problems: readonly Problem[];
}

/**
 * A table's `transforms` list: each entry one transform with parameters that fit it, perhaps with `when`. `shown` is the list as the
 * user wrote it, before environment variables were put in.
 */
export function checkSteps(
  list: readonly Record<string, unknown>[],
  shown: unknown,
  at: readonly PropertyKey[],
): CheckedSteps {
  const steps: ConfiguredStep[] = [];
  const problems: Problem[] = [];
  list.forEach((entry, i) => {
    const path = [...at, i];
    const names = Object.keys(entry).filter((key) => key !== "when");
    const [name] = names;
    if (name === undefined || names.length > 1) {
      const found = name === undefined ? "none" : names.join(", ");
      problems.push({ path: pathText(path), text: `Expected exactly one transform in this entry, found ${found}.` });
      return;
    }
    const known = ["use", ...builtIns.keys()];
    const schema = name === "use" ? useSchema : builtIns.get(name)?.parameters;
    if (schema === undefined) {
      const hint = didYouMean(name, known) || ` Known transforms: ${known.join(", ")}.`;
      problems.push({ path: pathText([...path, name]), text: `There is no transform of this name.${hint}` });
      return;
    }
    const parameters = entry[name] ?? {};
    const checked = schema.safeParse(parameters);
    const when = entry["when"];
    const condition = "when" in entry ? conditionSchema.safeParse(when) : null;
    if (condition?.success === false) problems.push(noCondition([...path, "when"]));
    if (!checked.success) {
      problems.push(...explainIssues(schema, checked.error.issues, valueAt(shown, [i, name]) ?? {}, [...path, name]));
    } else if (condition?.success !== false) {
      steps.push({ name, parameters, path: pathText([...path, name]), ...(condition === null ? {} : { when }) });
    }
  });
  return { steps, problems };
}

/** One sentence for all: what a union of shapes says is wrong with each of them helps nobody. */
function noCondition(path: readonly PropertyKey[]): Problem {
  const tests = "is, not, in, notIn, lt, le, gt, ge, startsWith, endsWith, contains, matches, null";
  const text = `Expected a condition like { country: DE, age: { ge: 18 } }: by column a value, null or tests (${tests}).`;
  return { path: pathText(path), text };
}
