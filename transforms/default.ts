import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { constantOf } from "./constants/constant.ts";
import { constantWhere } from "./parts/constant-or-value.ts";
import { anyValue, columnName } from "./parts/parameters.ts";

interface DefaultParameters {
  readonly column: string;
  readonly value?: unknown;
}

/** `default` is a reserved word of JavaScript, hence the longer name here. */
export const defaultValue: TransformDefinition<DefaultParameters> = defineTransform({
  name: "default",
  purpose: "Replaces NULL by a value.",
  hides: false,
  parameters: z.strictObject({ column: columnName, value: anyValue("The value in place of NULL, as for `set`.") }),
  facts: {
    accepts: null,
    nulls: "NULL becomes the value; everything else stays.",
    twin: "Yes.",
    collisions: "Rows with NULL become equal, which a unique key over the column refuses.",
  },
  plan({ column, value }, input) {
    const before = input.column(column);
    const { slot } = before;
    if (value == null) input.refuse(`The default for "${before.name}" is NULL itself.`, "Give a `value`.");
    const constant = constantOf(input.table, before, value);
    return {
      columns: input.columns,
      writes: [slot],
      rows(row) {
        if (row.get(slot) === null) row.set(slot, constant.bytes);
        return true;
      },
      twin: (sql, bytes) =>
        new Map([[slot, constantWhere(`${bytes(slot)} IS NULL`, constant, before, bytes(slot), sql(slot))]]),
    };
  },
});
