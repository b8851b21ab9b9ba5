import type { ManifestTable } from "../../contracts/manifest.ts";
import type { RowBatch } from "../../contracts/rows.ts";
import { findCells } from "../../mysql/cells.ts";
import { keyLiterals, keyText, rowKeyOf } from "../row-key.ts";
import { shortestValue } from "./telling-values.ts";
import type { FindValues } from "./value-index.ts";

/** Values of one hidden column in one column of a table's rows. */
export interface LeakHit {
  /** Number of the hidden column. */
  readonly hidden: number;
  /** The column they were found in, by its cell. */
  readonly cell: number;
  /** Cells with at least one of them. */
  readonly cells: number;
  /** Numbers of the values, each once; at most {@link valuesTold}. */
  readonly values: readonly number[];
  /** Key of the first row with one; null without a key, or when the value is part of the key. */
  readonly row: string | null;
}

/** More different values of one column in another are not told apart any more. */
export const valuesTold = 1000;

interface Tally {
  cells: number;
  readonly values: Set<number>;
  row: string | null;
}

/** Looks for values in every cell of the batches. `columnOf` gives the hidden column of a value. */
export async function searchLeaks(
  table: ManifestTable,
  batches: AsyncIterable<RowBatch>,
  find: FindValues,
  columnOf: (value: number) => number,
): Promise<readonly LeakHit[]> {
  const cells = table.columns.length;
  const bounds = new Int32Array(cells * 2);
  const key = rowKeyOf(table.columns, table.key?.columns ?? []);
  const tallies = new Map<string, Tally>();
  for await (const batch of batches) {
    const { bytes, offsets, rows } = batch;
    for (let row = 0; row < rows; row++) {
      findCells(bytes, offsets[row] as number, offsets[row + 1] as number, cells, bounds);
      for (let cell = 0; cell < cells; cell++) {
        const start = bounds[cell * 2] as number;
        const end = bounds[cell * 2 + 1] as number;
        if (start < 0 || end - start < shortestValue) continue;
        const here: Tally[] = [];
        find(bytes, start, end, (value) => {
          const name = `${columnOf(value)}:${cell}`;
          const known = tallies.get(name);
          const tally = known ?? { cells: 0, values: new Set(), row: rowNamed(batch, row, cell) };
          if (known === undefined) tallies.set(name, tally);
          if (tally.values.size < valuesTold) tally.values.add(value);
          // One cell may hold several values of one column.
          if (here.includes(tally)) return;
          here.push(tally);
          tally.cells++;
        });
      }
    }
  }
  return Array.from(tallies, ([name, tally]) => {
    const [hidden = 0, cell = 0] = name.split(":").map(Number);
    return { hidden, cell, cells: tally.cells, values: [...tally.values], row: tally.row };
  });

  function rowNamed(batch: RowBatch, row: number, cell: number): string | null {
    return key === null || key.indexes.includes(cell) ? null : keyText(keyLiterals(key, batch, row));
  }
}
