import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";

interface KeepParameters {
  readonly columns: readonly string[];
}

/** Says that columns pass on purpose. */
export const keep: TransformDefinition<KeepParameters> = defineTransform({
  name: "keep",
  purpose: "States that columns pass as they are.",
  parameters: z.strictObject({
    columns: z
      .array(z.string().min(1))
      .min(1)
      .meta({ description: "The columns that pass.", expected: "a list of column names" }),
  }),
  facts: {
    accepts: null,
    nulls: "NULL stays NULL.",
    twin: "Identity: nothing is done to the rows.",
    collisions: "None.",
  },
  plan({ columns }, input) {
    return { columns: input.columns, writes: [], keeps: columns.map((name) => input.column(name).slot) };
  },
});
