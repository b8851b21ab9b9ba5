import type { Column, TableSchema } from "../../contracts/schema.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Session } from "../../mysql/session.ts";
import { isLosslessCharset } from "../chunk-key.ts";
import { type FoundRow, findRows } from "./row-finder.ts";

/** Text columns that may hold bytes which do not survive the way over utf8mb4. */
export function suspectTextColumns(table: TableSchema): readonly Column[] {
  return table.columns.filter((column) => column.kind === "text" && !isLosslessCharset(column.charset));
}

/**
 * Keys of rows whose bytes in this column do not come back the same by way of utf8mb4: bytes without meaning in the
 * column's character set, or one of two codes for the same character. The `value` of each is the cell in hex. Reads
 * the table.
 */
export async function lossyTextRows(
  session: Session,
  table: TableSchema,
  column: Column,
): Promise<readonly FoundRow[]> {
  const name = quoteName(column.name);
  const back = `CONVERT(CONVERT(${name} USING utf8mb4) USING ${column.charset})`;
  return findRows(session, table, `NOT (HEX(${name}) <=> HEX(${back}))`, `HEX(${name})`);
}
