import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { type ConditionConfig, conditionOf, conditionSchema } from "./conditions/condition.ts";

interface FilterParameters {
  readonly where: ConditionConfig;
}

export const filter: TransformDefinition<FilterParameters> = defineTransform({
  name: "filter",
  purpose: "Leaves out rows for which a condition does not hold.",
  parameters: z.strictObject({ where: conditionSchema }),
  facts: {
    accepts: null,
    nulls: "NULL passes no test but `null`.",
    twin: "Where VReplication's source can evaluate it: untouched integer columns compared with numbers, and `null`, in one section. Else js-only; the rule's `where` is SQL.",
    collisions: "None.",
  },
  plan({ where }, input) {
    const condition = conditionOf(where, input);
    return {
      columns: input.columns,
      reads: condition.reads,
      writes: [],
      rows: (row) => condition.holds(row),
      ...(condition.filter === null ? {} : { filter: condition.filter }),
    };
  },
});
