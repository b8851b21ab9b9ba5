import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { columnName } from "./parts/parameters.ts";
import { append, asText, characters, fittedSpan, hexLiteral, textKinds } from "./parts/text.ts";

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
    const fits = fittedSpan(before);
    const unit = Buffer.from(sign);
    const shown = keepFirst + keepLast;
    const isChar = /^char/i.test(before.type);
    return cellStep(input, {
      before,
      edit(row, { bytes, start, end }) {
        const all = characters(bytes, start, end);
        const whole = all <= shown;
        const head = whole ? start : skipped(bytes, start, keepFirst);
        const tail = whole ? end : skipped(bytes, head, all - shown);
        const hidden = whole ? all : all - shown;
        const cell = row.write(before.slot, head - start + hidden * unit.length + end - tail);
        append(cell, bytes, start, head);
        if (unit.length > 1) for (let i = 0; i < hidden; i++) append(cell, unit, 0, unit.length);
        else {
          const [byte, from] = [unit[0] as number, cell.end];
          for (let i = 0; i < hidden; i++) cell.bytes[from + i] = byte;
          cell.end = from + hidden;
        }
        append(cell, bytes, tail, end);
        fits(cell);
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

/** Where the text goes on after `count` characters from `at`, of which it has that many. */
function skipped(text: Uint8Array, at: number, count: number): number {
  let next = at;
  for (let i = 0; i < count; i++) {
    next += 1;
    while (((text[next] as number) & 0xc0) === 0x80) next += 1;
  }
  return next;
}
