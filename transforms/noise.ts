import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { hmacSha256 } from "./digests/hmac.ts";
import { drawn, drawSql } from "./parts/draw.ts";
import { numberType } from "./parts/numbers.ts";
import { columnName, saltText } from "./parts/parameters.ts";

interface NoiseParameters {
  readonly column: string;
  readonly amount: string | number;
  readonly by?: string | undefined;
  readonly salt: string;
}

const accepts = ["integer", "decimal"] as const;
/** A draw has 48 bits; this leaves enough of them for all results to be about equally likely. */
const mostSteps = 2n ** 40n;

export const noise: TransformDefinition<NoiseParameters> = defineTransform({
  name: "noise",
  purpose: "Adds a number between -amount and +amount that depends on a secret and on the row.",
  parameters: z.strictObject({
    column: columnName,
    amount: z
      .union([z.number(), z.string()])
      .meta({ description: "The most that is added or taken.", expected: "a number" }),
    by: columnName
      .meta({
        description: "The column that decides, like the primary key; by default the value itself.",
        expected: "a column name",
      })
      .optional(),
    salt: saltText,
  }),
  facts: {
    accepts,
    nulls: "NULL stays NULL. NULL in `by` adds nothing.",
    twin: "Yes. Results are held inside the type's range.",
    collisions: "Different numbers may become equal.",
  },
  plan({ column, amount, by, salt }, input) {
    const before = input.column(column, accepts);
    const { slot } = before;
    const decider = by === undefined ? slot : input.column(by).slot;
    const type = numberType(input, before);
    const most = type.scaled(String(amount));
    if (most === null || most < 1n || most > mostSteps) {
      return input.refuse(
        `${amount} is no amount of noise for "${before.name}" (${before.type}).`,
        `Give a positive number with at most ${type.scale} places.`,
      );
    }
    const hmac = hmacSha256(salt);
    const span = Number(2n * most + 1n);
    return {
      columns: input.columns,
      reads: [decider],
      writes: [slot],
      rows(row) {
        const value = row.get(slot);
        const seed = row.span(decider);
        if (value === null || seed === null) return true;
        const result = type.read(value) + BigInt(drawn(hmac.digest(seed), span)) - most;
        row.set(slot, type.cell(result < type.min ? type.min : result > type.max ? type.max : result));
        return true;
      },
      twin(sql, bytes) {
        const steps = `IFNULL(${drawSql(hmac.sql(bytes(decider)), span)} - ${most}, 0)`;
        const unit = type.scale === 0 ? steps : `${steps} * ${type.text(1n)}`;
        const wide = `DECIMAL(65,${type.scale})`;
        const sum = `CAST(${sql(slot)} AS ${wide}) + ${unit}`;
        const held = `LEAST(GREATEST(${sum}, ${type.text(type.min)}), ${type.text(type.max)})`;
        return new Map([[slot, `CAST(${held} AS ${type.castType})`]]);
      },
    };
  },
});
