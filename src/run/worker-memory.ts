import { newValveMemory } from "./limits/valve.ts";
import { newLaneNotes } from "./stalls/lane-notes.ts";
import { newStepNotes } from "./step-notes.ts";
import type { WorkerSetup } from "./worker-task.ts";

/** What a worker shares with the main thread besides its counters. `valve` is one for all workers; without one nothing holds rows back. */
export function workerMemory(
  valve: SharedArrayBuffer = newValveMemory(),
): Pick<WorkerSetup, "notes" | "lanes" | "valve"> {
  return { notes: newStepNotes(), lanes: newLaneNotes(), valve };
}
