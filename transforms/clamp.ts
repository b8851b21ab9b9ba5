import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { numberType } from "./parts/numbers.ts";
import { columnName } from "./parts/parameters.ts";

interface ClampParameters {
  readonly column: string;
  readonly min?: string | number | undefined;
  readonly max?: string | number | undefined;
}

const accepts = ["integer", "decimal"] as const;
const bound = (what: string): z.ZodOptional<z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>> =>
  z.union([z.number(), z.string()]).meta({ description: what, expected: "a number" }).optional();

export const clamp: TransformDefinition<ClampParameters> = defineTransform({
  name: "clamp",
  purpose: "Holds numbers between a least and a greatest one.",
  hides: false,
  parameters: z.strictObject({
    column: columnName,
    min: bound("The least number; smaller ones become it."),
    max: bound("The greatest number; larger ones become it."),
  }),
  facts: {
    accepts,
    nulls: "NULL stays NULL.",
    twin: "Yes.",
    collisions: "Numbers beyond a bound become equal.",
  },
  plan({ column, min, max }, input) {
    const before = input.column(column, accepts);
    const type = numberType(input, before);
    const limit = (given: string | number | undefined, none: bigint): bigint => {
      if (given === undefined) return none;
      const value = type.scaled(String(given));
      if (value !== null && value >= type.min && value <= type.max) return value;
      return input.refuse(
        `${given} is no value of "${before.name}" (${before.type}).`,
        "Give a bound of the column's type.",
      );
    };
    const least = limit(min, type.min);
    const greatest = limit(max, type.max);
    if (least > greatest) input.refuse("The least number is above the greatest.", "Exchange `min` and `max`.");
    return cellStep(input, {
      before,
      make(value) {
        const number = type.read(value);
        if (number < least) return type.cell(least);
        return number > greatest ? type.cell(greatest) : value;
      },
      twin: (_, sql) => {
        const wide = `DECIMAL(65,${type.scale})`;
        const inside = `GREATEST(CAST(${sql} AS ${wide}), ${type.text(least)})`;
        return `CAST(LEAST(${inside}, ${type.text(greatest)}) AS ${type.castType})`;
      },
    });
  },
});
