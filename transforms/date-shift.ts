import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { hmacSha256 } from "./digests/hmac.ts";
import { appendDate, dateBytes, dateKinds, day, isPartial, millisecondsAt, partialSql } from "./parts/dates.ts";
import { drawn, drawSql } from "./parts/draw.ts";
import { columnName, saltText } from "./parts/parameters.ts";
import { append, asText } from "./parts/text.ts";

interface DateShiftParameters {
  readonly column: string;
  readonly days?: number | undefined;
  readonly within?: number | undefined;
  readonly by?: string | undefined;
  readonly salt?: string | undefined;
}

export const dateShift: TransformDefinition<DateShiftParameters> = defineTransform({
  name: "dateShift",
  purpose: "Moves dates by a number of days: a fixed one, or one that depends on another column.",
  parameters: z
    .strictObject({
      column: columnName,
      days: z
        .int()
        .min(-3_000_000)
        .max(3_000_000)
        .meta({ description: "A fixed number of days.", expected: "a whole number" })
        .optional(),
      within: z
        .int()
        .min(1)
        .max(100_000)
        .meta({ description: "Instead: up to so many days earlier or later.", expected: "a whole number from 1" })
        .optional(),
      by: columnName
        .meta({
          description:
            "With `within`: the column that decides, like `patient_id`; its rows all move alike, in every table with that salt.",
          expected: "a column name",
        })
        .optional(),
      salt: saltText.optional(),
    })
    .refine(
      ({ days, within, by, salt }) =>
        days === undefined
          ? within !== undefined && by !== undefined && salt !== undefined
          : within === undefined && by === undefined && salt === undefined,
      { message: "Either `days`, or `within`, `by` and `salt` are needed" },
    ),
  facts: {
    accepts: dateKinds,
    nulls: "NULL stays NULL; dates with a zero year, month or day stay as they are. NULL in `by` moves nothing.",
    twin: "Yes. A date that leaves the years 1 to 9999 stops the run.",
    collisions: "With `days` none; with `within` different dates may become equal.",
  },
  plan({ column, days, within = 0, by, salt = "" }, input) {
    const before = input.column(column, dateKinds);
    const { slot } = before;
    const decider = by === undefined ? null : input.column(by).slot;
    if (decider === slot) input.refuse("A date cannot decide how it is moved itself.", "Name another column in `by`.");
    const hmac = hmacSha256(salt);
    const span = 2 * within + 1;
    return {
      columns: input.columns,
      reads: decider === null ? [] : [decider],
      writes: [slot],
      rows(row) {
        const value = row.span(slot);
        if (value === null || isPartial(value.bytes, value.start)) return true;
        const seed = decider === null ? null : row.span(decider);
        const shift = days ?? (seed === null ? 0 : drawn(hmac.digest(seed), span) - within);
        const { bytes, start, end } = value;
        const moved = millisecondsAt(bytes, start, false) + shift * day;
        const cell = row.write(slot, end - start);
        appendDate(cell, moved, false);
        append(cell, bytes, start + dateBytes, end);
        return true;
      },
      twin(_, bytes) {
        const value = bytes(slot);
        const shift =
          decider === null ? String(days ?? 0) : `IFNULL(${drawSql(hmac.sql(bytes(decider)), span)} - ${within}, 0)`;
        const moved = `DATE_ADD(CAST(LEFT(${value}, 10) AS DATE), INTERVAL ${shift} DAY)`;
        const whole = `CONCAT(CAST(${moved} AS BINARY), SUBSTRING(${value}, 11))`;
        return new Map([[slot, asText(`IF(${partialSql(value)}, ${value}, ${whole})`)]]);
      },
    };
  },
});
