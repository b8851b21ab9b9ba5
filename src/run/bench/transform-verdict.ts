import { spreadOf } from "../../bench/statistics.ts";
import type { ChainCost, Spread } from "../../contracts/bench.ts";
import { formatCount } from "../../contracts/format-count.ts";
import type { ChainFigures } from "./chain-task.ts";

/** Figures of passes as costs. Pure. */
export function costOf(table: string, steps: number, { rows, bytes, identity, whole, chain }: ChainFigures): ChainCost {
  const spread = (figures: readonly number[]): Spread => spreadOf(figures) ?? { median: 0, min: 0, max: 0 };
  return {
    table,
    steps,
    rows,
    bytes,
    passes: whole.length,
    chainMicrosecondsPerRow: spread(chain.map((seconds) => (seconds / rows) * 1e6)),
    rowsPerSecond: spread(whole.map((seconds) => rows / seconds)),
    bytesPerSecond: spread(whole.map((seconds) => bytes / seconds)),
    ratio: spread(whole.map((seconds, pass) => seconds / (identity[pass] as number))),
  };
}

/** Which chain costs most. */
export function transformSentence(chains: readonly ChainCost[]): string {
  const [first] = chains.toSorted((a, b) => b.chainMicrosecondsPerRow.median - a.chainMicrosecondsPerRow.median);
  if (first === undefined) return "No chain was measured.";
  const { table, chainMicrosecondsPerRow: cost, ratio, rowsPerSecond } = first;
  const rate = formatCount(rowsPerSecond.median);
  return `The chain of ${table} costs most: ${cost.median.toFixed(2)} µs a row, ${ratio.median.toFixed(2)} times the work of a worker without it; one worker packs ${rate} of its rows a second.`;
}
