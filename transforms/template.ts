import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { columnName, sqlType } from "./parts/parameters.ts";
import { asText, bufferOf, fitted, hexLiteral, printedKinds } from "./parts/text.ts";

interface TemplateParameters {
  readonly column: string;
  readonly type?: string | undefined;
  readonly template: string;
  readonly nulls: "null" | "empty";
}

export const template: TransformDefinition<TemplateParameters> = defineTransform({
  name: "template",
  purpose: "Writes a text made of other columns' values.",
  parameters: z.strictObject({
    column: columnName.meta({ description: "The text column to write.", expected: "a column name" }),
    type: sqlType("Type of the column when it is a new one, like `varchar(100)`.").optional(),
    template: z.string().min(1).meta({
      description: "The text, with `{column}` for a column's value; `{{` is a brace.",
      expected: "a text like {first_name} {last_name}",
    }),
    nulls: z
      .enum(["null", "empty"])
      .meta({ description: "Whether a NULL part makes the whole NULL, or nothing.", expected: "null or empty" })
      .default("null"),
  }),
  facts: {
    accepts: printedKinds,
    nulls: "One NULL part makes the whole NULL; with `nulls: empty` it adds nothing.",
    twin: "Yes.",
    collisions: "Different rows may give equal texts, such as `a` + `bc` and `ab` + `c`.",
  },
  plan({ column, type, template: text, nulls }, input) {
    const present = input.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase());
    const target = present === undefined && type !== undefined ? input.newColumn(column, type) : input.column(column);
    if (target.kind !== "text") input.refuse(`Column "${target.name}" is ${target.type}.`, "A template makes text.");
    const parts = partsOf(text).map((part) =>
      typeof part === "string" ? Buffer.from(part) : input.column(part.column, printedKinds).slot,
    );
    const reads = parts.filter((part) => typeof part === "number");
    const fits = fitted(target);
    if (!target.nullable && nulls === "null" && input.columns.some((c) => reads.includes(c.slot) && c.nullable)) {
      input.refuse(`"${target.name}" is NOT NULL, and parts of the template may be NULL.`, "Write `nulls: empty`.");
    }
    return {
      columns: present === undefined ? [...input.columns, target] : input.columns,
      reads,
      writes: [target.slot],
      rows(row) {
        const values = parts.map((part) => (typeof part === "number" ? row.get(part) : part));
        const isNull = nulls === "null" && values.includes(null);
        row.set(
          target.slot,
          isNull ? null : fits(Buffer.concat(values.flatMap((v) => (v === null ? [] : [bufferOf(v)])))),
        );
        return true;
      },
      twin(_, bytes) {
        const value = (slot: number): string => (nulls === "empty" ? `IFNULL(${bytes(slot)}, x'')` : bytes(slot));
        const all = parts.map((part) => (typeof part === "number" ? value(part) : hexLiteral(part)));
        const whole = `CONCAT(${all.join(", ")})`;
        return new Map([
          [target.slot, asText(/^char/i.test(target.type) ? `TRIM(TRAILING x'20' FROM ${whole})` : whole)],
        ]);
      },
    };
  },
});

function partsOf(text: string): (string | { readonly column: string })[] {
  return Array.from(text.matchAll(/\{\{|\{([^{}]+)\}|[^{]+|\{/g), ([all, column]) =>
    column === undefined ? (all === "{{" ? "{" : all) : { column },
  );
}
