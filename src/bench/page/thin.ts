export type Point = readonly [seconds: number, figure: number];

/** Most points drawn of one series: about one per pixel of a chart. */
export const MOST_POINTS = 600;

const finite = (points: readonly Point[]): Point[] =>
  points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));

/** At most `most` points of a series in order of time: of each stretch its lowest and its highest, so that no peak is lost. */
export function thinned(series: readonly Point[], most: number = MOST_POINTS): Point[] {
  const points = finite(series).sort((a, b) => a[0] - b[0]);
  if (points.length <= most) return points;
  return stretches(points.length, most >> 1).flatMap(([from, to]) => {
    let low = from;
    let high = from;
    for (let i = from; i < to; i++) {
      if (figureAt(points, i) < figureAt(points, low)) low = i;
      if (figureAt(points, i) > figureAt(points, high)) high = i;
    }
    const kept = low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
    return kept.map((i) => points[i] as Point);
  });
}

/** Several series brought to the same moments, those of the longest one; of a stretch that is thinned the means. */
export function together(
  series: readonly (readonly Point[])[],
  most: number = MOST_POINTS,
): { readonly seconds: number[]; readonly figures: number[][] } {
  const clean = series.map((points) => finite(points).sort((a, b) => a[0] - b[0]));
  const longest = clean.reduce<Point[]>((best, points) => (points.length > best.length ? points : best), []);
  const cut = stretches(longest.length, Math.min(most, longest.length));
  const means = (values: readonly number[]): number[] =>
    cut.map(([from, to]) => values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from));
  const seconds = longest.map(([x]) => x);
  return { seconds: means(seconds), figures: clean.map((points) => means(figuresAt(points, seconds))) };
}

/** A series' figures at ascending moments, on straight lines between its points; 0 where it has none yet or no more. */
function figuresAt(points: readonly Point[], seconds: readonly number[]): number[] {
  let next = 0;
  return seconds.map((x) => {
    while (next < points.length && (points[next] as Point)[0] < x) next++;
    const after = points[next];
    const before = points[next - 1];
    if (after?.[0] === x) return after[1];
    if (after === undefined || before === undefined) return 0;
    return before[1] + ((after[1] - before[1]) * (x - before[0])) / (after[0] - before[0]);
  });
}

const figureAt = (points: readonly Point[], i: number): number => (points[i] as Point)[1];

/** `count` half-open stretches that tile 0 to `length`. */
function stretches(length: number, count: number): [from: number, to: number][] {
  return Array.from({ length: count }, (_, i) => [
    Math.floor((i * length) / count),
    Math.floor(((i + 1) * length) / count),
  ]);
}
