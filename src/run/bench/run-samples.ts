import type { BenchTimeline } from "../../contracts/bench.ts";
import type { EventSink, Progress } from "../../contracts/events.ts";
import { stageNames, stages } from "../../contracts/stages.ts";

/** One look at a run. */
export interface RunSample {
  /** Since the first look. */
  readonly seconds: number;
  readonly progress: Progress;
}

/** Looks that are kept: of a longer run every second one is let go of, again and again. */
const mostSamples = 2000;

/** Hands events on and keeps what progress says. */
export function sampleProgress(
  emit: EventSink,
  now: () => number = () => performance.now(),
): {
  readonly emit: EventSink;
  samples(): readonly RunSample[];
} {
  let kept: RunSample[] = [];
  let last: RunSample | null = null;
  let every = 1;
  let looks = 0;
  let start: number | null = null;
  return {
    emit(event) {
      if (event.type === "progress") {
        start ??= now();
        last = { seconds: (now() - start) / 1000, progress: event.progress };
        if (looks++ % every === 0) kept.push(last);
        if (kept.length >= mostSamples) {
          kept = kept.filter((_, i) => i % 2 === 0);
          every *= 2;
        }
      }
      emit(event);
    },
    // The last look has the totals, whichever are kept.
    samples: () => (last === null || kept.at(-1) === last ? kept : [...kept, last]),
  };
}

/**
 * What a run did, by steps of a twentieth of it, a quarter of a second to five: a wait is told when it is over, so from one
 * look to the next a stage may seem to have taken ten times as long. Pure.
 */
export function timelinesOf(samples: readonly RunSample[], workers: number): BenchTimeline[] {
  const steps = stepsOf(samples, Math.min(5, Math.max(0.25, (samples.at(-1)?.seconds ?? 0) / 20)));
  if (steps.length === 0) return [];
  type Step = (typeof steps)[number];
  const series = (name: string, of: (step: Step) => number) => ({
    name,
    points: steps.map((step): [number, number] => [rounded(step.at), rounded(of(step))]),
  });
  const rate = (of: (progress: Progress) => number) => (step: Step) => (of(step.to) - of(step.from)) / step.seconds;
  const loads = (samples.at(-1)?.progress.rowsLoaded ?? 0) > 0;
  const read = (of: "rows" | "bytes") => rate((progress) => progress[`${of}Dumped`]);
  const loaded = (of: "rows" | "bytes") => rate((progress) => progress[`${of}Loaded`]);
  return [
    {
      title: "Rows",
      unit: "rows a second",
      stacked: false,
      series: [series("read", read("rows")), ...(loads ? [series("loaded", loaded("rows"))] : [])],
    },
    {
      title: "Row bytes",
      unit: "MB a second",
      stacked: false,
      series: [
        series("read", (step) => read("bytes")(step) / 1e6),
        ...(loads ? [series("loaded", (step) => loaded("bytes")(step) / 1e6)] : []),
      ],
    },
    {
      title: "What workers do",
      unit: `% of ${workers} ${workers === 1 ? "worker's" : "workers'"} time; lanes overlap, so it may be more than 100`,
      stacked: true,
      series: stages.map((stage) =>
        series(stageNames[stage], (step) => (rate(({ stages: spent }) => spent[stage])(step) / workers) * 100),
      ),
    },
    {
      title: "Threads busy",
      unit: "% of the workers' threads' time",
      stacked: false,
      series: [
        series("busy", ({ from, to }) => {
          const there = to.threadsSeconds - from.threadsSeconds;
          return there > 0 ? ((to.threadsBusySeconds - from.threadsBusySeconds) / there) * 100 : 0;
        }),
      ],
    },
    {
      title: "Memory",
      unit: "MB of the process",
      stacked: false,
      series: [series("resident", ({ to }) => to.rssBytes / 1e6)],
    },
  ];
}

interface LookedAt {
  /** Its end, and its length. */
  readonly at: number;
  readonly seconds: number;
  readonly from: Progress;
  readonly to: Progress;
}

/** Steps of about `least` seconds and more; looks are never exactly as far apart as they should be. */
function stepsOf(samples: readonly RunSample[], least: number): LookedAt[] {
  const steps: LookedAt[] = [];
  let from = samples[0];
  for (const to of samples.slice(1)) {
    const seconds = to.seconds - (from?.seconds ?? 0);
    if (from === undefined || seconds < least * 0.9) continue;
    steps.push({ at: to.seconds, seconds, from: from.progress, to: to.progress });
    from = to;
  }
  return steps;
}

/** Four digits: a line of JSON holds thousands of them. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
