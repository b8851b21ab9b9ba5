import * as z from "zod";
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
 * A table's `transforms` list: each entry one transform with parameters that fit it. `shown` is the list as the
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
    const names = Object.keys(entry);
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
    if (checked.success) steps.push({ name, parameters, path: pathText([...path, name]) });
    else {
      problems.push(...explainIssues(schema, checked.error.issues, valueAt(shown, [i, name]) ?? {}, [...path, name]));
    }
  });
  return { steps, problems };
}
