import type { HandoffPlan } from "../plan.ts";
import type { ShardView } from "../view.ts";
import type { CellFacts, TabletFacts } from "./facts.ts";

/**
 * Pure: the tablets of one shard that streams may read from, as Vitess picks them: by cells and tablet types, and without
 * cells from the cells of those who read, `readers`, and cells that have an alias in common with them.
 */
export function readingTablets(
  { cells, tabletTypes }: Pick<HandoffPlan, "cells" | "tabletTypes">,
  tablets: readonly TabletFacts[],
  shard: string,
  readers: readonly ShardView[],
  known: CellFacts,
): TabletFacts[] {
  const near = readingCells(cells, readers, known);
  const types: readonly string[] = tabletTypes;
  return tablets.filter((tablet) => tablet.shard === shard && types.includes(tablet.type) && near.has(tablet.cell));
}

/** The cells that `cells` stand for, names of cells or aliases; without any, those near the readers. */
export function readingCells(
  cells: readonly string[],
  readers: readonly ShardView[],
  { aliases }: CellFacts,
): ReadonlySet<string> {
  if (cells.length > 0) return new Set(cells.flatMap((name) => aliases.get(name) ?? [name]));
  const own = new Set(readers.map(({ primary }) => primary.cell));
  const near = [...aliases.values()].filter((members) => members.some((cell) => own.has(cell)));
  return new Set([...own, ...near.flat()]);
}
