import type { HandoffStatus, WorkflowStatus } from "../contracts/handoff-status.ts";
import type { HandoffPlan } from "./plan.ts";
import type { WorkflowView } from "./view.ts";

/** Vitess's number may grow by so much between our look and its own. */
const lookSlackSeconds = 120;

/** The part of a status that is about the workflow; undefined: it was not there. */
export function statusOf(status: HandoffStatus, { name }: WorkflowView): WorkflowStatus | undefined {
  return status.workflows.find((workflow) => workflow.name === name);
}

/**
 * Seconds by which the slowest stream of a workflow is behind, at most: by the transactions it has still to see, where these
 * can be counted for every stream. Else Vitess's number, which also grows while a source has nothing to send.
 */
export function lagSeconds(workflow: WorkflowView, status: WorkflowStatus | undefined): number {
  const counted = (status?.streams ?? []).map(({ secondsBehind }) => secondsBehind);
  const known = counted.filter((seconds) => seconds !== null);
  return known.length === 0 || known.length < counted.length ? workflow.lagSeconds : Math.max(...known);
}

/**
 * The lag that Vitess is told to allow. It goes by a number of its own, so where that is larger than what was counted, and
 * the count is within what is allowed, it is told to go by less: it waits for the streams before it switches anyway.
 */
export function lagForVitess(
  { maxLagSeconds }: HandoffPlan,
  workflow: WorkflowView | null,
  status: HandoffStatus,
): number {
  if (workflow === null || lagSeconds(workflow, statusOf(status, workflow)) > maxLagSeconds) return maxLagSeconds;
  return Math.max(maxLagSeconds, Math.ceil(workflow.lagSeconds) + lookSlackSeconds);
}
