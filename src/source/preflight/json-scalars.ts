import type { Column, TableSchema } from "../../contracts/schema.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Session } from "../../mysql/session.ts";
import { type FoundRow, findRows } from "./row-finder.ts";

/** Types JSON text has no form for: a decimal comes back as a double, the others as strings. */
const lostTypes = "'DECIMAL', 'DATE', 'TIME', 'DATETIME', 'TIMESTAMP', 'BIT', 'BLOB', 'OPAQUE'";

/**
 * Keys of rows whose document holds a typed scalar anywhere, which no text form keeps, ours included. The `value` of
 * each is the document. Such values get there through JSON functions over typed columns, not through JSON text. Reads
 * the table.
 */
export async function jsonScalarRows(
  session: Session,
  table: TableSchema,
  column: Column,
): Promise<readonly FoundRow[]> {
  const name = `t.${quoteName(column.name)}`;
  const within = (path: string): string =>
    `EXISTS (SELECT 1 FROM JSON_TABLE(${name}, '${path}' COLUMNS (v JSON PATH '$')) AS m WHERE JSON_TYPE(m.v) IN (${lostTypes}))`;
  return findRows(
    session,
    table,
    `(JSON_TYPE(${name}) IN (${lostTypes}) OR ${within("$**.*")} OR ${within("$**[*]")})`,
    name,
  );
}
