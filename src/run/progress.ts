import type { EventSink, Progress } from "../contracts/events.ts";
import { type Stage, type StageSeconds, stageNames } from "../contracts/stages.ts";
import { type CounterTotals, counterTotals, stageSeconds } from "./counters.ts";
import { isLoaded, type Tally, tableProgress } from "./tally.ts";

/** Often enough for an eye, seldom enough to cost nothing. */
const leastMs = 250;
/** Each report names every table, so with thousands of them it comes less often: the same work in the same time. */
const msPerTable = 0.5;
const mostMs = 2_500;

/** Pure: milliseconds between two reports. */
export function reportEveryMs(tables: number): number {
  return Math.min(mostMs, Math.max(leastMs, tables * msPerTable));
}

/** Speeds are of the last few seconds, so that they tell what is true now. */
const windowMs = 5_000;

export interface ProgressOptions {
  readonly tally: Tally;
  readonly counters: readonly SharedArrayBuffer[];
  /** Seconds the workers' threads have run code, and have been there. */
  threadSeconds(): ThreadSeconds;
  /** Does the job load? Then its end is when the last row is loaded. */
  readonly loads: boolean;
  /** Why rows wait, in words; null: they don't. */
  throttled(): string | null;
  /** Rows that earlier runs have moved, read or, if the job loads, loaded. */
  readonly rowsBefore: number;
  readonly emit: EventSink;
}

export interface ThreadSeconds {
  readonly busy: number;
  readonly all: number;
}

/** Reports progress until it is disposed of; the first report is of the start, the last one of the end. */
export function watchProgress(options: ProgressOptions): Disposable {
  const window: Sample[] = [];
  const look = (): void => {
    const sample = { at: performance.now(), totals: counterTotals(options.counters) };
    window.push(sample);
    while (window.length > 2 && sample.at - (window[0] as Sample).at > windowMs) window.shift();
    const threads = options.threadSeconds();
    const rssBytes = process.memoryUsage.rss();
    options.emit({ type: "progress", progress: progressOf(options, window, threads, rssBytes, options.throttled()) });
  };
  look();
  const timer = setInterval(look, reportEveryMs(options.tally.all().length));
  timer.unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      look();
    },
  };
}

export interface Sample {
  /** Milliseconds on any clock. */
  readonly at: number;
  readonly totals: CounterTotals;
}

/** Pure: what a window of samples says. */
export function progressOf(
  options: Pick<ProgressOptions, "tally" | "loads" | "rowsBefore">,
  window: readonly Sample[],
  threads: ThreadSeconds = { busy: 0, all: 0 },
  rssBytes = 0,
  throttled: string | null = null,
): Progress {
  const { tally, loads, rowsBefore } = options;
  const tables = tally.all();
  const first = window[0] as Sample;
  const last = window.at(-1) as Sample;
  const seconds = (last.at - first.at) / 1000;
  const rate = (counter: keyof CounterTotals): number =>
    seconds > 0 ? (last.totals[counter] - first.totals[counter]) / seconds : 0;
  const rowsPerSecond = loads ? rate("rowsLoaded") : rate("rowsRead");
  const expected = tables.reduce((sum, t) => sum + (t.read ? t.rows : Math.max(t.rowsEstimate, t.rows)), 0);
  const moved = loads ? last.totals.rowsLoaded : last.totals.rowsRead;
  return {
    phase: "copying",
    tables: tables.map(tableProgress),
    rowsDumped: last.totals.rowsRead,
    rowsLoaded: last.totals.rowsLoaded,
    bytesDumped: last.totals.bytesRead,
    bytesLoaded: last.totals.bytesLoaded,
    rowsPerSecond,
    bytesPerSecond: loads ? rate("bytesLoaded") : rate("bytesRead"),
    etaSeconds: rowsPerSecond > 0 && moved > 0 ? Math.max(expected - rowsBefore - moved, 0) / rowsPerSecond : null,
    stages: stageSeconds(last.totals),
    threadsBusySeconds: threads.busy,
    threadsSeconds: threads.all,
    rssBytes,
    limitedBy: limitOf(stageSeconds(last.totals, first.totals), loads && tables.some((table) => !isLoaded(table))),
    throttled,
  };
}

/** Stages of the lane that loads. */
const loading: ReadonlySet<Stage> = new Set(["unpack", "encode", "target"]);

/** The stage workers spent most of their time in. */
function limitOf(seconds: StageSeconds, loads: boolean): string | null {
  const candidates = (Object.entries(seconds) as [Stage, number][]).filter(([stage]) => loads || !loading.has(stage));
  const [largest] = candidates.toSorted((a, b) => b[1] - a[1]);
  return largest === undefined || largest[1] <= 0 ? null : stageNames[largest[0]];
}
