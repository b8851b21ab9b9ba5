import { VtpipeError } from "../contracts/errors.ts";
import type { Column } from "../contracts/schema.ts";
import type { ChainColumn } from "../contracts/transform.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { cellBytesExpression } from "../mysql/row-bytes.ts";
import { typedReference } from "../mysql/typed-reference.ts";
import type { PlannedStep } from "./plan-chain.ts";

/** One SQL expression per written output column: each step's twin put into the place where the next one refers to it. */
export function composeTwins(
  inputs: readonly Column[],
  planned: readonly PlannedStep[],
  outputs: readonly ChainColumn[],
  written: ReadonlySet<number>,
): ReadonlyMap<number, string> {
  const sql = new Map(inputs.map((column, slot) => [slot, typedReference(column)]));
  for (const { plan, path, before } of planned) {
    if (plan.twin === undefined) continue;
    const value = (slot: number): string =>
      sql.get(slot) ?? broken(path, `refers to slot ${slot}, which has no value yet`);
    const bytes = (slot: number): string => {
      const column = before.find((c) => c.slot === slot);
      return column === undefined
        ? broken(path, `refers to slot ${slot}, which is no column`)
        : cellBytesExpression(column, value(slot));
    };
    const made = plan.twin(value, bytes);
    for (const slot of plan.writes) sql.set(slot, made.get(slot) ?? broken(path, `leaves out slot ${slot}`));
  }
  const twins = new Map<number, string>();
  outputs.forEach(({ slot }, i) => {
    if (written.has(slot)) twins.set(i, sql.get(slot) ?? broken("the chain", `leaves out slot ${slot}`));
  });
  return twins;
}

/** The conditions of the steps that drop rows, over source columns; null when there are none. */
export function composeFilter(inputs: readonly Column[], planned: readonly PlannedStep[]): string | null {
  const conditions = planned.flatMap(({ plan, path }) => {
    const name = (slot: number): string =>
      inputs[slot] === undefined ? broken(path, `filters by slot ${slot}`) : quoteName(inputs[slot].name);
    return plan.filter === undefined ? [] : [plan.filter(name)];
  });
  return conditions.length === 0 ? null : conditions.join(" AND ");
}

function broken(path: string, what: string): never {
  throw new VtpipeError({
    code: "config",
    message: `${path}: its SQL twin ${what}.`,
    now: "Nothing was read or changed.",
    todo: "Correct the transform's twin: it has to give an expression for every slot the step writes.",
  });
}
