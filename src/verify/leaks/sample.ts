import type { RowBatch } from "../../contracts/rows.ts";
import type { CellKind } from "../../contracts/schema.ts";
import { findCells } from "../../mysql/cells.ts";
import { type TellingValue, tellingValues } from "./telling-values.ts";

/** A column whose values are not to be seen after the chain. */
export interface HiddenColumn {
  /** Its name on the source. */
  readonly name: string;
  readonly kind: CellKind;
  /** Its cell in the rows before the chain, and after it; null when it is dropped. */
  readonly before: number;
  readonly after: number | null;
}

export interface LeakSample {
  /** The same rows before and after the chain. */
  add(before: RowBatch, after: RowBatch): void;
  /** Per column the values to look for, at most `most` of each. */
  finish(most: number): readonly TellingValue[][];
}

/** Words that more of the rows have in common are no more telling than a status. */
const sharedByOneIn = 100;

/**
 * Collects what the chain took away, row by row: a value that it left as it was (a condition that did not hold, a `map` that
 * keeps others) is not looked for.
 */
export function newLeakSample(
  columns: readonly HiddenColumn[],
  cells: { readonly before: number; readonly after: number },
): LeakSample {
  const found = columns.map(() => new Map<string, { value: TellingValue; rows: number }>());
  let rows = 0;
  return {
    add(before, after) {
      const boundsBefore = new Int32Array(cells.before * 2);
      const boundsAfter = new Int32Array(cells.after * 2);
      for (let row = 0; row < before.rows; row++) {
        rows++;
        findRow(before, row, cells.before, boundsBefore);
        findRow(after, row, cells.after, boundsAfter);
        columns.forEach((column, i) => {
          const was = cellAt(before, boundsBefore, column.before);
          const is = column.after === null ? null : cellAt(after, boundsAfter, column.after);
          if (was === null || (is !== null && was.equals(is))) return;
          for (const value of tellingValues(column.kind, was, is)) count(found[i] as (typeof found)[number], value);
        });
      }
    },
    finish: (most) =>
      found.map((values) => {
        const shared = Math.max(1, rows / sharedByOneIn);
        const telling = [...values.values()].filter(({ value, rows }) => !value.words || rows <= shared);
        return telling.slice(0, most).map(({ value }) => value);
      }),
  };
}

function count(values: Map<string, { value: TellingValue; rows: number }>, value: TellingValue): void {
  const key = value.bytes.toString("latin1");
  const known = values.get(key);
  if (known === undefined) values.set(key, { value, rows: 1 });
  else known.rows++;
}

function findRow({ bytes, offsets }: RowBatch, row: number, cells: number, bounds: Int32Array): void {
  findCells(bytes, offsets[row] as number, offsets[row + 1] as number, cells, bounds);
}

function cellAt({ bytes }: RowBatch, bounds: Int32Array, cell: number): Buffer | null {
  const start = bounds[cell * 2] as number;
  return start < 0 ? null : bytes.subarray(start, bounds[cell * 2 + 1]);
}
