import { VtpipeError } from "../contracts/errors.ts";
import { didYouMean } from "../contracts/nearest-name.ts";
import type { ChainColumn, StepInput } from "../contracts/transform.ts";
import { columnFromType } from "../mysql/column-type.ts";

/** What the step at `path` sees of a table; `newSlot` hands out slots that no column has yet. */
export function stepInput(
  table: string,
  columns: readonly ChainColumn[],
  path: string,
  newSlot: () => number,
): StepInput {
  const refuse = (message: string, todo: string): never => {
    throw new VtpipeError({
      code: "config",
      message: `${path}: ${message}`,
      now: "Nothing was read or changed.",
      todo,
      context: { table },
    });
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
    column(name) {
      const names = columns.map((column) => column.name);
      return (
        named(name) ??
        refuse(
          `Table "${table}" has no column "${name}" at this step.${didYouMean(name, names)}`,
          `Its columns here are: ${names.join(", ")}.`,
        )
      );
    },
    newColumn(name, type) {
      if (named(name) !== undefined) {
        refuse(`Table "${table}" has a column "${name}" already.`, "Choose another name for the new column.");
      }
      return { ...typed(name, type), slot: newSlot() };
    },
    retype(column, type) {
      const after = typed(column.name, type);
      const nullable = /\bnot\s+null\b/i.test(type) ? false : column.nullable;
      return { ...after, nullable, invisible: column.invisible, slot: column.slot };
    },
  };
}
