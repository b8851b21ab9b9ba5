import type { Column } from "../contracts/schema.ts";
import { quoteName } from "./identifiers.ts";

/**
 * SQL whose value is exactly the bytes of a row as `readList` gives it over the text protocol, whatever the session's
 * character set and time zone.
 */
export function rowBytesExpression(
  columns: readonly Column[],
  nameOf: (column: Column) => string = (column) => quoteName(column.name),
): string {
  return `CONCAT(${columns.map(nameOf).join(", ")})`;
}

/** Count, xor and sum of the row checksums of a table (already quoted), as columns `rows`, `xor`, `sum`. */
export function checksumSelect(table: string, columns: readonly Column[], where: string | null): string {
  const crc = `CRC32(${rowBytesExpression(columns)})`;
  return `SELECT COUNT(*) AS \`rows\`, COALESCE(BIT_XOR(${crc}), 0) AS \`xor\`, COALESCE(SUM(${crc}), 0) AS \`sum\` FROM ${table}${where === null ? "" : ` WHERE ${where}`}`;
}
