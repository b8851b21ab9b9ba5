import { VtpipeError } from "../../contracts/errors.ts";
import type { WorkflowView } from "../../handoff/view.ts";

/** Throws when a stream has given up, with its own words. */
export function refuseFailed(workflow: WorkflowView | null): void {
  const failed = workflow?.streams.find(({ state }) => state === "Error");
  if (workflow === null || failed === undefined) return;
  throw new VtpipeError({
    code: "target",
    message: `Stream ${failed.id} of ${workflow.name} into shard ${failed.shard} has given up: ${failed.message}`,
    now: "The other streams go on; nothing was switched.",
    todo: "Remove the cause, then run `vtpipe handoff` again, which starts the streams where they stopped.",
    context: { workflow: workflow.name, shard: failed.shard },
  });
}
