import type { Column } from "../contracts/schema.ts";

/**
 * SQL that gives the bytes of a column's cell, as the text protocol carries it in a utf8mb4 session, as a binary string;
 * the same in any session (a timestamp's digits are those of the session's time zone, which is UTC for us and for
 * VReplication's applier). `value` is SQL for the column's value.
 */
export function cellBytesSql(column: Column, value: string): string {
  switch (column.kind) {
    case "text":
    case "enum":
    case "set":
    case "json":
      return `CAST(CONVERT(${value} USING utf8mb4) AS BINARY)`;
    case "float":
    case "double":
      return `CAST(CAST(${value} AS DOUBLE) AS BINARY)`;
    default:
      return `CAST(${value} AS BINARY)`;
  }
}
