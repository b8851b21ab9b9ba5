import { rm } from "node:fs/promises";
import type { Config } from "../../config/config.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import { limitStreams, runStreams, stopStreams } from "../../handoff/streams.ts";
import { streamsWorkflow } from "../../handoff/view.ts";
import type { JobContext, JobOutcome } from "../job.ts";
import { dumpJob } from "../jobs/dump.ts";
import { verifyJob } from "../jobs/verify.ts";
import type { BegunHandoff } from "./begun.ts";
import { allReached } from "./positions.ts";
import { refuseFailed } from "./refuse-failed.ts";
import { takeSteps, unstoppable } from "./steps.ts";
import { waitUntil } from "./wait-until.ts";

const reachSeconds = 24 * 3600;

/**
 * Compares the transformed tables, which Vitess cannot: the source is read and transformed at one position into files, the
 * streams are let run to that position and no further, and the files are compared with the target. Then the streams run on.
 * Returns the `differ` error of tables that are not equal, null when all are.
 */
export async function vdiffStreams(
  begun: BegunHandoff,
  config: Config,
  context: JobContext,
): Promise<VtpipeError | null> {
  const { side, plan, view } = begun;
  const name = streamsWorkflow(side.names);
  const tables = plan.tables.filter(({ lane }) => lane === "streams").map(({ source }) => source);
  const directory = `${config.directory}.vdiff`;
  // A rule for a table that is not selected is refused as a mistake.
  const rules = Object.fromEntries(Object.entries(config.tables.rules).filter(([source]) => tables.includes(source)));
  const part: Config = {
    ...config,
    directory,
    keepFiles: true,
    handoff: null,
    tables: { include: tables, exclude: [], rules },
  };
  // Left by a comparison that was killed: its position is of no use any more.
  await rm(directory, { recursive: true, force: true });
  try {
    // The streams stand still while the source is read, so that they cannot pass the position it is read at.
    await takeSteps(side, [stopStreams(side.names.targetKeyspace, name)], context);
    const { position } = refuseFailure(await dumpJob(part, context));
    if (position === null) throw noPosition();
    await takeSteps(
      side,
      [limitStreams(view, name, position), runStreams(null, side.names.targetKeyspace, name)],
      context,
    );
    await waitUntil(side, context, {
      what: `the streams of ${name} to reach ${position}`,
      seconds: reachSeconds,
      async done({ streams: workflow, sourceShards }) {
        refuseFailed(workflow);
        const streams = workflow?.streams ?? [];
        if (streams.some(({ state }) => state !== "Stopped")) return false;
        return await allReached(
          side.vtctld,
          sourceShards,
          position,
          streams.map((stream) => stream.position),
        );
      },
    });
    const { failure } = await verifyJob(part, directory, context);
    return failure;
  } finally {
    // Streams that were stopped are started again even when a stop was asked for.
    const back = [
      stopStreams(side.names.targetKeyspace, name),
      limitStreams(view, name, null),
      runStreams(null, side.names.targetKeyspace, name),
    ];
    await takeSteps(side, back, unstoppable(context));
    await rm(directory, { recursive: true, force: true });
  }
}

function refuseFailure(outcome: JobOutcome): JobOutcome {
  if (outcome.failure !== null) throw outcome.failure;
  return outcome;
}

function noPosition(): VtpipeError {
  return new VtpipeError({
    code: "preflight",
    message: "The source has no position any more: GTIDs are off.",
    now: "The streams run on.",
    todo: "Turn gtid_mode on at the source.",
  });
}
