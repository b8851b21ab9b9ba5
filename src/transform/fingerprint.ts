import { createHash } from "node:crypto";
import { secretsIn } from "../contracts/problems.ts";
import type { Column } from "../contracts/schema.ts";
import type { PlannedStep } from "./plan-chain.ts";

/**
 * SHA-256 over everything that decides what bytes a chain makes: input columns, each step's name, parameters and module
 * text, output columns. Secrets go in as their own hash, so that nobody who meets the text on its way sees them.
 */
export function chainFingerprint(
  inputs: readonly Column[],
  planned: readonly PlannedStep[],
  outputs: readonly Column[],
): string {
  const steps = planned.map(({ definition, parameters, source, when }) => {
    const secrets = new Set(secretsIn(definition.parameters, parameters));
    const condition = when === undefined ? {} : { when: sorted(when, secrets) };
    return { name: definition.name, parameters: sorted(parameters, secrets), source, ...condition };
  });
  return sha256(JSON.stringify({ inputs: inputs.map(identity), steps, outputs: outputs.map(identity) }));
}

function identity({ name, type, charset, collation, nullable, generated }: Column): unknown[] {
  return [name, type, charset, collation, nullable, generated];
}

/** The same value with object keys in order, so that the order in the config file does not matter. */
export function sorted(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (typeof value === "string" && secrets.has(value)) return { secret: sha256(value) };
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map((part) => sorted(part, secrets));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return entries.map(([key, part]) => [key, sorted(part, secrets)]);
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
