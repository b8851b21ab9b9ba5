import type { KeyBound, KeyRange } from "../contracts/chunk.ts";
import type { Checksum, RowShape } from "../contracts/rows.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { rangePredicate } from "../mysql/key-range.ts";
import type { Session } from "../mysql/session.ts";
import { keyLiterals } from "./row-key.ts";
import { checksumOn, exactList, sumOf } from "./target-rows.ts";

/** What one statement checksums: about a second of a server's time, where vttablet allows 30. */
const stepBytes = 64 * 1024 * 1024;
const stepRows = { least: 1000, most: 200_000 };

/** How many rows of that average size one statement takes. */
export function rowsPerStep(rows: number, bytes: number): number {
  const rowBytes = rows === 0 ? 1 : Math.max(1, bytes / rows);
  return Math.min(stepRows.most, Math.max(stepRows.least, Math.floor(stepBytes / rowBytes)));
}

/** The checksum of a shard's whole table, taken in steps along its key when it is long. */
export async function checksumInSteps(
  session: Session,
  table: string,
  columns: RowShape,
  key: readonly string[],
  step: number,
): Promise<Checksum> {
  const parts: Checksum[] = [];
  let after: KeyBound | null = null;
  do {
    const upTo: KeyBound | null = await keyAfter(session, table, columns, key, after, step);
    const range: KeyRange = { after, upTo };
    parts.push(await checksumOn(session, table, columns, rangePredicate(key, range)));
    after = upTo;
  } while (after !== null);
  return sumOf(parts);
}

/** The key `step` rows after `after`, or the last one; null when nothing comes after. Walks the index on the server, without OFFSET. */
async function keyAfter(
  session: Session,
  table: string,
  columns: RowShape,
  names: readonly string[],
  after: KeyBound | null,
  step: number,
): Promise<KeyBound | null> {
  const shape = names.flatMap((name) => columns.filter((column) => column.name === name));
  const where = rangePredicate(names, { after, upTo: null });
  const list = names.map(quoteName);
  const filter = where === null ? "" : ` WHERE ${where}`;
  const walk = `SELECT ${list.join(", ")} FROM ${quoteName(table)}${filter} ORDER BY ${list.join(", ")} LIMIT ${step}`;
  const backwards = list.map((name) => `${name} DESC`).join(", ");
  const last = `SELECT ${exactList(shape)} FROM (${walk}) AS \`w\` ORDER BY ${backwards} LIMIT 1`;
  let bound: KeyBound | null = null;
  for await (const batch of session.readRows(last)) {
    const indexes = names.map((_, index) => index);
    if (batch.rows > 0) bound = keyLiterals({ columns: shape, indexes }, batch, 0);
  }
  return bound;
}
