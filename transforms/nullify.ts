import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { columnName } from "./parts/parameters.ts";

interface NullifyParameters {
  readonly column: string;
}

export const nullify: TransformDefinition<NullifyParameters> = defineTransform({
  name: "nullify",
  purpose: "Makes a column NULL in every row.",
  parameters: z.strictObject({ column: columnName }),
  facts: {
    accepts: null,
    nulls: "NULL stays NULL. A column that is NOT NULL is refused.",
    twin: "Yes.",
    collisions: "None: a unique key takes any number of NULLs.",
  },
  plan({ column }, input) {
    const { name, slot, nullable } = input.column(column);
    if (!nullable) input.refuse(`Column "${name}" of "${input.table}" is NOT NULL.`, "Use `redact` or `set`.");
    return {
      columns: input.columns,
      writes: [slot],
      rows(row) {
        row.set(slot, null);
        return true;
      },
      twin: () => new Map([[slot, "NULL"]]),
    };
  },
});
