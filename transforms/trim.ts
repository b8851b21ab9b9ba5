import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { columnName } from "./parts/parameters.ts";
import { asText, hexLiteral, standsAt, textKinds, withoutSpaces } from "./parts/text.ts";

interface TrimParameters {
  readonly column: string;
  readonly side: "both" | "start" | "end";
  readonly character: string;
}

const words = { both: "BOTH", start: "LEADING", end: "TRAILING" } as const;

export const trim: TransformDefinition<TrimParameters> = defineTransform({
  name: "trim",
  purpose: "Takes a character, by default the space, off the ends of a text.",
  hides: false,
  parameters: z.strictObject({
    column: columnName,
    side: z
      .enum(["both", "start", "end"])
      .meta({ description: "Which end.", expected: "both, start or end" })
      .default("both"),
    character: z
      .string()
      .refine((text) => [...text].length === 1)
      .meta({ description: "What is taken off.", expected: "one character" })
      .default(" "),
  }),
  facts: {
    accepts: textKinds,
    nulls: "NULL stays NULL.",
    twin: "Yes.",
    collisions: "Texts that differ at their ends only become equal.",
  },
  plan({ column, side, character }, input) {
    const before = input.column(column, textKinds);
    const unit = Buffer.from(character);
    const isChar = /^char/i.test(before.type);
    return cellStep(input, {
      before,
      edit(row, { bytes, start, end }) {
        const size = unit.length;
        let [from, to] = [start, end];
        if (side !== "end") while (to - from >= size && standsAt(bytes, from, unit)) from += size;
        if (side !== "start") while (to - from >= size && standsAt(bytes, to - size, unit)) to -= size;
        // What a CHAR has at its end after this, it loses.
        if (isChar) to = withoutSpaces(bytes, from, to);
        if (from !== start || to !== end) row.cut(before.slot, from - start, to - start);
      },
      twin(bytes) {
        const trimmed = `TRIM(${words[side]} ${hexLiteral(unit)} FROM ${bytes})`;
        return asText(isChar ? `TRIM(TRAILING x'20' FROM ${trimmed})` : trimmed);
      },
    });
  },
});
