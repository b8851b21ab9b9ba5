import * as z from "zod";
import {
  type ChainColumn,
  defineTransform,
  type StepInput,
  type TransformDefinition,
} from "../src/contracts/transform.ts";
import { dateText, datetimeText } from "./constants/temporal.ts";
import { type CellWork, cellStep } from "./parts/cell-step.ts";
import { numberType } from "./parts/numbers.ts";
import { columnName, sqlType } from "./parts/parameters.ts";
import { asText, bufferOf, fitted, printedKinds, textOf } from "./parts/text.ts";

interface CastParameters {
  readonly column: string;
  readonly type: string;
}

type Work = Pick<CellWork, "make" | "twin">;

export const cast: TransformDefinition<CastParameters> = defineTransform({
  name: "cast",
  purpose: "Gives a column another type, refusing values that do not fit it exactly.",
  hides: false,
  parameters: z.strictObject({ column: columnName, type: sqlType("The new type.") }),
  facts: {
    accepts: printedKinds,
    nulls: "NULL stays NULL.",
    twin: "From numbers and dates, and to text. From text js-only: a text that is no number or date stops the run, while SQL makes 0 or NULL of it.",
    collisions: "None, but for a DATETIME cut to a DATE, and texts that are one number.",
  },
  plan({ column, type }, input) {
    const before = input.column(column, printedKinds);
    const after = input.retype(before, type);
    if (before.generated === null && before.nullable && !after.nullable) {
      input.refuse(
        `"${before.name}" may be NULL, and ${type} may not.`,
        "Put `default` in front, or leave NOT NULL out.",
      );
    }
    return cellStep(input, { before, after, ...conversion(input, before, after) });
  },
});

function conversion(input: StepInput, before: ChainColumn, after: ChainColumn): Work {
  const isNumber = ({ kind }: ChainColumn): boolean => kind === "integer" || kind === "decimal";
  if (after.kind === "text") {
    const fits = fitted(after);
    if (after.charset === "ascii" || /zerofill/i.test(before.type))
      return { make: (value) => asciiOnly(fits(bufferOf(value))) };
    const isChar = /^char/i.test(after.type);
    return {
      make: (value) => fits(bufferOf(value)),
      twin: (bytes) => asText(isChar ? `TRIM(TRAILING x'20' FROM ${bytes})` : bytes),
    };
  }
  if (isNumber(before) && isNumber(after)) return betweenNumbers(input, before, after);
  if (before.kind === "date" && (after.kind === "datetime" || after.kind === "timestamp")) {
    const rest = Buffer.from(` 00:00:00${after.fsp ? `.${"0".repeat(after.fsp)}` : ""}`);
    return {
      make: (value) => Buffer.concat([value, rest]),
      twin: (bytes) => asText(`CONCAT(${bytes}, x'${rest.toString("hex")}')`),
    };
  }
  if ((before.kind === "datetime" || before.kind === "timestamp") && after.kind === "date") {
    return { make: (value) => value.subarray(0, 10), twin: (bytes) => asText(`LEFT(${bytes}, 10)`) };
  }
  if (before.kind === "text") return fromText(input, before, after);
  return input.refuse(
    `There is no exact way from ${before.type} to ${after.type} ("${before.name}").`,
    "Cast to text first, or use `sql`.",
  );
}

function betweenNumbers(input: StepInput, before: ChainColumn, after: ChainColumn): Work {
  const from = numberType(input, before);
  const to = numberType(input, after);
  const up = 10n ** BigInt(Math.max(0, to.scale - from.scale));
  const down = 10n ** BigInt(Math.max(0, from.scale - to.scale));
  const make: CellWork["make"] = (value) => {
    const number = from.read(value) * up;
    if (number % down !== 0n) throw new RangeError(`the number has more places than ${after.type}`);
    return to.cell(number / down);
  };
  // Digits that get lost stop the run, which SQL does not.
  return down > 1n ? { make } : { make, twin: (_, sql) => `CAST(${sql} AS ${to.castType})` };
}

function fromText(input: StepInput, before: ChainColumn, after: ChainColumn): Work {
  const checked = (read: (text: string) => string | null): Work => ({
    make(value) {
      const text = read(textOf(value).trim());
      if (text === null) throw new RangeError(`the text in "${before.name}" is no ${after.type}`);
      return Buffer.from(text);
    },
  });
  switch (after.kind) {
    case "integer":
    case "decimal": {
      const type = numberType(input, after);
      return checked((text) => {
        const number = type.scaled(text);
        return number === null || number < type.min || number > type.max ? null : type.text(number);
      });
    }
    case "date":
      return checked(dateText);
    case "datetime":
    case "timestamp":
      return checked((text) => datetimeText(text.length === 10 ? `${text} 00:00:00` : text, after.fsp ?? 0));
    default:
      return input.refuse(`There is no exact way from text to ${after.type} ("${before.name}").`, "Use `sql`.");
  }
}

function asciiOnly(text: Buffer): Buffer {
  if (text.some((byte) => byte > 0x7f)) throw new RangeError("the text has characters that ascii lacks");
  return text;
}
