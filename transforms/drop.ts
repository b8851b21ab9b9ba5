import * as z from "zod";
import { VtpipeError } from "../src/contracts/errors.ts";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";

interface DropParameters {
  readonly columns: readonly string[];
}

/** Identity: VReplication leaves the column out of its select list just the same. */
export const drop: TransformDefinition<DropParameters> = defineTransform({
  name: "drop",
  purpose: "Leaves columns out.",
  parameters: z.strictObject({
    columns: z
      .array(z.string().min(1))
      .min(1)
      .meta({ description: "The columns to leave out.", expected: "a list of column names" }),
  }),
  plan({ columns }, input) {
    const dropped = new Set(columns.map((name) => input.column(name)));
    const rest = input.columns.filter((column) => !dropped.has(column));
    if (rest.length === 0) {
      throw new VtpipeError({
        code: "config",
        message: `Table "${input.table}": drop would leave no column.`,
        now: "Nothing was read or changed.",
        todo: "Keep at least one column, or exclude the table.",
      });
    }
    return { columns: rest, writes: [] };
  },
});
