import * as z from "zod";
import { byteSize } from "./sizes.ts";

/** The config's `limits` section, and the same values as they are changed while a run is at work. */

const count = (description: string, min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value),
    z
      .int()
      .min(min)
      .max(max)
      .meta({ description, expected: `a whole number from ${min} to ${max}` }),
  );

const maxRate = z.preprocess(
  byteSize,
  z
    .int()
    .min(1024)
    .max(1024 ** 4)
    .meta({
      description:
        "Row bytes per second, all workers together. Rows are read no faster, and sent no faster. Default: as fast as it goes.",
      expected: "a size per second from 1 KiB to 1024 GiB, like 50 MiB",
    }),
);
const threadsRunning = count(
  "Reading pauses while more threads than this are at work on the source (Threads_running), our own readers not counted.",
  1,
  100_000,
);
const sourceLagSeconds = count(
  "Reading pauses while the source, if it is itself a replica, is further behind its own source than this. Needs REPLICATION CLIENT.",
  1,
  86_400,
);
const targetLagSeconds = count(
  "Loading pauses while a replica of the target's shards is further behind than this.",
  1,
  86_400,
);
const vitessThrottler = z.boolean().meta({
  description:
    "Loading pauses while Vitess's throttler says so. With `target.vtctld` every shard's throttler is asked, as app `vtpipe`; without it vtgate tells what the throttlers of replicas say and which apps are throttled by hand.",
  expected: "true or false",
});
const historyListLength = count(
  "A run that finds the source's InnoDB history list longer than this gives its snapshot up and ends; the same command goes on. Reading less does not shorten that list, only ending the snapshot does. Needs PROCESS.",
  1000,
  1_000_000_000,
);

/** What the section says once it is checked. */
export interface CheckedLimits {
  maxRate?: number | undefined;
  threadsRunning?: number | undefined;
  sourceLagSeconds?: number | undefined;
  targetLagSeconds?: number | undefined;
  vitessThrottler: boolean;
  historyListLength?: number | undefined;
}

export const limitsSchema: z.ZodType<CheckedLimits> = z
  .strictObject({
    maxRate: maxRate.optional(),
    threadsRunning: threadsRunning.optional(),
    sourceLagSeconds: sourceLagSeconds.optional(),
    targetLagSeconds: targetLagSeconds.optional(),
    vitessThrottler: vitessThrottler.default(false),
    historyListLength: historyListLength.optional(),
  })
  .meta({
    description: "What a copy spares its servers; `vtpipe limits` changes it while a run is at work.",
    expected: "a section",
  });

/** What a file of changes says. null: that limit is lifted. */
export interface CheckedLimitChanges {
  maxRate?: number | null | undefined;
  threadsRunning?: number | null | undefined;
  sourceLagSeconds?: number | null | undefined;
  targetLagSeconds?: number | null | undefined;
  vitessThrottler?: boolean | undefined;
  historyListLength?: number | null | undefined;
  paused?: boolean | undefined;
}

export const limitChangesSchema: z.ZodType<CheckedLimitChanges> = z.strictObject({
  maxRate: maxRate.nullish(),
  threadsRunning: threadsRunning.nullish(),
  sourceLagSeconds: sourceLagSeconds.nullish(),
  targetLagSeconds: targetLagSeconds.nullish(),
  vitessThrottler: vitessThrottler.optional(),
  historyListLength: historyListLength.nullish(),
  paused: z.boolean().meta({ description: "Neither read nor load.", expected: "true or false" }).optional(),
});
