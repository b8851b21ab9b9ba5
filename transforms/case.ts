import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { columnName } from "./parts/parameters.ts";
import { asText, fitted, textKinds, textOf } from "./parts/text.ts";

interface CaseParameters {
  readonly column: string;
  readonly to: "upper" | "lower";
  readonly letters: "ascii" | "all";
}

/** `case` is a reserved word of JavaScript, hence the longer name here. */
export const letterCase: TransformDefinition<CaseParameters> = defineTransform({
  name: "case",
  purpose: "Makes text upper or lower case.",
  hides: false,
  parameters: z.strictObject({
    column: columnName,
    to: z.enum(["upper", "lower"]).meta({ description: "Which case.", expected: "upper or lower" }),
    letters: z
      .enum(["ascii", "all"])
      .meta({ description: "Only A to Z, or every letter of Unicode.", expected: "ascii or all" })
      .default("ascii"),
  }),
  facts: {
    accepts: textKinds,
    nulls: "NULL stays NULL.",
    twin: "For `letters: ascii`. `all` is js-only: MySQL's table of letters is that of its collation, not Unicode's.",
    collisions: "Texts that differ in case become equal.",
  },
  plan({ column, to, letters }, input) {
    const before = input.column(column, textKinds);
    const fits = fitted(before);
    if (letters === "all") {
      return cellStep(input, {
        before,
        make: (value) => fits(Buffer.from(to === "upper" ? textOf(value).toUpperCase() : textOf(value).toLowerCase())),
      });
    }
    const [low, high] = to === "upper" ? ([0x61, 0x7a] as const) : ([0x41, 0x5a] as const);
    const changed = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= low && byte <= high ? byte ^ 0x20 : byte));
    return cellStep(input, {
      before,
      edit(row, { bytes, start, end }) {
        const cell = row.write(before.slot, end - start);
        const { bytes: into, start: first } = cell;
        const size = end - start;
        for (let i = 0; i < size; i++) into[first + i] = changed[bytes[start + i] as number] as number;
        cell.end = first + size;
      },
      // To tis620 the letters are those of ASCII, and it takes every byte as it is.
      twin: (bytes) => asText(`CAST(${to.toUpperCase()}(CONVERT(${bytes} USING tis620)) AS BINARY)`),
    });
  },
});
