import type { Column, TableSchema } from "../../contracts/schema.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Session } from "../../mysql/session.ts";
import { type FoundRow, findRows } from "./row-finder.ts";

const unbounded = new Set(["json", "geometry"]);
/** Text of any number or date, about. */
const shortCell = 70;

/** Could a row of these columns pass the limit at all? Most tables cannot, and need no look. Generated columns are not sent. */
export function mayPassLimit(table: TableSchema, limitBytes: number): boolean {
  return sent(table).reduce((sum, column) => sum + longest(column), 0) > limitBytes;
}

function longest(column: Column): number {
  if (unbounded.has(column.kind)) return Number.POSITIVE_INFINITY;
  if (column.kind === "vector") return 4 * Number(/\((\d+)\)/.exec(column.type)?.[1] ?? 2_048);
  // Four bytes for each character; TEXT types count bytes, of which latin1 needs up to three in utf8mb4.
  if (column.kind === "text") return (column.length ?? 0) * 4;
  if (column.kind === "binary") return column.length ?? 0;
  return column.kind === "enum" || column.kind === "set" ? column.type.length * 4 : shortCell;
}

/**
 * Keys of rows whose cells come to more than `limitBytes` as they are read: text in utf8mb4, JSON as text, bytes as
 * they are. The `value` of each is its bytes. A target's message limit must allow for the statement's own form on top
 * (hex literals double bytes, base64 adds a third). Reads the table.
 */
export async function oversizedRows(
  session: Session,
  table: TableSchema,
  limitBytes: number,
): Promise<readonly FoundRow[]> {
  const sizes = sent(table).map((column) => {
    const name = quoteName(column.name);
    const asText = ["text", "enum", "set", "json"].includes(column.kind);
    return `COALESCE(LENGTH(${asText ? `CONVERT(${name} USING utf8mb4)` : name}), 0)`;
  });
  if (sizes.length === 0) return [];
  const total = sizes.join(" + ");
  return findRows(session, table, `${total} > ${limitBytes}`, total);
}

const sent = (table: TableSchema): readonly Column[] => table.columns.filter((column) => column.generated === null);
