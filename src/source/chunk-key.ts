import type { CellKind, Column, Key } from "../contracts/schema.ts";

/** A unique index as the catalog describes it, its columns in index order. */
export interface UniqueIndex extends Key {
  /** The optimizer ignores an invisible index, so its order cannot be read from it. */
  readonly visible: boolean;
  /** Ascending and descending parts mixed: ORDER BY over the plain columns would have to sort. */
  readonly mixedOrder: boolean;
}

/**
 * Kinds whose `>` with a literal follows ORDER BY and is answered by an index range. Tried on MySQL 9.7 over every key
 * of a table per kind. ENUM and SET are out: compared to a text they compare as text but sort by number, and compared
 * to a number they scan the index from its start, which makes a table of n chunks cost n²/2. FLOAT is out, too: its text
 * is enough to make the FLOAT again, but compared as a DOUBLE it may lie beside the key. JSON, geometry and vector cannot
 * be in a unique key.
 */
const orderedKinds: ReadonlySet<CellKind> = new Set([
  "integer",
  "decimal",
  "double",
  "bit",
  "text",
  "binary",
  "date",
  "time",
  "datetime",
  "timestamp",
  "year",
]);

/**
 * Character sets in which every storable text comes back the same by way of utf8mb4. In others two keys may become one
 * (cp932 8754 and FA4A are both U+2160), or a byte has no Unicode character (cp1251 98): a chunk bound made of such a
 * key would skip or repeat rows. Tried on MySQL 9.7 with all one- and two-byte values; ucs2 stores lone surrogates.
 */
const losslessCharsets: ReadonlySet<string> = new Set([
  ...["ascii", "latin1", "latin2", "latin5", "latin7", "cp850", "cp852", "cp866", "keybcs2", "koi8r", "koi8u", "macce"],
  ...["macroman", "utf8mb3", "utf8", "utf8mb4", "utf16", "utf16le", "utf32"],
]);

export function isLosslessCharset(charset: string | null): boolean {
  return charset !== null && losslessCharsets.has(charset);
}

/** Bytes a key column takes in the index, about; only to tell a small key from a large one. */
const widths: Readonly<Partial<Record<CellKind, number>>> = {
  year: 1,
  date: 3,
  time: 3,
  integer: 8,
  timestamp: 8,
  datetime: 8,
  double: 8,
  bit: 8,
  decimal: 16,
};

const widthOf = (column: Column): number =>
  widths[column.kind] ?? (column.length ?? 255) * (column.kind === "text" ? 4 : 1);

/** Why a column cannot be part of a chunk key; null when it can. */
export function keyObstacle(column: Column): string | null {
  if (!orderedKinds.has(column.kind)) return `${column.name} is ${column.kind}, which cannot be read in ranges`;
  if (column.kind === "text" && !isLosslessCharset(column.charset)) {
    return `${column.name} is ${column.charset} text, in which different keys may read the same`;
  }
  return null;
}

/**
 * The key a table is cut by: its primary key, else the narrowest unique key, fewer columns first, then by name so that
 * every run chooses alike. null when there is none: the table is then one stream.
 */
export function chooseChunkKey(columns: readonly Column[], uniques: readonly UniqueIndex[]): Key | null {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const cost = (key: UniqueIndex): number =>
    key.columns.reduce((sum, name) => sum + widthOf(byName.get(name) as Column), 0);
  const usable = uniques.filter(
    (key) =>
      key.visible &&
      !key.mixedOrder &&
      key.columns.every((name) => {
        const column = byName.get(name);
        return column !== undefined && keyObstacle(column) === null;
      }),
  );
  const primary = usable.find((key) => key.index === "PRIMARY");
  const chosen =
    primary ??
    usable.toSorted(
      (a, b) => a.columns.length - b.columns.length || cost(a) - cost(b) || (a.index < b.index ? -1 : 1),
    )[0];
  return chosen === undefined ? null : { index: chosen.index, columns: chosen.columns };
}
