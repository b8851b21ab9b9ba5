import type { Config } from "../config/config.ts";
import { chunksByTable, type RunState } from "./run-state.ts";
import type { SourceSide } from "./source-side.ts";

/**
 * Below this many bytes of a table's rows its keys are grown with them: dropping and building them are two changes of schema on every
 * shard, each of which costs a tenth of a second, and a small tree is in the cache anyway.
 */
const smallTable = 32 << 20;

/** Tells of a source table whether its secondary keys are better built after its rows; `source` null: all rows are in files. */
export function worthDeferring(
  { load: { deferSecondaryKeys: when } }: Config,
  { manifest }: RunState,
  source: SourceSide | null,
): (table: string) => boolean {
  if (when !== "auto") return () => when === "always";
  const estimates = new Map(source?.plan.tables.map(({ source: { table } }) => [table.name, table.bytesEstimate]));
  // Once, as every shard is looked at with it.
  const large = new Set<string>();
  for (const [table, chunks] of chunksByTable(manifest)) {
    const inFiles = chunks.reduce((sum, chunk) => sum + chunk.bytesRaw, 0);
    if (Math.max(estimates.get(table) ?? 0, inFiles) >= smallTable) large.add(table);
  }
  return (table) => large.has(table);
}
