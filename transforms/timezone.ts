import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { cellStep } from "./parts/cell-step.ts";
import { appendDate, datetimeBytes, isPartial, millisecondsAt, partialSql } from "./parts/dates.ts";
import { columnName } from "./parts/parameters.ts";
import { append, asText } from "./parts/text.ts";
import { moved, zoneOf } from "./parts/zones.ts";

interface TimezoneParameters {
  readonly column: string;
  readonly from: string;
  readonly to: string;
}

const accepts = ["datetime"] as const;
const zone = (which: string): z.ZodString =>
  z
    .string()
    .min(1)
    .meta({ description: `The zone ${which}.`, expected: "UTC, an offset like +05:30 or a name like Europe/Paris" });

export const timezone: TransformDefinition<TimezoneParameters> = defineTransform({
  name: "timezone",
  purpose: "Takes the clock readings of a DATETIME from one time zone to another.",
  hides: false,
  parameters: z.strictObject({
    column: columnName,
    from: zone("they are in"),
    to: zone("they shall be in").default("UTC"),
  }),
  facts: {
    accepts,
    nulls: "NULL stays NULL; dates with a zero year, month or day stay as they are.",
    twin: "Between fixed offsets. Named zones are js-only: the source, the target and vtpipe may know different rules for them, and MySQL leaves dates after 3001 alone.",
    collisions: "None between fixed offsets; where a clock is set back, two readings become one.",
  },
  plan({ column, from, to }, input) {
    const before = input.column(column, accepts);
    const unknown = (name: string): never =>
      input.refuse(
        `There is no time zone "${name}".`,
        "Write UTC, an offset up to 14:00 like +05:30, or a name like Europe/Paris.",
      );
    const source = zoneOf(from) ?? unknown(from);
    const target = zoneOf(to) ?? unknown(to);
    const shift = source.fixed === null || target.fixed === null ? null : target.fixed - source.fixed;
    const fsp = before.fsp ?? 0;
    return cellStep(input, {
      before,
      edit(row, { bytes, start, end }) {
        if (isPartial(bytes, start)) return;
        const reading = moved(millisecondsAt(bytes, start, true), source, target);
        const cell = row.write(before.slot, end - start);
        appendDate(cell, reading, true);
        append(cell, bytes, start + datetimeBytes, end);
      },
      ...(shift === null
        ? {}
        : {
            twin: (bytes: string) => {
              const changed = `DATE_ADD(CAST(${bytes} AS DATETIME(${fsp})), INTERVAL ${shift} MINUTE)`;
              return asText(`IF(${partialSql(bytes)}, ${bytes}, CAST(${changed} AS BINARY))`);
            },
          }),
    });
  },
});
