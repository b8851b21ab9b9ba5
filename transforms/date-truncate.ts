import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { dateKinds, isPartial, partialSql } from "./parts/dates.ts";
import { columnName } from "./parts/parameters.ts";
import { append, asText, hexLiteral } from "./parts/text.ts";

const units = ["year", "month", "day", "hour", "minute", "second"] as const;
type Unit = (typeof units)[number];

interface DateTruncateParameters {
  readonly column: string;
  readonly to: Unit;
}

/** How much of `2024-02-29 12:34:56.123456` stays. */
const kept: Readonly<Record<Unit, number>> = { year: 4, month: 7, day: 10, hour: 13, minute: 16, second: 19 };
const start = "0000-01-01 00:00:00.000000";

export const dateTruncate: TransformDefinition<DateTruncateParameters> = defineTransform({
  name: "dateTruncate",
  purpose: "Sets dates back to the start of their year, month, day, hour, minute or second.",
  parameters: z.strictObject({
    column: columnName,
    to: z
      .enum(units)
      .meta({ description: "What the date is set back to, in UTC for TIMESTAMP.", expected: units.join(", ") }),
  }),
  facts: {
    accepts: dateKinds,
    nulls: "NULL stays NULL; dates with a zero year, month or day stay as they are.",
    twin: "Yes.",
    collisions: "Dates in the same unit become equal.",
  },
  plan({ column, to }, input) {
    const before = input.column(column, dateKinds);
    const length = before.kind === "date" ? 10 : before.fsp ? 20 + before.fsp : 19;
    const rest = Buffer.from(start.slice(Math.min(kept[to], length), length));
    return cellStep(input, {
      before,
      edit(row, { bytes, start, end }) {
        if (isPartial(bytes, start)) return;
        const cell = row.write(before.slot, kept[to] + rest.length);
        append(cell, bytes, start, Math.min(start + kept[to], end));
        append(cell, rest, 0, rest.length);
      },
      twin: (bytes) =>
        asText(`IF(${partialSql(bytes)}, ${bytes}, CONCAT(LEFT(${bytes}, ${kept[to]}), ${hexLiteral(rest)}))`),
    });
  },
});
