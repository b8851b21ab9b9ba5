import { type Way, ways } from "../../contracts/limits.ts";
import { type Stage, stages } from "../../contracts/stages.ts";

/**
 * What a worker's two lanes are doing, in memory that the main thread reads: the stage each is in, and the statements that
 * shards have not acknowledged. A worker that waits for ever can tell nothing itself.
 */
export function newLaneNotes(): SharedArrayBuffer {
  return new SharedArrayBuffer(cells * Float64Array.BYTES_PER_ELEMENT);
}

/** Where a lane is: in a stage, at the valve, or without a chunk. */
export type LanePlace = Stage | "valve" | null;

const places: readonly LanePlace[] = [null, ...stages, "valve"];
/** Shards whose statements are noted; a keyspace has seldom more. The first place is for what vtgate routes. */
const shardsNoted = 256;
const statementsCell = (destination: number): number => ways.length + (destination + 1) * 2;
const cells = ways.length + (shardsNoted + 1) * 2;

/** The worker's side: the only writer. */
export interface LaneNotes {
  at(way: Way, place: LanePlace): void;
  /** `destination` is a shard's place in the topology, -1 where vtgate routes; `oldest` a time of `Date.now()`. */
  inFlight(destination: number, statements: number, oldest: number | null): void;
}

export function laneNotesWriter(memory: SharedArrayBuffer): LaneNotes {
  const view = new Float64Array(memory);
  return {
    at(way, place) {
      view[ways.indexOf(way)] = places.indexOf(place);
    },
    inFlight(destination, statements, oldest) {
      if (destination >= shardsNoted) return;
      view[statementsCell(destination)] = statements;
      view[statementsCell(destination) + 1] = oldest ?? 0;
    },
  };
}

export function placeOf(memory: SharedArrayBuffer, way: Way): LanePlace {
  return places[new Float64Array(memory)[ways.indexOf(way)] ?? 0] ?? null;
}

/** Statements in flight of a worker, by destination. */
export function statementsOf(
  memory: SharedArrayBuffer,
): readonly { readonly destination: number; readonly statements: number; readonly oldest: number }[] {
  const view = new Float64Array(memory);
  return Array.from({ length: shardsNoted + 1 }, (_, i) => ({
    destination: i - 1,
    statements: view[statementsCell(i - 1)] ?? 0,
    oldest: view[statementsCell(i - 1) + 1] ?? 0,
  })).filter(({ statements }) => statements > 0);
}
