import type { Config } from "../../config/config.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import { openBegun } from "../handoff/begun.ts";
import { vdiffMoveTables } from "../handoff/vdiff-move-tables.ts";
import { vdiffStreams } from "../handoff/vdiff-streams.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "../job.ts";

/**
 * Compares source and target while VReplication keeps them alike: verbatim tables by Vitess's VDiff, transformed ones by
 * checksums of our own. The verdict is recorded; `switch` asks for it.
 */
export async function vdiffJob(config: Config, context: JobContext): Promise<JobOutcome> {
  await using begun = await openBegun(config, "vdiff", context);
  const { side, state, todo } = begun;
  const differing = todo.has("move-tables") ? await vdiffMoveTables(begun, context) : [];
  const failure = todo.has("streams") ? await vdiffStreams(begun, config, context) : null;
  const equal = differing.length === 0 && failure === null;
  await state.record({ type: "vdiff", target: side.target, at: new Date().toISOString(), equal });
  const found = equal ? null : differError(differing, failure);
  return { ...emptyOutcome, directory: state.directory.path, target: "vitess", failure: found };
}

function differError(tables: readonly string[], failure: VtpipeError | null): VtpipeError {
  const vitess = tables.length > 0 ? [`Vitess's VDiff found differences in ${tables.join(", ")}.`] : [];
  return new VtpipeError({
    code: "differ",
    message: [...vitess, ...(failure === null ? [] : [failure.message])].join(" "),
    now: "Nothing was changed; the streams run on. `vtpipe switch` refuses until a vdiff is clean.",
    todo: "Find out who else writes to the target; for verbatim tables `vtctldclient VDiff … show last --verbose` has sample rows. Then cancel and copy again.",
  });
}
