import type { Finding } from "../contracts/finding.ts";
import type { Lane } from "../contracts/handoff.ts";
import type { HandoffStatus } from "../contracts/handoff-status.ts";
import { lagSeconds, statusOf } from "./lag.ts";
import type { HandoffPlan } from "./plan.ts";
import type { HandoffView, WorkflowView } from "./view.ts";

/** The newest comparison of source and target; null: there was none. */
export type LastVdiff = { readonly at: string; readonly equal: boolean } | null;

/** A comparison older than this says little about a source that is written to. */
export const freshVdiffHours = 24;

/** Where the handoff stands, looked at just now. */
export interface SwitchLook {
  readonly view: HandoffView;
  readonly status: HandoffStatus;
}

export interface SwitchWishes {
  /** Has the user said that nobody writes to the source any more? */
  readonly writersFenced: boolean;
  /** Has the user said that no comparison is wanted? */
  readonly skipVdiff: boolean;
}

/**
 * Pure: what stands against switching the lanes of `todo` now; those that a killed switch is done with are past their gates.
 * Every finding is a refusal.
 */
export function switchGates(
  look: SwitchLook,
  plan: HandoffPlan,
  todo: ReadonlySet<Lane>,
  lastVdiff: LastVdiff,
  wishes: SwitchWishes,
  now: Date,
): Finding[] {
  return [
    ...(todo.has("move-tables") ? workflowGates(look, look.view.moveTables, plan.maxLagSeconds, []) : []),
    // The switch starts streams of ours that stand still: a switch that was killed may have left them so.
    ...(todo.has("streams") ? workflowGates(look, look.view.streams, plan.maxLagSeconds, ["Stopped"]) : []),
    ...vdiffGate(lastVdiff, wishes.skipVdiff, now),
    ...fenceGate(plan, wishes.writersFenced),
  ];
}

function workflowGates(
  { status }: SwitchLook,
  workflow: WorkflowView | null,
  maxLagSeconds: number,
  allowed: readonly string[],
): Finding[] {
  if (workflow === null) return [];
  const { name, streams } = workflow;
  const lag = Math.ceil(lagSeconds(workflow, statusOf(status, workflow)));
  const still = streams.filter(({ state }) => state !== "Running" && !allowed.includes(state));
  return [
    ...still.map(({ id, shard, state, message }) =>
      refusal(
        "stream-not-running",
        `Stream ${id} of ${name} into shard ${shard} is ${state}${message === "" ? "" : `: ${message}`}.`,
        "Run `vtpipe handoff` to start it, or look at `vtpipe status --watch`.",
      ),
    ),
    ...(streams.every(({ state }) => state === "Running") && lag > maxLagSeconds
      ? [
          refusal(
            "lag",
            `${name} is ${lag} s behind the source; ${maxLagSeconds} s are allowed.`,
            "Wait until it has caught up (`vtpipe status --watch`), or raise handoff.maxLagSeconds.",
          ),
        ]
      : []),
  ];
}

function vdiffGate(last: LastVdiff, skip: boolean, now: Date): Finding[] {
  if (last?.equal === false) {
    return [
      refusal(
        "vdiff-differs",
        `The comparison of ${last.at} found differences between source and target.`,
        "Remove their cause, then run `vtpipe vdiff` again.",
      ),
    ];
  }
  if (skip) return [];
  const todo = "Run `vtpipe vdiff`, or say --skip-vdiff to switch without it.";
  if (last === null) return [refusal("vdiff-missing", "Source and target were not compared since the handoff.", todo)];
  const hours = (now.getTime() - Date.parse(last.at)) / 3_600_000;
  if (hours <= freshVdiffHours) return [];
  const text = `The last comparison of source and target is ${Math.floor(hours)} hours old.`;
  return [refusal("vdiff-old", text, todo)];
}

function fenceGate(plan: HandoffPlan, fenced: boolean): Finding[] {
  const tables = plan.tables.filter(({ lane }) => lane === "streams").map(({ source }) => source);
  if (tables.length === 0 || fenced) return [];
  return [
    refusal(
      "writers-not-fenced",
      `Vitess does not switch transformed tables (${tables.join(", ")}): whoever writes to them on the source itself is held off by nobody.`,
      "Stop those writers, then run `vtpipe switch --writers-fenced`. It fences those who come through vtgate, waits until all is applied, and tells you when to repoint.",
    ),
  ];
}

function refusal(code: string, text: string, todo: string): Finding {
  return { severity: "refusal", code, text, todo };
}
