import type { BenchTimeline } from "../../contracts/bench.ts";
import { thinned, together } from "./thin.ts";

/** A series as it is drawn: a line along `to`, or an area between `from` and `to`. */
export interface Layer {
  readonly name: string;
  readonly points: readonly { readonly seconds: number; readonly from: number; readonly to: number }[];
}

type Series = BenchTimeline["series"];

export function linesOf(series: Series): Layer[] {
  return series.map(({ name, points }) => ({
    name,
    points: thinned(points).map(([seconds, figure]) => ({ seconds, from: 0, to: figure })),
  }));
}

/** Each series upon the ones before it, at moments they all share. */
export function layersOf(series: Series): Layer[] {
  const { seconds, figures } = together(series.map(({ points }) => points));
  const height = seconds.map(() => 0);
  return series.map(({ name }, s) => ({
    name,
    points: seconds.map((moment, i) => {
      const from = height[i] as number;
      height[i] = from + (figures[s]?.[i] ?? 0);
      return { seconds: moment, from, to: height[i] };
    }),
  }));
}
