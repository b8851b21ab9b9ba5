import type { Column } from "../../../src/contracts/schema.ts";
import { type ChainPlan, planChain } from "../../../src/transform/plan-chain.ts";
import { loadRegistry } from "../../../src/transform/registry.ts";
import { batchOf, cellsOf, columnsOf, rowsOf } from "../../support/rows.ts";

const registry = await loadRegistry([], "/");

/** A chain of one built-in over columns given as `name type` texts. */
export function planStep(name: string, parameters: unknown, ...columns: string[]): ChainPlan {
  return planChain("t", columnsOf(...columns), [{ name, parameters, path: name }], registry);
}

/** Rows of texts through a plan; cells come back as text. */
export function run(plan: ChainPlan, ...rows: (string | null)[][]): (string | null)[][] {
  const out = plan.apply(batchOf(rows.map((row) => cellsOf(...row))));
  return rowsOf(out, plan.columns.length).map((row) => row.map((cell) => cell?.toString("utf8") ?? null));
}

export const namesOf = (columns: readonly Column[]): string[] => columns.map(({ name }) => name);

/** One column `c` of this type through one built-in: what becomes of each value. */
export function through(
  name: string,
  parameters: object,
  type: string,
  ...values: (string | null)[]
): (string | null | undefined)[] {
  const plan = planStep(name, { column: "c", ...parameters }, `c ${type}`);
  return run(plan, ...values.map((value) => [value])).map(([value]) => value);
}
