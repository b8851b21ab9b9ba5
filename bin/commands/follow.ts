import { Command } from "commander";
import { VtpipeError } from "../../src/contracts/errors.ts";
import type { FollowEnd } from "../../src/run/follow/until-of.ts";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";

interface FollowOptions extends ConfigCommandOptions {
  readonly untilSnapshot?: boolean;
  readonly untilCaughtUp?: boolean;
  readonly until?: string;
  readonly finish?: boolean;
}

export function followCommand(): Command {
  const command = new Command("follow").description(
    "Carry copied tables on without VReplication: applies what the source's binary log holds since the copy, through the same transforms, each row in its order, until Ctrl-C. Killed anywhere, it goes on exactly where it was. It is slower than VReplication, has no VDiff and cannot be reversed.",
  );
  return withConfig(command, ["source", "target", "directory"])
    .option("--until-snapshot", "end exactly at the newest snapshot's position, for what was read before it")
    .option("--until-caught-up", "end when all that the source has at the start is applied")
    .option("--until <position>", "end exactly at this position")
    .option("--finish", "end following for good: takes the positions off the target")
    .action((options: FollowOptions) =>
      runJob("follow", options, async (context) => {
        const end = endOf(options);
        const { finishFollowJob, followJob } = await import("../../src/run/jobs/follow.ts");
        const config = await configOf(options, context, end === null ? ["target"] : ["source", "target"]);
        return end === null ? finishFollowJob(config, context) : followJob(config, end, context);
      }),
    );
}

/** null: to be finished. */
function endOf({ untilSnapshot, untilCaughtUp, until, finish }: FollowOptions): FollowEnd | null {
  const given = [untilSnapshot, untilCaughtUp, until, finish].filter((option) => option !== undefined);
  if (given.length > 1) {
    throw new VtpipeError({
      code: "usage",
      message: "Only one of --until-snapshot, --until-caught-up, --until and --finish can be given.",
      now: "Nothing was read or changed.",
      todo: "Choose one of them.",
    });
  }
  if (finish) return null;
  if (untilSnapshot) return { at: "snapshot" };
  if (untilCaughtUp) return { at: "caught-up" };
  return until === undefined ? { at: "never" } : { at: "position", position: until };
}
