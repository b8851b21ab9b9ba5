import type { LanedTable } from "../../../src/handoff/lanes.ts";

/** A table `id, name` of which nothing is changed, sharded by hash of `id`; with whatever else is said. */
export function laned(source: string, parts: Partial<LanedTable> = {}): LanedTable {
  return {
    source,
    target: source,
    class: "identity",
    decidedBy: null,
    verbatim: true,
    columns: [
      { name: "id", expression: "`id`" },
      { name: "name", expression: "`name`" },
    ],
    filter: null,
    where: null,
    untouched: { id: "id", name: "name" },
    key: [{ name: "id", integer: true }],
    lane: "move-tables",
    sharding: { vindex: "main.hash", columns: ["id"] },
    ...parts,
  };
}
