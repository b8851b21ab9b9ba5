import type { EventSink } from "../contracts/events.ts";
import type { ShardPace } from "./target-lane.ts";

/**
 * Tells how workers' paces change: every change as an event, and once per shard a note for people, when it pushes back
 * first. More of the same would tell them nothing that they could act on.
 */
export function paceTeller(emit: EventSink): (worker: number, changes: readonly ShardPace[]) => void {
  const told = new Set<string | null>();
  return (worker, changes) => {
    for (const { table, shard, sessions, rows, bytes, because, why } of changes) {
      emit({
        ...{ type: "pace", worker, table, shard, sessions },
        ...{ rowsPerStatement: rows, bytesPerStatement: bytes, because, why },
      });
      if (because === "faster" || because === "calm" || told.has(shard)) continue;
      told.add(shard);
      const where = shard === null ? "The target" : `Shard ${shard}`;
      emit({
        type: "note",
        text: `${where} pushes back: ${why}. It gets less at a time until it takes everything again.`,
      });
    }
  };
}
