import * as z from "zod";
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
  facts: {
    accepts: null,
    nulls: "They go with the column.",
    twin: "Identity: VReplication leaves the column out of its select list.",
    collisions: "None, but a key over the column goes with it.",
  },
  plan({ columns }, input) {
    const dropped = new Set(columns.map((name) => input.column(name)));
    const rest = input.columns.filter((column) => !dropped.has(column));
    if (rest.length === 0) {
      input.refuse(
        `Table "${input.table}": drop would leave no column.`,
        "Keep at least one column, or exclude the table.",
      );
    }
    return { columns: rest, writes: [] };
  },
});
