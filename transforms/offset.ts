import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { numberType } from "./parts/numbers.ts";
import { columnName } from "./parts/parameters.ts";

interface OffsetParameters {
  readonly column: string;
  readonly by: string | number;
}

const accepts = ["integer"] as const;

/** For merging sources whose ids overlap: give each source its own range. */
export const offset: TransformDefinition<OffsetParameters> = defineTransform({
  name: "offset",
  purpose: "Adds a constant to a number, such as an id.",
  hides: false,
  parameters: z.strictObject({
    column: columnName,
    by: z
      .union([z.int(), z.string().regex(/^-?\d{1,20}$/)])
      .meta({ description: "What is added; as a text beyond 2^53.", expected: "a whole number" }),
  }),
  facts: {
    accepts,
    nulls: "NULL stays NULL.",
    twin: "Yes. A result out of the type's range stops the run.",
    collisions: "None within a source; between sources when their ranges overlap.",
  },
  plan({ column, by }, input) {
    const before = input.column(column, accepts);
    const type = numberType(input, before);
    const added = BigInt(by);
    return cellStep(input, {
      before,
      make: (value) => type.cell(type.read(value) + added),
      twin: (_, sql) => `CAST(CAST(${sql} AS DECIMAL(30,0)) + ${added} AS ${type.castType})`,
    });
  },
});
