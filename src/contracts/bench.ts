import type { Stage } from "./stages.ts";

/** The middle one of some figures and how far they spread. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One stage of a pipeline, by what was measured of it. */
export interface BudgetStage {
  readonly stage: Stage;
  /** Of the workers' time, 0 to 1. Lanes overlap, so shares may add up to more than 1. */
  readonly share: number;
  readonly kind: "busy" | "waiting";
  /** Rows a second this stage alone could do with as many workers; null: not known. */
  readonly ceiling: number | null;
}

/** Where the time of a run went, and what would move its limit. */
export interface Budget {
  readonly rowsPerSecond: number;
  readonly stages: readonly BudgetStage[];
  /** Of all workers' time, 0 to 1: their threads ran code. */
  readonly threadsBusy: number;
  readonly limit: Stage;
  /** "the limit here is …; doing … would move it". */
  readonly sentence: string;
}

/** What is asked of a figure, and what was found. */
export interface BenchAim {
  readonly aim: number;
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly state: "met" | "missed" | "not measured";
}

export interface BenchBar {
  readonly name: string;
  readonly figure: Spread;
  readonly ours: boolean;
}

/** Programs or settings side by side. */
export interface BenchBars {
  readonly title: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly bars: readonly BenchBar[];
  /** What could not be measured, and why. */
  readonly absent: readonly string[];
}

/** Figures over time; `stacked` ones are shares of one whole. */
export interface BenchTimeline {
  readonly title: string;
  readonly unit: string;
  readonly stacked: boolean;
  /** Points are seconds since the start and a figure. */
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

/** All a bench's page shows. */
export interface BenchPage {
  readonly title: string;
  /** When, on what, with what: versions, cores, rows, seed. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly aims: readonly BenchAim[];
  readonly bars: readonly BenchBars[];
  readonly timelines: readonly BenchTimeline[];
  readonly budget: Budget | null;
  /** Caveats. */
  readonly notes: readonly string[];
}
