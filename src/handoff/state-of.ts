import type { Lane } from "../contracts/handoff.ts";
import type { HandoffState } from "./machine.ts";
import type { HandoffView, StreamView, WorkflowView } from "./view.ts";

/** What a stream of ours is told when traffic leaves it, so that Vitess itself remembers that it was. */
export const switchedMessage = "switched by vtpipe";

/** How far the run directory remembers a handoff to have been taken, since Vitess forgets workflows that are gone. */
export type Remembered = "prepared" | "bridged" | "started" | "completed" | null;

/** Pure: where a lane's workflow stands. */
export function stateOf(view: HandoffView, lane: Lane, remembered: Remembered): HandoffState {
  const workflow = lane === "move-tables" ? view.moveTables : view.streams;
  if (workflow === null || workflow.streams.length === 0) {
    return remembered === "completed" ? "completed" : remembered === "started" ? "gone" : "none";
  }
  const state = lane === "move-tables" ? moveTablesState(workflow, view.trafficState) : streamsState(workflow);
  const startedBefore = remembered === "started" || remembered === "completed";
  return state === "positioned" && startedBefore ? "stopped" : state;
}

function moveTablesState(workflow: WorkflowView, traffic: string): HandoffState {
  // Vitess's words: "Reads Not Switched. Writes Not Switched", "All Reads Switched. Writes Switched", and between.
  if (/Writes Switched/.test(traffic) && !/Reads (Not|Partially)/.test(traffic)) return "switched";
  if (traffic !== "" && !/Reads Not Switched\. Writes Not Switched/.test(traffic)) return "half-switched";
  return streamsAt(workflow.streams);
}

function streamsState({ streams }: WorkflowView): HandoffState {
  const switched = streams.filter(({ message }) => message.startsWith(switchedMessage)).length;
  if (switched === streams.length) return "switched";
  if (switched > 0) return "half-switched";
  return streamsAt(streams);
}

function streamsAt(streams: readonly StreamView[]): HandoffState {
  if (streams.some(({ state }) => state === "Error")) return "failed";
  if (streams.some(({ position, state }) => state === "Stopped" && position === "")) return "prepared";
  if (streams.some(({ state }) => state === "Stopped")) return "positioned";
  return "running";
}
