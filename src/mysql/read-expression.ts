import type { Column } from "../contracts/schema.ts";
import { quoteName } from "./identifiers.ts";

/**
 * What to select so that the text protocol carries a column's exact value. MySQL prints FLOAT with six digits, so
 * 5592405.5 would come as 5592410; as a DOUBLE it is exact.
 */
export function readExpression(column: Column): string {
  const name = quoteName(column.name);
  return column.kind === "float" ? `CAST(${name} AS DOUBLE)` : name;
}

/** The explicit select list for these columns, in their order. Invisible columns are included when they are named. */
export function readList(columns: readonly Column[]): string {
  return columns.map(readExpression).join(", ");
}
