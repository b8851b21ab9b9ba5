import type { CellChange, PreviewedColumn, PreviewedRow } from "../../contracts/preview.ts";
import type { Column } from "../../contracts/schema.ts";
import type { ChainPlan } from "../plan-chain.ts";
import { type RowPair, sameBytes } from "./row-pairs.ts";
import { shownCell } from "./shown-cell.ts";

/** The columns before and after a chain, in the order they have after it; dropped ones last. */
export function previewedColumns(chain: ChainPlan): PreviewedColumn[] {
  const named = ({ name, type }: Column) => ({ name, type });
  const before = new Map(chain.inputs.map((column) => [column.name, column]));
  const after = chain.tableColumns.map(({ column, from, written }) => {
    const origin = from === null ? undefined : before.get(from);
    return { before: origin === undefined ? null : named(origin), after: named(column), written };
  });
  const kept = new Set(chain.tableColumns.map(({ from }) => from));
  const dropped = chain.inputs
    .filter(({ name }) => !kept.has(name))
    .map((column) => ({ before: named(column), after: null, written: false }));
  return [...after, ...dropped];
}

/** What a row looks like before and after, as far as it differs. `carried` are the columns of its cells before. */
export function previewedRow(chain: ChainPlan, carried: readonly Column[], pair: RowPair, key: string): PreviewedRow {
  const { before, outcome } = pair;
  if (outcome.kind !== "kept") {
    const error = outcome.kind === "failed" ? outcome.error : null;
    return { key, outcome: outcome.kind, error, changes: [] };
  }
  const from = new Map(chain.tableColumns.map((column) => [column.column.name, column.from]));
  const changes: CellChange[] = [];
  for (const [i, column] of chain.columns.entries()) {
    const after = outcome.cells[i] ?? null;
    const at = carried.findIndex(({ name }) => name === from.get(column.name));
    const origin = carried[at];
    if (origin === undefined) changes.push({ column: column.name, after: shownCell(column, after) });
    else if (!sameBytes(before[at] ?? null, after)) {
      const was = shownCell(origin, before[at] ?? null);
      changes.push({ column: column.name, before: was, after: shownCell(column, after) });
    }
  }
  const kept = new Set(chain.tableColumns.map((column) => column.from));
  for (const [at, column] of carried.entries()) {
    if (!kept.has(column.name)) changes.push({ column: column.name, before: shownCell(column, before[at] ?? null) });
  }
  return { key, outcome: "kept", error: null, changes };
}

/**
 * Which rows of a sample to show: from all over it, and at least one that is left out and one that fails when there are
 * any. Gives their places, ascending.
 */
export function rowsToShow(pairs: readonly RowPair[], count: number): number[] {
  const chosen = new Set(
    Array.from({ length: Math.min(count, pairs.length) }, (_, i) =>
      Math.floor((i * pairs.length) / Math.min(count, pairs.length)),
    ),
  );
  for (const kind of ["filtered", "failed"] as const) {
    const first = pairs.findIndex(({ outcome }) => outcome.kind === kind);
    if (first === -1 || [...chosen].some((at) => pairs[at]?.outcome.kind === kind)) continue;
    const spare = [...chosen].findLast((at) => pairs[at]?.outcome.kind === "kept");
    if (spare !== undefined && chosen.size >= count) chosen.delete(spare);
    if (chosen.size < count) chosen.add(first);
  }
  return [...chosen].sort((a, b) => a - b);
}
