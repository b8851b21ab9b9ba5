import { spreadOf } from "../../src/bench/statistics.ts";
import { aligned } from "../../src/contracts/aligned.ts";
import { fiveSteps, identityName } from "./chains.ts";
import type { ChainFigures } from "./thread.ts";

/** One chain with the figures of all its rounds. */
export interface MeasuredChain {
  readonly name: string;
  readonly rows: number;
  readonly rounds: readonly ChainFigures[];
}

/** What a chain costs, each as the median of all pairs. Times are CPU of one worker. */
export interface ChainCost {
  readonly name: string;
  readonly rowsPerSecond: number;
  /** Of the incoming rows, 10^6 bytes. */
  readonly megabytesPerSecond: number;
  /** The whole path against identity's, pair by pair. */
  readonly ratio: number;
  readonly ratioMin: number;
  readonly ratioMax: number;
  /** The chain alone. */
  readonly chainMicroseconds: number;
  /** Its bare digests; null without any. */
  readonly digestMicroseconds: number | null;
}

/** The last line of `--json`. */
export interface TransformsLine {
  readonly type: "bench-transforms";
  readonly rows: number;
  readonly rounds: number;
  readonly chains: readonly ChainCost[];
  /** The aim: at most 1.35. null when that chain was not measured. */
  readonly fiveStepsRatio: number | null;
}

export function costOf({ name, rows, rounds }: MeasuredChain): ChainCost {
  const all = (of: (figures: ChainFigures) => readonly number[]): number[] => rounds.flatMap((round) => of(round));
  const median = (figures: readonly number[]): number => spreadOf(figures)?.median ?? Number.NaN;
  const ratio = spreadOf(all(({ identity, whole }) => whole.map((one, i) => one / (identity[i] as number))));
  const whole = median(all((figures) => figures.whole));
  const digests = all((figures) => figures.digests ?? []);
  const perRow = (seconds: number): number => (seconds / rows) * 1e6;
  return {
    name,
    rowsPerSecond: rows / whole,
    megabytesPerSecond: (rounds[0]?.bytesIn ?? 0) / 1e6 / whole,
    ratio: ratio?.median ?? Number.NaN,
    ratioMin: ratio?.min ?? Number.NaN,
    ratioMax: ratio?.max ?? Number.NaN,
    chainMicroseconds: perRow(median(all((figures) => figures.chain))),
    digestMicroseconds: digests.length === 0 ? null : perRow(median(digests)),
  };
}

export function lineOf(measured: readonly MeasuredChain[], rows: number, rounds: number): TransformsLine {
  const chains = measured.map(costOf);
  const five = chains.find(({ name }) => name === fiveSteps);
  return { type: "bench-transforms", rows, rounds, chains, fiveStepsRatio: five?.ratio ?? null };
}

/** The table for people. */
export function chainsTable(costs: readonly ChainCost[]): string {
  const head = [
    "chain",
    "k rows/s",
    "MB/s",
    "whole path : identity",
    "chain µs/row",
    "digests µs/row",
    "chain : digests",
  ];
  const rows = costs.map((cost) => {
    const { chainMicroseconds: chain, digestMicroseconds: digests } = cost;
    return [
      cost.name,
      (cost.rowsPerSecond / 1000).toFixed(0),
      cost.megabytesPerSecond.toFixed(0),
      cost.name === identityName
        ? "1"
        : `${cost.ratio.toFixed(2)} (${cost.ratioMin.toFixed(2)}–${cost.ratioMax.toFixed(2)})`,
      chain.toFixed(2),
      digests?.toFixed(2) ?? "",
      digests === null ? "" : (chain / digests).toFixed(2),
    ];
  });
  return aligned([head, ...rows]).join("\n");
}
