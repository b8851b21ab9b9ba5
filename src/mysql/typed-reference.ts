import type { Column } from "../contracts/schema.ts";
import { quoteName } from "./identifiers.ts";

/** Text of these sets has the same bytes in utf8mb4. */
const sameBytes = new Set(["utf8mb4", "utf8mb3", "utf8", "ascii"]);

/**
 * SQL for a column's value that stays the same when the column is replaced by a literal, as VReplication's applier does
 * with values from the binlog in a session with SET NAMES binary: text comes as the bytes of its own character set, a
 * FLOAT as the shortest number that makes it, a zero-filled number without zeros, a year 0000 as 0, an unsigned one as
 * any number. (go/mysql/binlog/rbr.go, go/vt/vttablet/tabletmanager/vreplication/replicator_plan.go.)
 */
export function typedReference(column: Column): string {
  const name = quoteName(column.name);
  switch (column.kind) {
    case "text":
      return sameBytes.has(column.charset ?? "utf8mb4")
        ? `CONVERT(${name} USING utf8mb4)`
        : `CONVERT(CONVERT(${name} USING ${column.charset}) USING utf8mb4)`;
    // Their members are taken from the type's text, which is utf8 whatever the column's character set.
    case "enum":
    case "set":
      return `CONVERT(${name} USING utf8mb4)`;
    case "integer":
      return isZerofill(column) ? padded(column, name) : `CAST(${name} AS ${column.unsigned ? "UNSIGNED" : "SIGNED"})`;
    case "float":
      return isZerofill(column) ? name : `CAST(${name} AS FLOAT)`;
    case "year":
      return `LPAD(${name}, 4, '0')`;
    default:
      return name;
  }
}

export function isZerofill({ type }: Column): boolean {
  return /\bzerofill\b/i.test(type);
}

/** Widths that information_schema leaves out of the type. */
export const usualWidths: Readonly<Record<string, number>> = {
  tinyint: 3,
  smallint: 5,
  mediumint: 8,
  int: 10,
  bigint: 20,
};

/** As the server prints it; a number wider than the column's display width keeps its digits. */
function padded({ type }: Column, name: string): string {
  const [, word = "", width] = /^([a-z]+)(?:\((\d+)\))?/i.exec(type) ?? [];
  return `LPAD(${name}, GREATEST(${width ?? usualWidths[word.toLowerCase()] ?? 20}, LENGTH(${name})), '0')`;
}
