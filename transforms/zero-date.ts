import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { constantOf } from "./constants/constant.ts";
import { cellStep } from "./parts/cell-step.ts";
import { dateKinds, isPartial, partialSql } from "./parts/dates.ts";
import { anyValue, columnName } from "./parts/parameters.ts";

interface ZeroDateParameters {
  readonly column: string;
  readonly to?: unknown;
}

export const zeroDate: TransformDefinition<ZeroDateParameters> = defineTransform({
  name: "zeroDate",
  purpose: "Replaces dates whose year, month or day is zero, like 0000-00-00.",
  hides: false,
  parameters: z.strictObject({
    column: columnName,
    to: anyValue("What stands there instead; by default NULL.").optional(),
  }),
  facts: {
    accepts: dateKinds,
    nulls: "NULL stays NULL.",
    twin: "Yes.",
    collisions: "All such dates become equal.",
  },
  plan({ column, to }, input) {
    const before = input.column(column, dateKinds);
    const constant = constantOf(input.table, before, to ?? null);
    return cellStep(input, {
      before,
      make: (value) => (isPartial(value) ? constant.bytes : value),
      twin: (bytes) => `IF(${partialSql(bytes)}, ${constant.sql}, ${bytes})`,
    });
  },
});
