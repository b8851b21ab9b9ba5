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

/** A speed, as a bench's visits found it. */
export interface Speed {
  readonly rowsPerSecond: Spread;
  /** Bytes of row data, as the protocol carries it and before any compression. */
  readonly bytesPerSecond: Spread;
}

/** What reading came to at one number of connections. */
export interface SourceStep extends Speed {
  readonly connections: number;
  /** In all rounds. */
  readonly rows: number;
  /** Of the reading threads' time, 0 to 1: they ran code. Near 1 this machine is what is measured. */
  readonly threadsBusy: number;
}

/** The last line of `bench source --json`. */
export interface SourceBench {
  readonly type: "bench";
  readonly command: "bench source";
  readonly server: string;
  readonly tables: readonly string[];
  /** Of each step, all rounds together. */
  readonly secondsPerStep: number;
  readonly rounds: number;
  readonly cores: number;
  readonly steps: readonly SourceStep[];
  /** The fewest connections that give about as much as any; null: nothing was read. */
  readonly best: number | null;
  /** How often all tables were read to their end; what is read again comes from the server's memory. */
  readonly timesRead: number;
  readonly sentence: string;
}

/** What one table's chain costs a worker. Times are CPU of the process, which does nothing else. */
export interface ChainCost {
  readonly table: string;
  readonly steps: number;
  /** Rows and bytes of one pass, and how many passes were measured. */
  readonly rows: number;
  readonly bytes: number;
  readonly passes: number;
  /** The chain alone. */
  readonly chainMicrosecondsPerRow: Spread;
  /** A worker's path without source and target: chain, checksums, compression, chunk file. */
  readonly rowsPerSecond: Spread;
  readonly bytesPerSecond: Spread;
  /** That path against the same one without a chain, pass by pass. */
  readonly ratio: Spread;
}

/** The last line of `bench transform --json`. */
export interface TransformBench {
  readonly type: "bench";
  readonly command: "bench transform";
  /** Where the rows are from. */
  readonly rowsFrom: string;
  readonly secondsPerTable: number;
  readonly chains: readonly ChainCost[];
  readonly skipped: readonly Skipped[];
  readonly sentence: string;
}

/** Something that was not measured. */
export interface Skipped {
  readonly what: string;
  readonly why: string;
}

/** One way of loading. */
export interface TargetCombination {
  readonly strategy: "values" | "json-table";
  /** `targeted`: each statement goes to one shard's primary; `routed`: vtgate places the rows. */
  readonly routing: "targeted" | "routed";
  readonly rowsPerStatement: number;
  /** To each shard; routed statements have as many in all. */
  readonly sessions: number;
}

export interface TargetResult extends TargetCombination {
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly rows: number;
  readonly seconds: number;
  readonly statements: number;
  /** Statements that were sent again. */
  readonly retries: number;
  /** Of the sending threads' time, 0 to 1: they ran code. Near 1 this machine is what is measured. */
  readonly threadsBusy: number;
}

/** The last line of `bench target --json`. */
export interface TargetBench {
  readonly type: "bench";
  readonly command: "bench target";
  /** "Vitess 24.0.0, keyspace main, 2 shards" */
  readonly target: string;
  /** Where the rows are from. */
  readonly rowsFrom: string;
  /** The table that was made and dropped again. */
  readonly scratchTable: string;
  readonly secondsPerCombination: number;
  readonly results: readonly TargetResult[];
  readonly best: TargetResult | null;
  /** Sections of a config that keep a load to the best targeted one. */
  readonly config: {
    readonly load: {
      readonly strategy: string;
      readonly sessions: number;
      readonly statementRows: { readonly min: number; readonly max: number };
    };
  } | null;
  readonly skipped: readonly Skipped[];
  readonly sentence: string;
}

/** The last line of `bench run --json`. */
export interface RunBench {
  readonly type: "bench";
  readonly command: "bench run";
  readonly rows: number;
  readonly bytes: number;
  /** Of copying; verifying comes after it. */
  readonly seconds: number;
  readonly workers: number;
  readonly cores: number;
  /** null: no row was left to move. */
  readonly budget: Budget | null;
  readonly timelines: readonly BenchTimeline[];
  /** What could not be measured, and what to know of the figures. */
  readonly notes: readonly string[];
}

/** What a bench command ends with. */
export type BenchLine = SourceBench | TransformBench | TargetBench | RunBench;

/** Shapes of generated tables that can be asked for; `src/bench/shapes` has them. */
export const benchShapes = ["customer", "narrow", "wide", "text", "blob", "json"] as const;
