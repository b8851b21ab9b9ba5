import type { RowBatch } from "../contracts/rows.ts";
import { findCells } from "../mysql/cells.ts";
import { membersOf } from "../mysql/column-type.ts";
import type { LoadMode } from "../vitess/shard-session.ts";
import { selectRows } from "./row-select.ts";
import { insertedCells, type LoadTable } from "./table.ts";

export interface ModedRows {
  readonly mode: LoadMode;
  readonly rows: RowBatch;
}

/**
 * Splits rows into those a strict mode takes and those it cannot: an ENUM holding the error value '' (index 0), which
 * MySQL writes only in a permissive mode.
 */
export function modeSplitter(table: LoadTable): (rows: RowBatch) => ModedRows[] {
  const enums = insertedCells(table).filter(
    ({ column }) => column.kind === "enum" && !membersOf(column.type).includes(""),
  );
  if (enums.length === 0) return (rows) => [{ mode: "strict", rows }];
  const bounds = new Int32Array(table.columns.length * 2);
  return (batch) => {
    const strict: number[] = [];
    const permissive: number[] = [];
    for (let row = 0; row < batch.rows; row++) {
      const start = batch.offsets[row] as number;
      findCells(batch.bytes, start, batch.offsets[row + 1] as number, table.columns.length, bounds);
      const hasErrorValue = enums.some(
        ({ index }) => bounds[index * 2] !== -1 && bounds[index * 2] === bounds[index * 2 + 1],
      );
      (hasErrorValue ? permissive : strict).push(row);
    }
    if (permissive.length === 0) return [{ mode: "strict", rows: batch }];
    const parts: ModedRows[] = [{ mode: "permissive", rows: selectRows(batch, permissive) }];
    if (strict.length > 0) parts.unshift({ mode: "strict", rows: selectRows(batch, strict) });
    return parts;
  };
}
