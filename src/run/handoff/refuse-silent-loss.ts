import { VtpipeError } from "../../contracts/errors.ts";
import type { HandoffPlan } from "../../handoff/plan.ts";

/** No stream runs back from tables that are not verbatim, so their reverse forgets what was written to the target. Only in so many words. */
export function refuseSilentLoss({ tables }: HandoffPlan, allowed: boolean): void {
  if (allowed) return;
  const names = tables.filter(({ lane }) => lane !== "move-tables").map(({ target }) => target);
  throw new VtpipeError({
    code: "preflight",
    message: `Nothing replicates ${names.join(", ")} back to the source: rows written to them on the target since the switch would be lost to the source, and could stop the streams.`,
    now: "Nothing was changed; the target has the traffic.",
    todo: "If nothing was written to them since, or it may be lost: `vtpipe reverse --lose-target-writes`.",
  });
}
