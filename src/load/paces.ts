import { newPaceController, type PaceChange, type PaceController } from "./pace.ts";
import type { PaceBounds } from "./pace-bounds.ts";
import type { Destination } from "./session-pool.ts";

/** The paces of one worker, one per destination, kept over tables and chunks. */
export interface Paces {
  of(destination: Destination): PaceController;
  /** What has changed since it was last asked, oldest first; of very many changes the newest. */
  changes(): DestinationChange[];
}

export interface DestinationChange extends PaceChange {
  readonly destination: Destination;
}

/** Changes kept for the next time somebody asks. */
const CHANGES_KEPT = 50;

export function newPaces(bounds: PaceBounds): Paces {
  const all = new Map<Destination, PaceController>();
  let changes: DestinationChange[] = [];
  return {
    of(destination) {
      let pace = all.get(destination);
      if (pace === undefined) {
        pace = newPaceController(bounds, (change) => {
          changes.push({ ...change, destination });
          if (changes.length > CHANGES_KEPT) changes.shift();
        });
        all.set(destination, pace);
      }
      return pace;
    },
    changes() {
      const since = changes;
      changes = [];
      return since;
    },
  };
}
