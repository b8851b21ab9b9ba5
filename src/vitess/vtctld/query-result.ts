import type { VtctldMessage } from "./field.ts";

/** Rows of a result by field name, each cell as text; null is NULL. */
export function resultRows(result: VtctldMessage<"QueryResult"> | null): Record<string, string | null>[] {
  if (result === null) return [];
  return result.rows.map((row) => {
    const cells = rowCells(row);
    return Object.fromEntries(result.fields.map(({ name }, index) => [name, cells[index]?.toString("utf8") ?? null]));
  });
}

/** A row's cells as bytes. On the wire all values stand in one run, with their lengths beside it; NULL has the length -1. */
export function rowCells({ lengths, values }: VtctldMessage<"QueryRow">): (Buffer | null)[] {
  let start = 0;
  return lengths.map((text) => {
    const length = Number(text);
    if (length < 0) return null;
    start += length;
    return values.subarray(start - length, start);
  });
}
