import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { constantOf } from "./constants/constant.ts";

interface SetParameters {
  readonly column: string;
  readonly type?: string | undefined;
  readonly value?: unknown;
}

/** The same value in every row; a new column stands last. Never collides with anything but a unique key over the column. */
export const set: TransformDefinition<SetParameters> = defineTransform({
  name: "set",
  purpose: "Gives a column one constant value in every row; adds the column if there is none.",
  parameters: z.strictObject({
    column: z.string().min(1).max(64).meta({ description: "The column.", expected: "a column name" }),
    type: z
      .string()
      .min(1)
      .meta({
        description: "SQL type, like `int not null`. Needed for a new column; changes the type of an existing one.",
        expected: "a SQL type like int not null",
      })
      .optional(),
    value: z.unknown().meta({
      description:
        "The value, as it is written for that type: text, number, `null`; bytes as `0x00ff`; JSON as a structure or its text.",
      expected: "a value",
    }),
  }),
  facts: {
    accepts: null,
    nulls: "NULL is replaced too; the value may be NULL.",
    twin: "Yes.",
    collisions:
      "All rows become equal: a unique key over this column alone refuses them. A tenant column is this: `set: { column: tenant_id, type: int not null, value: 7 }`.",
  },
  plan({ column, type, value }, input) {
    const name = column.toLowerCase();
    const present = input.columns.find((c) => c.name.toLowerCase() === name);
    // Without a type the column has to be there: input.column then names what is missing.
    const before = present ?? (type === undefined ? input.column(column) : undefined);
    const after = retyped();
    const { bytes, sql } = constantOf(input.table, after, value ?? null);
    return {
      columns: before === undefined ? [...input.columns, after] : input.columns.map((c) => (c === before ? after : c)),
      writes: [after.slot],
      rows(row) {
        row.set(after.slot, bytes);
        return true;
      },
      twin: () => new Map([[after.slot, sql]]),
    };

    function retyped() {
      if (before === undefined) return input.newColumn(column, type ?? "");
      return type === undefined ? before : input.retype(before, type);
    }
  },
});
