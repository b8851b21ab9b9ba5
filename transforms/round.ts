import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { numberType } from "./parts/numbers.ts";
import { columnName } from "./parts/parameters.ts";

interface RoundParameters {
  readonly column: string;
  readonly places: number;
}

const accepts = ["integer", "decimal"] as const;

export const round: TransformDefinition<RoundParameters> = defineTransform({
  name: "round",
  purpose: "Rounds numbers, halves away from zero; the column keeps its type.",
  parameters: z.strictObject({
    column: columnName,
    places: z
      .int()
      .min(-20)
      .max(30)
      .meta({ description: "Places behind the point; -3 rounds to thousands.", expected: "a whole number" })
      .default(0),
  }),
  facts: {
    accepts,
    nulls: "NULL stays NULL.",
    twin: "Yes. FLOAT and DOUBLE are not taken: their halves are not exact. A result out of the type's range stops the run.",
    collisions: "Numbers that round alike become equal.",
  },
  plan({ column, places }, input) {
    const before = input.column(column, accepts);
    const type = numberType(input, before);
    const unit = 10n ** BigInt(Math.max(0, type.scale - places));
    return cellStep(input, {
      before,
      make(value) {
        const number = type.read(value);
        const size = number < 0n ? -number : number;
        const rounded = ((size + unit / 2n) / unit) * unit;
        return type.cell(number < 0n ? -rounded : rounded);
      },
      twin: (_, sql) => `CAST(ROUND(CAST(${sql} AS DECIMAL(65,${type.scale})), ${places}) AS ${type.castType})`,
    });
  },
});
