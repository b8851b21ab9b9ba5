import { createHash } from "node:crypto";
import { secretsIn } from "../contracts/problems.ts";
import type { Column } from "../contracts/schema.ts";
import { sorted } from "./fingerprint.ts";
import type { PlannedStep } from "./plan-chain.ts";

/** What a chain does to the values of one source column. */
export interface Treatment {
  /** The steps that write it, by their place in the config. */
  readonly steps: readonly string[];
  /** Equal for two columns, of whichever tables, when the same steps with the same parameters make their values. */
  readonly fingerprint: string;
  /** Does a value depend on nothing but the value before? Only then do equal values stay equal in different rows. */
  readonly ofItself: boolean;
}

/** By the source column's name; columns that no step writes are not in it. */
export function treatmentsOf(
  inputs: readonly Column[],
  planned: readonly PlannedStep[],
): ReadonlyMap<string, Treatment> {
  const treatments = new Map<string, Treatment>();
  for (const [slot, { name }] of inputs.entries()) {
    const steps = planned.filter(({ plan }) => plan.writes.includes(slot));
    if (steps.length === 0) continue;
    treatments.set(name, {
      steps: steps.map(({ path }) => path),
      fingerprint: sha256(JSON.stringify(steps.map((step) => identity(step, slot)))),
      ofItself: steps.every((step) => isOfItself(step, slot)),
    });
  }
  return treatments;
}

/** A step's definition and parameters with the column's own name taken out: it may differ at the two ends of a key. */
function identity(step: PlannedStep, slot: number): unknown {
  const { definition, parameters, source, when } = step;
  const secrets = new Set(secretsIn(definition.parameters, parameters));
  const own = nameAt(step, slot);
  const plain = (value: unknown): unknown => sorted(withoutName(value, own), secrets);
  return [definition.name, source, plain(parameters), plain(when)];
}

function isOfItself(step: PlannedStep, slot: number): boolean {
  const others = (step.plan.reads ?? []).filter((read) => read !== slot);
  const expression = (step.parameters as { expression?: unknown } | null)?.expression;
  if (typeof expression !== "string") return others.length === 0;
  // What the source computes reads columns by their names in backticks.
  const names = (expression.match(/`(?:[^`]|``)+`/g) ?? []).map((name) => name.toLowerCase());
  const own = `\`${nameAt(step, slot).toLowerCase()}\``;
  return others.length === 0 && names.every((name) => name === own);
}

const nameAt = ({ before }: PlannedStep, slot: number): string =>
  before.find((column) => column.slot === slot)?.name ?? "";

/** In a list the other columns do not matter either: each of them is treated for itself. */
function withoutName(value: unknown, name: string): unknown {
  const isName = (part: unknown): boolean => typeof part === "string" && part.toLowerCase() === name.toLowerCase();
  if (isName(value)) return itself;
  if (typeof value === "string") return value.replaceAll(`\`${name}\``, "`");
  if (Array.isArray(value)) return value.some(isName) ? [itself] : value.map((part) => withoutName(part, name));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [isName(key) ? itself : key, withoutName(part, name)]),
  );
}

/** No column's name ends in a blank. */
const itself = "itself ";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
