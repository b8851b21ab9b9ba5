import { builtIns } from "../../transforms/index.ts";
import { VtpipeError } from "../contracts/errors.ts";
import { didYouMean } from "../contracts/nearest-name.ts";
import type { TransformDefinition, TransformFacts } from "../contracts/transform.ts";
import { type ParameterLine, parameterLines } from "./parameter-table.ts";

/** A transform as its definition tells it. */
export interface DescribedTransform {
  readonly name: string;
  readonly purpose: string;
  readonly facts: TransformFacts | null;
  readonly parameters: readonly ParameterLine[];
}

export function listTransforms(): readonly DescribedTransform[] {
  return Array.from(builtIns.values(), describe);
}

/** Throws a `usage` error with the nearest name when there is none of that name. */
export function describeTransform(name: string): DescribedTransform {
  const definition = builtIns.get(name);
  if (definition !== undefined) return describe(definition);
  throw new VtpipeError({
    code: "usage",
    message: `There is no transform "${name}".${didYouMean(name, [...builtIns.keys()])}`,
    now: "Nothing was read or changed.",
    todo: "`vtpipe transform list` shows them all.",
  });
}

function describe({ name, purpose, facts, parameters }: TransformDefinition): DescribedTransform {
  return { name, purpose, facts: facts ?? null, parameters: parameterLines(parameters) };
}
