import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";

interface RenameParameters {
  readonly column: string;
  readonly to: string;
}

/** Identity: the rows stay as they are, only the column's name changes. */
export const rename: TransformDefinition<RenameParameters> = defineTransform({
  name: "rename",
  purpose: "Gives a column another name.",
  parameters: z.strictObject({
    column: z.string().min(1).meta({ description: "The column.", expected: "a column name" }),
    to: z.string().min(1).max(64).meta({ description: "Its new name.", expected: "a name of at most 64 characters" }),
  }),
  facts: {
    accepts: null,
    nulls: "NULL stays NULL.",
    twin: "Identity: only the name changes.",
    collisions: "None.",
  },
  plan({ column, to }, input) {
    const renamed = input.column(column);
    // MySQL compares column names without case, so `rename: { column: Id, to: id }` is no clash with itself.
    const taken = input.columns.find((c) => c !== renamed && c.name.toLowerCase() === to.toLowerCase());
    if (taken !== undefined) {
      input.refuse(
        `Table "${input.table}": column "${column}" cannot be renamed to "${to}", because there is a column "${taken.name}".`,
        "Choose another name, or rename or drop the other column first.",
      );
    }
    return { columns: input.columns.map((c) => (c === renamed ? { ...c, name: to } : c)), writes: [] };
  },
});
