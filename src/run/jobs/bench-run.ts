import { availableParallelism } from "node:os";
import { budgetOf } from "../../bench/budget.ts";
import type { Config } from "../../config/config.ts";
import type { RunBench } from "../../contracts/bench.ts";
import type { Stage } from "../../contracts/stages.ts";
import { statementSize } from "../../load/pace-bounds.ts";
import { sampleProgress, timelinesOf } from "../bench/run-samples.ts";
import { checkStopped } from "../bench/stopped.ts";
import { type JobContext, summaryOf } from "../job.ts";
import { openSourceSide } from "../source-side.ts";
import { paceBounds } from "../worker-setup.ts";
import { readAlone } from "./bench-source.ts";
import { benchTargetJob } from "./bench-target.ts";
import { runJob } from "./run.ts";

export interface RunBenchOptions {
  /** For how long the source is read alone afterwards. */
  readonly seconds: number;
  /** Is the target to be measured alone too, into a scratch table? */
  readonly target: boolean;
}

/** A run as any other, with what its workers did over time, what limits it, and what would move the limit. */
export async function benchRunJob(config: Config, options: RunBenchOptions, context: JobContext): Promise<RunBench> {
  const startedAt = Date.now();
  const { emit, samples } = sampleProgress(context.emit);
  const outcome = await runJob(config, { ...context, emit });
  context.report(outcome);
  if (outcome.failure !== null) throw outcome.failure;
  context.emit(summaryOf("bench run", outcome, startedAt, null));
  const looks = samples();
  const last = looks.at(-1)?.progress;
  if (last === undefined || (last.rowsLoaded === 0 && last.rowsDumped === 0)) {
    const note = "No row was left to move: bench a run into an empty run directory and empty tables.";
    return lineOf(config, looks, null, [note]);
  }
  const notes = ["Verifying comes after copying and is in no figure."];
  try {
    const ceilings = await measureAlone(config, options, last.rowsDumped > 0, context, notes);
    return lineOf(config, looks, ceilings, notes);
  } catch (error) {
    checkStopped(context.stop, "The run is done; only what source and target give alone was not measured to the end.");
    throw error;
  }
}

/** What source and target give alone, rows a second. */
async function measureAlone(
  config: Config,
  { seconds, target }: RunBenchOptions,
  read: boolean,
  context: JobContext,
  notes: string[],
): Promise<Partial<Record<Stage, number>>> {
  const ceilings: Partial<Record<Stage, number>> = {};
  if (read) {
    await using source = await openSourceSide(config);
    context.emit({ type: "note", text: `Reading the source alone for ${seconds} s.` });
    const alone = await readAlone(config, source, seconds, context);
    if (alone > 0) ceilings.source = alone;
  }
  if (target) {
    const alone = await loadAlone(config, seconds, context, notes);
    if (alone > 0) ceilings.target = alone;
  }
  return ceilings;
}

function lineOf(
  config: Config,
  looks: ReturnType<ReturnType<typeof sampleProgress>["samples"]>,
  ceilings: Partial<Record<Stage, number>> | null,
  notes: readonly string[],
): RunBench {
  const { workers } = config;
  const cores = availableParallelism();
  const { seconds, progress } = looks.at(-1) ?? { seconds: 0, progress: null };
  const first = looks[0]?.progress;
  const rows = progress?.rowsLoaded ?? 0;
  const measured =
    progress === null || ceilings === null
      ? null
      : budgetOf({
          ...{ rows, seconds, workers, ceilings, cores, stages: progress.stages },
          // Threads are there before the copy begins.
          threadsBusySeconds: progress.threadsBusySeconds - (first?.threadsBusySeconds ?? 0),
          threadsSeconds: progress.threadsSeconds - (first?.threadsSeconds ?? 0),
        });
  return {
    type: "bench",
    command: "bench run",
    ...{ rows, bytes: progress?.bytesLoaded ?? 0, seconds, workers, cores },
    budget: measured,
    timelines: timelinesOf(looks, workers),
    notes,
  };
}

/** Rows a second the target takes of the run's own files, by the config's strategy and sessions. */
async function loadAlone(config: Config, seconds: number, context: JobContext, notes: string[]): Promise<number> {
  const { strategy } = config.load;
  // A run begins with fewer sessions and goes by what the target takes.
  const { start, max } = paceBounds(config, 1).sessions;
  const { results, rowsFrom } = await benchTargetJob(
    config,
    {
      ...{ from: config.directory, shape: "", table: null, scratch: null, seconds },
      strategies: [strategy === "auto" ? "json-table" : strategy],
      rowsPerStatement: [statementSize.rows],
      sessions: [start, max].map((each) => each * config.workers),
    },
    context,
  );
  notes.push(`The target was loaded alone with ${rowsFrom}.`);
  return Math.max(0, ...results.map(({ rowsPerSecond }) => rowsPerSecond));
}
