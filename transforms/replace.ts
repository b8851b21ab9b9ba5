import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { columnName } from "./parts/parameters.ts";
import { append, asText, fitted, fittedSpan, hexLiteral, standsAt, textKinds, textOf } from "./parts/text.ts";

interface ReplaceParameters {
  readonly column: string;
  readonly find?: string | undefined;
  readonly pattern?: string | undefined;
  readonly with: string;
}

export const replace: TransformDefinition<ReplaceParameters> = defineTransform({
  name: "replace",
  purpose: "Replaces parts of a text, found literally or by a regular expression.",
  parameters: z
    .strictObject({
      column: columnName,
      find: z.string().min(1).meta({ description: "The text to find, case and all.", expected: "a text" }).optional(),
      pattern: z
        .string()
        .min(1)
        .meta({
          description: "Instead of `find`: a regular expression of JavaScript.",
          expected: "a regular expression",
        })
        .optional(),
      with: z
        .string()
        .meta({ description: "What stands there instead; with `pattern`, $1 is its first group.", expected: "a text" })
        .default(""),
    })
    .refine(({ find, pattern }) => (find === undefined) !== (pattern === undefined), {
      message: "Either `find` or `pattern` is needed",
    }),
  facts: {
    accepts: textKinds,
    nulls: "NULL stays NULL.",
    twin: "For `find`. `pattern` is js-only: MySQL's regular expressions are another kind.",
    collisions: "Texts that differ in the replaced parts only become equal.",
  },
  plan({ column, find, pattern, with: by }, input) {
    const before = input.column(column, textKinds);
    const fits = fittedSpan(before);
    const fitting = fitted(before);
    if (find !== undefined) {
      const isChar = /^char/i.test(before.type);
      const [unit, other] = [Buffer.from(find), Buffer.from(by)];
      return cellStep(input, {
        before,
        // UTF-8 is self-synchronizing: bytes of one text are found in another only where its characters are.
        edit(row, { bytes, start, end }) {
          const count = occurrences(bytes, start, end, unit);
          if (count === 0) return;
          const cell = row.write(before.slot, end - start + count * (other.length - unit.length));
          let from = start;
          for (let at = start; at <= end - unit.length; at++) {
            if (!standsAt(bytes, at, unit)) continue;
            append(cell, bytes, from, at);
            append(cell, other, 0, other.length);
            from = at + unit.length;
            at = from - 1;
          }
          append(cell, bytes, from, end);
          fits(cell);
        },
        twin(bytes) {
          const replaced = `REPLACE(${bytes}, ${hexLiteral(find)}, ${hexLiteral(by)})`;
          return asText(isChar ? `TRIM(TRAILING x'20' FROM ${replaced})` : replaced);
        },
      });
    }
    const compiled = regularExpression(pattern ?? "");
    if (compiled === null) {
      return input.refuse(
        "The pattern is no regular expression.",
        "Correct it; it is JavaScript's kind, with the flag u.",
      );
    }
    return cellStep(input, {
      before,
      make: (value) => fitting(Buffer.from(textOf(value).replace(compiled, by))),
    });
  },
});

function regularExpression(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, "gu");
  } catch {
    return null;
  }
}

/** How often `unit` is found, each time behind the one before. */
function occurrences(text: Uint8Array, start: number, end: number, unit: Uint8Array): number {
  let count = 0;
  for (let at = start; at <= end - unit.length; at++) {
    if (!standsAt(text, at, unit)) continue;
    count += 1;
    at += unit.length - 1;
  }
  return count;
}
