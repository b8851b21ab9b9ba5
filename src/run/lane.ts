import type { Way } from "../contracts/limits.ts";
import type { Stage } from "../contracts/stages.ts";
import type { Counter } from "./counters.ts";
import type { ValvePort } from "./limits/valve.ts";
import type { LaneNotes } from "./stalls/lane-notes.ts";

/** One of a worker's two ways for rows, as the code that moves them sees it: it is held back here, and says where it is. */
export interface Lane {
  /** Row bytes have come. null: they go on at once; else when they may. */
  pass(bytes: number): Promise<void> | null;
  /** null: the chunk in hand is done. */
  at(stage: Stage | null): void;
  /** Row bytes that should come at a time. */
  batchBytes(): number;
}

export function newLane(
  way: Way,
  valve: ValvePort,
  notes: LaneNotes,
  count: (counter: Counter, amount: number) => void,
): Lane {
  return {
    pass(bytes) {
      const open = valve.pass(way, bytes);
      if (open === null) return null;
      notes.at(way, "valve");
      return open.then((seconds) => count("throttled", seconds));
    },
    at: (stage) => notes.at(way, stage),
    batchBytes: () => valve.batchBytes(),
  };
}

/** A lane that nobody watches or holds back, for what is measured by itself. */
export const freeLane: Lane = { pass: () => null, at() {}, batchBytes: () => 1 << 20 };
