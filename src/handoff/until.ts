import type { HandoffStatus, LaneStatus, Until } from "../contracts/handoff-status.ts";

/** `never`: it will not come about by waiting, and why. */
export type Reached = { readonly kind: "yes" | "not-yet" } | { readonly kind: "never"; readonly why: string };

/** Pure: has the handoff come to where somebody waits for it? All lanes have to be there. */
export function reached(status: HandoffStatus, until: Until): Reached {
  const lost = status.lanes.find(({ state }) => state === "failed" || state === "gone");
  if (lost !== undefined) return { kind: "never", why: `${lost.workflow} is ${lost.state}. ${lost.meaning}` };
  if (status.away !== null || status.lanes.length === 0) return { kind: "not-yet" };
  const there = status.lanes.every(
    (lane) => isSwitched(lane) || (until === "caught-up" && lane.state === "running" && isCaughtUp(status, lane)),
  );
  return { kind: there ? "yes" : "not-yet" };
}

const isSwitched = ({ state }: LaneStatus): boolean => state === "switched" || state === "completed";

function isCaughtUp({ workflows }: HandoffStatus, { workflow }: LaneStatus): boolean {
  const streams = workflows.find(({ name }) => name === workflow)?.streams ?? [];
  return streams.every(({ trend, trouble }) => trend === "caught-up" && trouble === null);
}

/** Pure: what is worth a line of its own, since `before`. */
export function statusChanges(before: HandoffStatus, now: HandoffStatus): string[] {
  const states = new Map(before.lanes.map(({ workflow, state }) => [workflow, state]));
  const lanes = now.lanes.flatMap(({ workflow, state, meaning }) =>
    states.has(workflow) && states.get(workflow) !== state ? [`${workflow} is ${state} now. ${meaning}`] : [],
  );
  return [...lanes, ...awayChange(before.away, now.away)];
}

function awayChange(before: HandoffStatus["away"], now: HandoffStatus["away"]): string[] {
  if (before === null && now !== null) return [`No answer: ${now.what}`];
  return before !== null && now === null ? ["All servers answer again."] : [];
}
