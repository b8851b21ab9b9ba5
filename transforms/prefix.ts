import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { columnName } from "./parts/parameters.ts";
import { append, asText, fittedSpan, hexLiteral, textKinds } from "./parts/text.ts";

interface PrefixParameters {
  readonly column: string;
  readonly prefix: string;
}

/** For merging sources whose ids are text. */
export const prefix: TransformDefinition<PrefixParameters> = defineTransform({
  name: "prefix",
  purpose: "Puts a text in front of each value, such as an id.",
  hides: false,
  parameters: z.strictObject({
    column: columnName,
    prefix: z.string().min(1).meta({ description: "What stands in front.", expected: "a text" }),
  }),
  facts: {
    accepts: textKinds,
    nulls: "NULL stays NULL.",
    twin: "Yes. A result too long for the column stops the run.",
    collisions: "None within a source.",
  },
  plan({ column, prefix: front }, input) {
    const before = input.column(column, textKinds);
    const fits = fittedSpan(before);
    const unit = Buffer.from(front);
    const isChar = /^char/i.test(before.type);
    return cellStep(input, {
      before,
      edit(row, { bytes, start, end }) {
        const cell = row.write(before.slot, unit.length + end - start);
        append(cell, unit, 0, unit.length);
        append(cell, bytes, start, end);
        fits(cell);
      },
      twin(value) {
        const whole = `CONCAT(${hexLiteral(unit)}, ${value})`;
        return asText(isChar ? `TRIM(TRAILING x'20' FROM ${whole})` : whole);
      },
    });
  },
});
