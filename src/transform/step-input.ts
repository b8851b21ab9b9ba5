import { didYouMean } from "../contracts/nearest-name.ts";
import type { CellKind } from "../contracts/schema.ts";
import type { ChainColumn, ComputedValue, StepInput } from "../contracts/transform.ts";
import { columnFromType } from "../mysql/column-type.ts";
import { stepRefused } from "./step-refused.ts";

/** What the chain does for a step that is being planned. */
export interface StepServices {
  /** Hands out a slot that no column has yet. */
  newSlot(): number;
  /** Has the source compute a cell; null when steps before this one have changed what the source has. */
  compute(column: ChainColumn, expression: string): ComputedValue | null;
}

/** What the step at `path` sees of a table. */
export function stepInput(
  table: string,
  columns: readonly ChainColumn[],
  path: string,
  services: StepServices,
): StepInput {
  const refuse = (message: string, todo: string): never => {
    throw stepRefused(table, path, message, todo);
  };
  const named = (name: string) => columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  const typed = (name: string, type: string) => {
    const column = columnFromType(name, type);
    if (!column.autoIncrement) return column;
    return refuse(`"${type}" has AUTO_INCREMENT, but the values come from the transform.`, "Leave AUTO_INCREMENT out.");
  };
  return {
    table,
    columns,
    refuse,
    column(name, accepts) {
      const names = columns.map((column) => column.name);
      const found =
        named(name) ??
        refuse(
          `Table "${table}" has no column "${name}" at this step.${didYouMean(name, names)}`,
          `Its columns here are: ${names.join(", ")}.`,
        );
      if (accepts?.includes(found.kind) === false) {
        refuse(
          `Column "${found.name}" of table "${table}" is ${found.type}, which this transform does not take.`,
          `It takes columns of kind ${inWords(accepts)}.`,
        );
      }
      return found;
    },
    newColumn(name, type) {
      if (named(name) !== undefined) {
        refuse(`Table "${table}" has a column "${name}" already.`, "Choose another name for the new column.");
      }
      return { ...typed(name, type), slot: services.newSlot() };
    },
    retype(column, type) {
      const after = typed(column.name, type);
      const nullable = /\bnot\s+null\b/i.test(type) ? false : column.nullable;
      return { ...after, nullable, invisible: column.invisible, slot: column.slot };
    },
    compute: (column, expression) =>
      services.compute(column, expression) ??
      refuse(
        `The source computes this before any other step, so it would not see what the steps before it do to "${table}".`,
        "Put it in front of the table's other transforms.",
      ),
  };
}

function inWords(kinds: readonly CellKind[]): string {
  return kinds.length < 2 ? kinds.join("") : `${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}`;
}
