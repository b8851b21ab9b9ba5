import type { KeyBound, KeyRange } from "../contracts/chunk.ts";
import type { Column } from "../contracts/schema.ts";
import { findCells } from "./cells.ts";
import { membersOf } from "./column-type.ts";
import { quoteName } from "./identifiers.ts";
import { cellLiteral } from "./literal.ts";

/** `(a > x OR (a = x AND (b > y OR …)))`; `last` is the comparison of the last column. */
function beyond(names: readonly string[], bound: KeyBound, strict: ">" | "<", last: string): string {
  const [name, ...names_] = names as [string, ...string[]];
  const [literal, ...bound_] = bound as [string, ...string[]];
  if (names_.length === 0) return `${name} ${last} ${literal}`;
  return `(${name} ${strict} ${literal} OR (${name} = ${literal} AND ${beyond(names_, bound_, strict, last)}))`;
}

/** The first column's range is said once more in front, for optimizers that see no range in an OR (MySQL 9.7 does). */
function side(names: readonly string[], bound: KeyBound, strict: ">" | "<", last: string): string {
  if (names.length !== bound.length) {
    throw new RangeError(`key bound has ${bound.length} values for ${names.length} columns`);
  }
  const expanded = beyond(names, bound, strict, last);
  return names.length === 1 ? expanded : `${names[0]} ${strict}= ${bound[0]} AND ${expanded}`;
}

/** The rows of a half-open key range as a condition that MySQL can answer from the key's index; null: every row. */
export function rangePredicate(columns: readonly (Column | string)[], range: KeyRange): string | null {
  const names = columns.map((column) => quoteName(typeof column === "string" ? column : column.name));
  const parts: string[] = [];
  if (range.after !== null) parts.push(side(names, range.after, ">", ">"));
  if (range.upTo !== null) parts.push(side(names, range.upTo, "<", "<="));
  return parts.length === 0 ? null : parts.join(" AND ");
}

/**
 * A key cell as a literal that compares in the key's own order. ENUM and SET are ordered by number, but compared to a
 * text they are compared as text, so their bound is the member's number.
 */
export function keyLiteral(column: Column, value: Uint8Array | null): string {
  if (value === null || (column.kind !== "enum" && column.kind !== "set")) return cellLiteral(column, value);
  const text = Buffer.from(value).toString("utf8");
  const members = membersOf(column.type);
  if (column.kind === "enum") return String(members.indexOf(text) + 1);
  const chosen = text === "" ? [] : text.split(",");
  return chosen.reduce((mask, member) => mask | (1n << BigInt(members.indexOf(member))), 0n).toString();
}

/** The key of one row (`bytes` from `start` to `end`, with the cells of `columns`) as a bound. */
export function keyBoundOf(
  columns: readonly Column[],
  keyIndexes: readonly number[],
  bytes: Uint8Array,
  start: number,
  end: number,
): KeyBound {
  const bounds = new Int32Array(columns.length * 2);
  findCells(bytes, start, end, columns.length, bounds);
  return keyIndexes.map((index) => {
    const from = bounds[index * 2] as number;
    const value = from < 0 ? null : bytes.subarray(from, bounds[index * 2 + 1]);
    return keyLiteral(columns[index] as Column, value);
  });
}

/**
 * Selects rows by their keys, all parts as literals. IN compares a timestamp with several literals as text, offset and
 * all, unless the session's zone is UTC; an equation converts it.
 */
export function keysPredicate(columns: readonly Column[], keys: readonly (readonly string[])[]): string {
  const names = columns.map((column) => quoteName(column.name));
  if (columns.some((column) => column.kind === "timestamp")) {
    return keys.map((key) => `(${key.map((literal, i) => `${names[i]} = ${literal}`).join(" AND ")})`).join(" OR ");
  }
  if (columns.length === 1) return `${names[0]} IN (${keys.join(", ")})`;
  return `(${names.join(", ")}) IN (${keys.map((key) => `(${key.join(", ")})`).join(", ")})`;
}
