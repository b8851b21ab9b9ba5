import { VtpipeError } from "../../contracts/errors.ts";
import type { HandedTable, Lane } from "../../contracts/handoff.ts";
import { type HandoffCommand, type HandoffState, verdictOf } from "../../handoff/machine.ts";
import type { JobContext } from "../job.ts";

export interface LaneState {
  readonly lane: Lane;
  readonly state: HandoffState;
}

/** The lanes in which `command` is to be done. Refuses it as a whole when one lane refuses; says what is so already. */
export function lanesToDo(
  states: readonly LaneState[],
  command: HandoffCommand,
  context: JobContext,
): ReadonlySet<Lane> {
  const verdicts = states.map(({ lane, state }) => ({ lane, state, verdict: verdictOf(state, command) }));
  for (const { lane, state, verdict } of verdicts) {
    if (verdict.kind !== "refused") continue;
    throw new VtpipeError({
      code: "preflight",
      message: `${nameOf(lane)}: ${verdict.why}`,
      now: `Nothing was changed; the handoff stands as it did (${state}).`,
      todo: verdict.todo,
      context: { lane, state },
    });
  }
  for (const { lane, verdict } of verdicts) {
    if (verdict.kind === "already") context.emit({ type: "note", text: `${nameOf(lane)}: ${verdict.why}` });
  }
  return new Set(verdicts.filter(({ verdict }) => verdict.kind === "go").map(({ lane }) => lane));
}

export function nameOf(lane: HandedTable["lane"]): string {
  if (lane === "still") return "Tables of a source that stands still";
  return lane === "move-tables" ? "Verbatim tables (MoveTables)" : "Transformed tables (streams)";
}
