import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { columnName } from "./parts/parameters.ts";
import { asText, textOf } from "./parts/text.ts";

interface SubstringParameters {
  readonly column: string;
  readonly from: number;
  readonly length?: number | undefined;
}

const accepts = ["text", "binary"] as const;

export const substring: TransformDefinition<SubstringParameters> = defineTransform({
  name: "substring",
  purpose: "Keeps a part of each value.",
  parameters: z.strictObject({
    column: columnName,
    from: z
      .int()
      .refine((from) => from !== 0)
      .meta({
        description: "The first character (byte of binary columns): 1 is the first, -1 the last.",
        expected: "a whole number other than 0",
      })
      .default(1),
    length: z
      .int()
      .min(1)
      .meta({ description: "How many; all that follow when left out.", expected: "a whole number from 1" })
      .optional(),
  }),
  facts: {
    accepts,
    nulls: "NULL stays NULL.",
    twin: "Yes.",
    collisions: "Values that share the part become equal.",
  },
  plan({ column, from, length }, input) {
    const before = input.column(column, accepts);
    if (/^binary/i.test(before.type)) {
      input.refuse(`"${before.name}" is ${before.type}, which is filled up with zero bytes.`, "Use varbinary.");
    }
    const isText = before.kind === "text";
    const isChar = /^char/i.test(before.type);
    const cut = <T>(length_: number, slice: (start: number, end: number) => T): T => {
      const start = from > 0 ? from - 1 : length_ + from;
      // A start before the first one gives nothing, as in SQL.
      if (start < 0) return slice(0, 0);
      return slice(start, length === undefined ? length_ : start + length);
    };
    return cellStep(input, {
      before,
      make(value) {
        if (!isText) return cut(value.length, (start, end) => value.subarray(start, end));
        const characters = [...textOf(value)];
        const text = cut(characters.length, (start, end) => characters.slice(start, end).join(""));
        return Buffer.from(isChar ? text.replace(/ +$/, "") : text);
      },
      twin(bytes) {
        const text = isText ? asText(bytes) : bytes;
        const part = `SUBSTRING(${text}, ${from}${length === undefined ? "" : `, ${length}`})`;
        return isChar ? asText(`TRIM(TRAILING x'20' FROM CAST(${part} AS BINARY))`) : part;
      },
    });
  },
});
