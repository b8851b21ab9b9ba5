import type { Column } from "../contracts/schema.ts";
import { quoteName } from "./identifiers.ts";

/**
 * What to select so that the text protocol carries a column's exact value, in the same text that SQL itself makes of it
 * (the row's checksum on the target is computed there). The protocol prints FLOAT with six digits, so 5592405.5 would
 * come as 5592410; and it writes a small DOUBLE out (-0.00000094…) where a conversion to text gives -9.4…e-7. Converted
 * text has 17 digits of a DOUBLE, and of a FLOAT at least the nine that make it come back the same.
 */
export function readExpression(column: Column): string {
  const name = quoteName(column.name);
  if (column.kind === "double") return `CAST(${name} AS CHAR)`;
  if (column.kind === "float") return `CAST(CAST(${name} AS DOUBLE) AS CHAR)`;
  return name;
}

/** The explicit select list for these columns, in their order. Invisible columns are included when they are named. */
export function readList(columns: readonly Column[]): string {
  return columns.map(readExpression).join(", ");
}
