import { createHash } from "node:crypto";
import { byteKinds, type Column } from "../../contracts/schema.ts";
import type { Cells } from "./row-pairs.ts";
import type { UniqueKey } from "./unique-keys.ts";

/** A unique key over rows after the chain: where its parts are and how the target compares them. */
export interface BoundKey {
  readonly key: UniqueKey;
  readonly parts: readonly BoundPart[];
}

export interface BoundPart {
  readonly at: number;
  /** As the target has it: its type and collation decide what is equal. */
  readonly column: Column;
  readonly prefix: number | null;
  /** The collation that only a server can tell equal texts by; null: the bytes say it. */
  readonly collation: string | null;
}

/** `columns` are those of the rows; `held` those of the target. */
export function bindKey(key: UniqueKey, columns: readonly Column[], held: readonly Column[]): BoundKey {
  const find = (list: readonly Column[], name: string): number =>
    list.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
  const parts = key.parts.map(({ column: name, prefix }): BoundPart => {
    const at = find(columns, name);
    const column = held[find(held, name)] ?? (columns[at] as Column);
    const folds = column.kind === "text" && column.collation !== null && !/(^binary$|_bin$)/.test(column.collation);
    return { at, column, prefix, collation: folds ? column.collation : null };
  });
  return { key, parts };
}

/** A part's value as it is compared, but for the collation: prefix taken, blanks at the end gone where they do not count. */
export function comparable({ column, prefix }: BoundPart, value: Uint8Array): Buffer {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (byteKinds.has(column.kind)) return prefix === null ? bytes : bytes.subarray(0, prefix);
  if (column.kind === "integer" || column.kind === "decimal")
    return Buffer.from(canonicalNumber(bytes.toString("latin1")));
  if (column.kind !== "text") return bytes;
  const text = bytes.toString("utf8");
  const start = prefix === null ? text : [...text].slice(0, prefix).join("");
  // Collations made for UCA 9.0.0 compare blanks at the end, all others pad; CHAR does not even store them.
  const padded = !column.collation?.includes("_0900_") || /^char\b/i.test(column.type);
  return Buffer.from(padded ? start.replace(/ +$/, "") : start);
}

function canonicalNumber(text: string): string {
  const match = /^(-?)0*(\d*?)(?:\.(\d*?)0*)?$/.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = ""] = match;
  const size = `${whole || "0"}${fraction === "" ? "" : `.${fraction}`}`;
  return size === "0" ? size : sign + size;
}

/** 64 bits of a SHA-256 over a key's parts, each with its length, so that no two lists of parts run together. */
export function hashOfParts(parts: readonly Uint8Array[]): { high: number; low: number } {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length} `).update(part);
  const digest = hash.digest();
  return { high: digest.readUInt32LE(0), low: digest.readUInt32LE(4) };
}

/** A row's values of a key, as they are compared; null when one is NULL: such rows never collide. */
export function partsOf({ parts }: BoundKey, cells: Cells): Buffer[] | null {
  const values: Buffer[] = [];
  for (const part of parts) {
    const value = cells[part.at] ?? null;
    if (value === null) return null;
    values.push(comparable(part, value));
  }
  return values;
}
