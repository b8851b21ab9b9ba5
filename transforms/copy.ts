import * as z from "zod";
import { byteKinds } from "../src/contracts/schema.ts";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { columnName } from "./parts/parameters.ts";

interface CopyParameters {
  readonly column: string;
  readonly to: string;
}

export const copy: TransformDefinition<CopyParameters> = defineTransform({
  name: "copy",
  purpose: "Adds a column with the values and the type of another.",
  parameters: z.strictObject({
    column: columnName,
    to: columnName.meta({ description: "The new column.", expected: "a name of at most 64 characters" }),
  }),
  facts: {
    accepts: null,
    nulls: "NULL is copied.",
    twin: "Yes.",
    collisions: "None: the new column is as unique as the first one, and has no key.",
  },
  plan({ column, to }, input) {
    const from = input.column(column);
    const { slot } = input.newColumn(to, "int");
    const added = { ...from, name: to, slot, generated: null, autoIncrement: false };
    return {
      columns: [...input.columns, added],
      reads: [from.slot],
      writes: [slot],
      rows(row) {
        row.set(slot, row.get(from.slot));
        return true;
      },
      twin: (sql, bytes) => new Map([[slot, byteKinds.has(from.kind) ? bytes(from.slot) : sql(from.slot)]]),
    };
  },
});
