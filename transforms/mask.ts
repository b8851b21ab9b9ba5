import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { columnName } from "./parts/parameters.ts";
import { asText, fitted, hexLiteral, textKinds, textOf } from "./parts/text.ts";

interface MaskParameters {
  readonly column: string;
  readonly keepFirst: number;
  readonly keepLast: number;
  readonly with: string;
}

const count = (which: string): z.ZodDefault<z.ZodInt> =>
  z
    .int()
    .min(0)
    .meta({ description: `How many of the ${which} characters stay.`, expected: "a whole number from 0" })
    .default(0);

export const mask: TransformDefinition<MaskParameters> = defineTransform({
  name: "mask",
  purpose: "Hides a text's characters but for the first and last ones.",
  parameters: z.strictObject({
    column: columnName,
    keepFirst: count("first"),
    keepLast: count("last"),
    with: z
      .string()
      .refine((text) => [...text].length === 1 && text !== " ")
      .meta({ description: "What stands for a hidden character.", expected: "one character other than the space" })
      .default("*"),
  }),
  facts: {
    accepts: textKinds,
    nulls: "NULL stays NULL. A text no longer than what is kept is hidden whole.",
    twin: "Yes.",
    collisions: "Texts of one length that share the shown characters become equal.",
  },
  plan({ column, keepFirst, keepLast, with: sign }, input) {
    const before = input.column(column, textKinds);
    const fits = fitted(before);
    const shown = keepFirst + keepLast;
    const isChar = /^char/i.test(before.type);
    return cellStep(input, {
      before,
      make(value) {
        const all = [...textOf(value)];
        if (all.length <= shown) return fits(Buffer.from(sign.repeat(all.length)));
        const hidden = sign.repeat(all.length - shown);
        return fits(Buffer.from(all.slice(0, keepFirst).join("") + hidden + all.slice(all.length - keepLast).join("")));
      },
      twin(bytes) {
        const text = asText(bytes);
        const size = `CHAR_LENGTH(${text})`;
        const part = (side: string, length: number): string => `CAST(${side}(${text}, ${length}) AS BINARY)`;
        const hide = (length: string): string => `REPEAT(${hexLiteral(sign)}, ${length})`;
        const parts = `CONCAT(${part("LEFT", keepFirst)}, ${hide(`${size} - ${shown}`)}, ${part("RIGHT", keepLast)})`;
        const whole = `IF(${size} <= ${shown}, ${hide(size)}, ${parts})`;
        return asText(isChar ? `TRIM(TRAILING x'20' FROM ${whole})` : whole);
      },
    });
  },
});
