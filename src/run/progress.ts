import type { EventSink, Progress, StageSeconds } from "../contracts/events.ts";
import { type CounterTotals, counterTotals, stageSeconds } from "./counters.ts";
import { isLoaded, type Tally, tableProgress } from "./tally.ts";

/** Often enough for an eye, seldom enough to cost nothing. */
const everyMs = 250;
/** Speeds are of the last few seconds, so that they tell what is true now. */
const windowMs = 5_000;

export interface ProgressOptions {
  readonly tally: Tally;
  readonly counters: readonly SharedArrayBuffer[];
  /** Does the job load? Then its end is when the last row is loaded. */
  readonly loads: boolean;
  /** Rows that earlier runs have moved, read or, if the job loads, loaded. */
  readonly rowsBefore: number;
  readonly emit: EventSink;
}

/** Reports progress until it is disposed of. */
export function watchProgress(options: ProgressOptions): Disposable {
  const window: Sample[] = [];
  const timer = setInterval(() => {
    const sample = { at: performance.now(), totals: counterTotals(options.counters) };
    window.push(sample);
    while (window.length > 2 && sample.at - (window[0] as Sample).at > windowMs) window.shift();
    options.emit({ type: "progress", progress: progressOf(options, window) });
  }, everyMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

export interface Sample {
  /** Milliseconds on any clock. */
  readonly at: number;
  readonly totals: CounterTotals;
}

/** Pure: what a window of samples says. */
export function progressOf(options: Omit<ProgressOptions, "emit" | "counters">, window: readonly Sample[]): Progress {
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
  const stages = stageSeconds(last.totals);
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
    stages,
    limitedBy: limitOf(stageSecondsBetween(first, last), loads && tables.some((table) => !isLoaded(table))),
  };
}

function stageSecondsBetween(first: Sample, last: Sample): StageSeconds {
  const before = stageSeconds(first.totals);
  const after = stageSeconds(last.totals);
  const since = (stage: keyof StageSeconds): number => after[stage] - before[stage];
  return { read: since("read"), transform: since("transform"), write: since("write"), load: since("load") };
}

const stageNames: Readonly<Record<keyof StageSeconds, string>> = {
  read: "the source",
  transform: "the transforms (CPU)",
  write: "compressing and writing files (CPU, disk)",
  load: "the target",
};

/** The stage workers spent most of their time in. */
function limitOf(stages: StageSeconds, loading: boolean): string | null {
  const candidates = Object.entries(stages).filter(([stage]) => loading || stage !== "load") as [
    keyof StageSeconds,
    number,
  ][];
  const [largest] = candidates.toSorted((a, b) => b[1] - a[1]);
  return largest === undefined || largest[1] <= 0 ? null : stageNames[largest[0]];
}
