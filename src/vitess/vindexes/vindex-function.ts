import type { CellKind } from "../../contracts/schema.ts";
import { binary } from "./binary.ts";
import { binaryMd5 } from "./binary-md5.ts";
import { hash } from "./hash.ts";
import { withoutLeadingZeros } from "./integer-text.ts";
import { nullVindex } from "./null.ts";
import { numeric } from "./numeric.ts";
import { reverseBits } from "./reverse-bits.ts";
import type { VindexColumn, VindexFunction } from "./vindex.ts";
import { xxhash } from "./xxhash.ts";

const makers: ReadonlyMap<string, (column: VindexColumn) => VindexFunction> = new Map([
  ["binary", binary],
  ["binary_md5", binaryMd5],
  ["hash", hash],
  ["null", nullVindex],
  ["numeric", numeric],
  ["reverse_bits", reverseBits],
  ["xxhash", xxhash],
]);

/**
 * Kinds whose printed form is the one form a value has in statements. A timestamp or a float can be written in several
 * ways and JSON has no order, so a vindex over one is left to vtgate.
 */
const plainKinds: ReadonlySet<CellKind> = new Set([
  "integer",
  "decimal",
  "text",
  "binary",
  "enum",
  "set",
  "date",
  "time",
  "datetime",
  "year",
]);

/**
 * The function of a vindex type over a column, or null when it cannot be computed here: lookups live in tables, and the
 * `unicode_loose_*` types need a collation table of their own. vtgate then routes the rows.
 */
export function vindexFunction(type: string, column: VindexColumn): VindexFunction | null {
  const make = plainKinds.has(column.kind) ? makers.get(type) : undefined;
  if (make === undefined) return null;
  const vindex = make(column);
  if (column.kind !== "integer") return vindex;
  return (values) => vindex(values.map((value) => (value === null ? null : withoutLeadingZeros(value))));
}
