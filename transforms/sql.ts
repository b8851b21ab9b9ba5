import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { columnName, sqlType } from "./parts/parameters.ts";

interface SqlParameters {
  readonly column: string;
  readonly type?: string | undefined;
  readonly expression: string;
}

/** One text, evaluated twice: by the source in the snapshot's SELECT, by VReplication in catch-up. */
export const sql: TransformDefinition<SqlParameters> = defineTransform({
  name: "sql",
  purpose: "Makes a column of a SQL expression that the source computes over its row.",
  parameters: z.strictObject({
    column: columnName,
    type: sqlType("Type of the result; needed for a new column.").optional(),
    expression: z.string().min(1).meta({
      description:
        "An expression of MySQL over the source's columns, which stand in backticks. Texts are utf8mb4 and compared in its default collation. It sees nothing of other steps, so `sql` steps stand first.",
      expected: "an expression like UPPER(`name`)",
    }),
  }),
  facts: {
    accepts: null,
    nulls: "As the expression has it.",
    twin: "Yes: the same text. Functions that give another value each time, sub-selects and -> are refused, and columns of bits.",
    collisions: "As the expression has it.",
  },
  plan({ column, type, expression }, input) {
    const present = input.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase());
    // Without a type the column has to be there: input.column then names what is missing.
    const before = present ?? (type === undefined ? input.column(column) : undefined);
    const after =
      before === undefined
        ? input.newColumn(column, type ?? "")
        : type === undefined
          ? before
          : input.retype(before, type);
    const { slot, sql: computed } = input.compute(after, expression);
    const target = after.slot;
    return {
      columns: before === undefined ? [...input.columns, after] : input.columns.map((c) => (c === before ? after : c)),
      writes: [target],
      rows(row) {
        row.set(target, row.get(slot));
        return true;
      },
      twin: () => new Map([[target, computed]]),
    };
  },
});
