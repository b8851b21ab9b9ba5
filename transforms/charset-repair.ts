import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { columnName } from "./parts/parameters.ts";
import { asText, fitted, textKinds, textOf } from "./parts/text.ts";
import { fromLatin1, toLatin1 } from "./parts/windows-1252.ts";

interface CharsetRepairParameters {
  readonly column: string;
  readonly from: "utf8-as-latin1" | "latin1-as-utf8";
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `CafÃ©` that was meant to be `Café`: a client said latin1 and sent utf8. */
export const charsetRepair: TransformDefinition<CharsetRepairParameters> = defineTransform({
  name: "charsetRepair",
  purpose: "Repairs text that was stored under the wrong character set.",
  hides: false,
  parameters: z.strictObject({
    column: columnName,
    from: z
      .enum(["utf8-as-latin1", "latin1-as-utf8"])
      .meta({
        description:
          "What happened: utf8 bytes were stored as latin1 (`CafÃ©` for `Café`), or once too often repaired.",
        expected: "utf8-as-latin1 or latin1-as-utf8",
      })
      .default("utf8-as-latin1"),
  }),
  facts: {
    accepts: textKinds,
    nulls: "NULL stays NULL. Text to which it cannot have happened stays as it is.",
    twin: "For utf8-as-latin1. latin1-as-utf8 is js-only: no expression has been proven to give the same bytes.",
    collisions: "A damaged and an undamaged form of the same text become equal.",
  },
  plan({ column, from }, input) {
    const before = input.column(column, textKinds);
    // What comes out may have any character.
    const after = ["utf8mb4", null].includes(before.charset)
      ? before
      : input.retype(before, `${before.type} character set utf8mb4`);
    const fits = fitted(after);
    if (from === "latin1-as-utf8") {
      return cellStep(input, { before, after, make: (value) => fits(Buffer.from(fromLatin1(value))) });
    }
    return cellStep(input, {
      before,
      after,
      make(value) {
        const bytes = toLatin1(textOf(value));
        return bytes !== null && isUtf8(bytes) ? fits(bytes) : value;
      },
      twin(bytes) {
        const latin1 = `CAST(CONVERT(${asText(bytes)} USING latin1) AS BINARY)`;
        const whole = `CAST(CONVERT(CONVERT(${latin1} USING latin1) USING utf8mb4) AS BINARY) = ${bytes}`;
        const valid = `IFNULL(CAST(${asText(latin1)} AS BINARY) = ${latin1}, FALSE)`;
        return asText(`IF(${whole} AND ${valid}, ${latin1}, ${bytes})`);
      },
    });
  },
});

function isUtf8(bytes: Uint8Array): boolean {
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
