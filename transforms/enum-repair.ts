import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { constantOf } from "./constants/constant.ts";
import { memberText } from "./constants/members.ts";
import { cellStep } from "./parts/cell-step.ts";
import { anyValue, columnName } from "./parts/parameters.ts";

interface EnumRepairParameters {
  readonly column: string;
  readonly to?: unknown;
}

const accepts = ["enum"] as const;

export const enumRepair: TransformDefinition<EnumRepairParameters> = defineTransform({
  name: "enumRepair",
  purpose: "Replaces the empty error value that MySQL stored for what was no member of an enum.",
  hides: false,
  parameters: z.strictObject({
    column: columnName,
    to: anyValue("A member that stands there instead; by default NULL.").optional(),
  }),
  facts: {
    accepts,
    nulls: "NULL stays NULL.",
    twin: "Yes.",
    collisions: "All such values become equal; they were before.",
  },
  plan({ column, to }, input) {
    const before = input.column(column, accepts);
    if (memberText(before, "") !== null) {
      input.refuse(`An empty text is a member of the enum "${before.name}", so errors look like it.`, "Use `sql`.");
    }
    const constant = constantOf(input.table, before, to ?? null);
    return cellStep(input, {
      before,
      make: (value) => (value.length === 0 ? constant.bytes : value),
      twin: (bytes, sql) => `IF(${bytes} = x'', ${constant.sql}, ${sql})`,
    });
  },
});
