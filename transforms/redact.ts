import * as z from "zod";
import type { ChainColumn } from "../src/contracts/transform.ts";
import { defineTransform, type StepInput, type TransformDefinition } from "../src/contracts/transform.ts";
import { constantOf } from "./constants/constant.ts";
import { cellStep } from "./parts/cell-step.ts";
import { anyValue, columnName } from "./parts/parameters.ts";

interface RedactParameters {
  readonly column: string;
  readonly value?: unknown;
}

export const redact: TransformDefinition<RedactParameters> = defineTransform({
  name: "redact",
  purpose: "Replaces every value of a column by one constant.",
  parameters: z.strictObject({
    column: columnName,
    value: anyValue(
      "What stands there instead. By default `redacted` for text, 0 for numbers, 1970-01-02 for dates, `{}` for JSON and no bytes for binary.",
    ).optional(),
  }),
  facts: {
    accepts: null,
    nulls: "NULL stays NULL; `set` replaces it too.",
    twin: "Yes.",
    collisions: "All values become equal: not for columns with a unique key.",
  },
  plan({ column, value }, input) {
    const before = input.column(column);
    const constant = constantOf(input.table, before, value ?? standIn(input, before));
    return cellStep(input, {
      before,
      make: () => constant.bytes,
      // The value itself would make the result of another type.
      twin: (bytes) => `IF(${bytes} IS NULL, NULL, ${constant.sql})`,
    });
  },
});

function standIn(input: StepInput, column: ChainColumn): unknown {
  switch (column.kind) {
    case "text":
      return "redacted".slice(0, column.length ?? undefined);
    case "integer":
    case "decimal":
    case "float":
    case "double":
      return 0;
    case "date":
      return "1970-01-02";
    case "datetime":
    case "timestamp":
      return "1970-01-02 00:00:00";
    case "json":
      return {};
    case "binary":
      return "";
    default:
      return input.refuse(`A ${column.type} ("${column.name}") has no customary stand-in.`, "Give a `value`.");
  }
}
