import { spreadOf } from "../src/bench/statistics.ts";
import type { BenchAim, Spread } from "../src/contracts/bench.ts";
import type { Results, Sample } from "./samples.ts";

/** Two figures of the same round, one divided by the other; over all rounds. */
export interface Ratio extends Spread {
  readonly better: "lower" | "higher";
}

/** What a section's samples say. Pure, so that it can be tried on samples that were made up. */
export interface Judgement {
  readonly aims: readonly BenchAim[];
  /** By key; null: one of its sides was not measured. Ratios mean the same on any machine, so a baseline keeps them. */
  readonly ratios: Readonly<Record<string, Ratio | null>>;
  /** Figures that depend on the machine. */
  readonly figures: Readonly<Record<string, number | null>>;
}

export const walls = (samples: readonly Sample[], name: string): number[] => figuresOf(samples, name, wallOf);

export const wallOf = (sample: Sample): number => sample.wallSeconds;

/** A figure of every sample of that name, in the order of rounds. */
export function figuresOf(
  samples: readonly Sample[],
  name: string,
  figure: (sample: Sample) => number | null | undefined,
): number[] {
  return samples.filter((sample) => sample.name === name).flatMap((sample) => figure(sample) ?? []);
}

/** Medians divided; the spread is that of the rounds' own ratios. null when a side is empty. */
export function ratioOf(a: readonly number[], b: readonly number[], better: Ratio["better"]): Ratio | null {
  const [above, below] = [spreadOf(a), spreadOf(b)];
  if (above === null || below === null || below.median === 0) return null;
  const median = above.median / below.median;
  const rounds = a.length === b.length ? a.map((figure, round) => figure / (b[round] as number)) : [];
  return {
    better,
    median: rounded(median),
    min: rounded(Math.min(median, ...rounds)),
    max: rounded(Math.max(median, ...rounds)),
  };
}

export const wallRatio = (samples: readonly Sample[], a: string, b: string, better: Ratio["better"]): Ratio | null =>
  ratioOf(walls(samples, a), walls(samples, b), better);

const rounded = (figure: number): number => Number(figure.toFixed(3));

/** Why a program is missing from the results; null when it is there, or nobody asked for it. */
export function whyAbsent({ absent }: Results, ...names: readonly string[]): string | null {
  const found = absent.find(({ name }) => names.some((wanted) => name.startsWith(wanted)));
  if (found === undefined) return null;
  // The whole of it stands in the section's own table.
  const why = found.why.length > LONGEST_REASON ? `${found.why.slice(0, LONGEST_REASON)}…` : found.why;
  return `${found.name}: ${why}`;
}

const LONGEST_REASON = 80;

/** `1.24 (1.20–1.31)`. */
export function spreadText({ median, min, max }: Spread, digits = 2): string {
  const middle = median.toFixed(digits);
  return min === max ? middle : `${middle} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

/** What is asked of one figure. */
export interface Limit {
  readonly aim: number;
  readonly what: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** Behind figures: " s", " MiB", " %". */
  readonly unit?: string;
  readonly digits?: number;
}

/** Holds a figure against its limit. `notes` say under which other conditions than the aim's it was measured. */
export function judged(
  limit: Limit,
  figure: Spread | null,
  notes: readonly (string | null)[] = [],
  absent: string | null = null,
): BenchAim {
  const { aim, what, atMost, atLeast, unit = "", digits = 2 } = limit;
  const wanted = [
    ...(atLeast === undefined ? [] : [`≥ ${atLeast}${unit}`]),
    ...(atMost === undefined ? [] : [`≤ ${atMost}${unit}`]),
  ].join(", ");
  if (figure === null) return { aim, what, wanted, found: absent ?? "-", state: "not measured" };
  const met = figure.median <= (atMost ?? Infinity) && figure.median >= (atLeast ?? -Infinity);
  const found = [`${spreadText(figure, digits)}${unit}`, ...notes.filter((note) => note !== null)].join("; ");
  return { aim, what, wanted, found, state: met ? "met" : "missed" };
}

/** Says so when fewer than the aim's own rows were measured. */
export function fewer(count: number, asked: number, what = "rows"): string | null {
  return count >= asked
    ? null
    : `with ${count.toLocaleString("en")} ${what}, the aim has ${asked.toLocaleString("en")}`;
}
