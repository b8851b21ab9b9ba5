import type { ConfiguredStep } from "../contracts/transform.ts";

/** What messages call a step: `hash`, `use ./my-transform.ts`. */
export function stepLabel(step: ConfiguredStep): string {
  const name = moduleOf(step);
  return name === null ? step.name : `use ${name}`;
}

/** Where the module of a step is, as the config has it; null for a built-in. */
export function moduleOf(step: ConfiguredStep): string | null {
  if (step.name !== "use") return null;
  return String((step.parameters as { module?: unknown }).module);
}
