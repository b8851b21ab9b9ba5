import type { HandedTable, Lane } from "../contracts/handoff.ts";
import type { PlacedChunk } from "./bridge.ts";
import type { HandoffNames } from "./view.ts";

/** What is handed over, and how: the config and the run directory as the handoff sees them. */
export interface HandoffPlan {
  readonly names: HandoffNames;
  readonly tables: readonly HandedTable[];
  /** Cells and tablet types to read the source from, in order; no cells: each tablet's own. */
  readonly cells: readonly string[];
  readonly tabletTypes: readonly TabletTypeName[];
  readonly maxLagSeconds: number;
  readonly switchTimeoutSeconds: number;
}

export type TabletTypeName = "PRIMARY" | "REPLICA" | "RDONLY";

/** What the copy came to, from the run directory. */
export interface CopiedRows {
  /** The newest snapshot's: every row is on the target as it was there, once older chunks are bridged. */
  readonly position: string;
  readonly chunks: readonly PlacedChunk[];
  /** Rows on the target by source table. */
  readonly rows: ReadonlyMap<string, number>;
}

export function inLane<T extends HandedTable>(tables: readonly T[], lane: Lane): readonly T[] {
  return tables.filter((table) => table.lane === lane);
}

/** As Vitess writes a choice of tablets: `in_order:REPLICA,PRIMARY`. */
export function tabletTypesText({ tabletTypes }: HandoffPlan): string {
  return `in_order:${tabletTypes.join(",")}`;
}
