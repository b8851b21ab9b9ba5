import * as z from "zod";
import { byteKinds } from "../src/contracts/schema.ts";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { constantOf } from "./constants/constant.ts";
import { cellStep } from "./parts/cell-step.ts";
import { columnName, sqlType } from "./parts/parameters.ts";
import { asText, bufferOf } from "./parts/text.ts";

interface MapParameters {
  readonly column: string;
  readonly type?: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
  readonly otherwise: "error" | "keep" | { readonly value?: unknown };
}

export const map: TransformDefinition<MapParameters> = defineTransform({
  name: "map",
  purpose: "Replaces values by others from a table of values.",
  parameters: z.strictObject({
    column: columnName,
    type: sqlType("New type of the column; by default it keeps its own.").optional(),
    values: z.record(z.string(), z.unknown()).meta({
      description: "Old value: new value. Old ones are written as for `set`, and compared as bytes.",
      expected: "a section like { m: male, f: female }",
    }),
    otherwise: z
      .union([z.enum(["error", "keep"]), z.strictObject({ value: z.unknown() })])
      .meta({
        description: "What becomes of other values: `error` stops the run, `keep` leaves them, `{ value: x }` gives x.",
        expected: "error, keep or { value: … }",
      })
      .default("error"),
  }),
  facts: {
    accepts: null,
    nulls: "NULL stays NULL.",
    twin: "Yes. With `otherwise: error` the twin fails on an unknown value too, which stops the stream.",
    collisions:
      "Values that are mapped to the same one become equal, and so do all others with `otherwise: { value }`.",
  },
  plan({ column, type, values, otherwise }, input) {
    const before = input.column(column);
    const after = type === undefined ? before : input.retype(before, type);
    if (otherwise === "keep" && after !== before) {
      input.refuse(`Values that are kept may not fit ${after.type}.`, "Leave `type` out, or map all values.");
    }
    const rules = Object.entries(values).map(([from, to]) => ({
      from: Buffer.from(constantOf(input.table, before, from).bytes ?? []),
      to: constantOf(input.table, after, to ?? null),
    }));
    const known = new Map(rules.map(({ from, to }) => [from.toString("latin1"), to.bytes]));
    const other = typeof otherwise === "object" ? constantOf(input.table, after, otherwise.value ?? null) : null;
    return cellStep(input, {
      before,
      after,
      make(value) {
        const found = known.get(bufferOf(value).toString("latin1"));
        if (found !== undefined) return found;
        if (otherwise === "error") throw new RangeError(`column "${before.name}" has a value that \`values\` lacks`);
        return other === null ? value : other.bytes;
      },
      twin(bytes, sql) {
        const cases = rules.map(({ from, to }) => `WHEN x'${from.toString("hex")}' THEN ${to.sql}`);
        const rest = other?.sql ?? (otherwise === "keep" ? kept(bytes, sql) : failing(bytes));
        return rules.length === 0
          ? `IF(${bytes} IS NULL, NULL, ${rest})`
          : `IF(${bytes} IS NULL, NULL, CASE ${bytes} ${cases.join(" ")} ELSE ${rest} END)`;
      },
    });

    function kept(bytes: string, sql: string): string {
      const raw = [...byteKinds, "date", "time", "datetime", "timestamp"];
      return raw.includes(before.kind) ? bytes : sql;
    }
  },
});

/** MySQL has no way to raise an error in an expression; text that is no JSON, taken as JSON, does it in every sql_mode. */
function failing(bytes: string): string {
  return `JSON_UNQUOTE(CAST(${asText(`CONCAT(x'${Buffer.from("value without a mapping: ").toString("hex")}', HEX(${bytes}))`)} AS JSON))`;
}
