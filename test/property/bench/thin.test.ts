import fc from "fast-check";
import { expect, test } from "vitest";
import { type Point, thinned, together } from "../../../src/bench/page/thin.ts";
import { valueTicks } from "../../../src/bench/page/ticks.ts";

const figure = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const series = fc.array(fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), figure), { maxLength: 200 });
const most = fc.integer({ min: 2, max: 50 });

test("a thinned series is short, in order, of the series' own points, and has its extremes", () => {
  fc.assert(
    fc.property(series, most, (points, limit) => {
      const thin = thinned(points, limit);
      expect(thin.length).toBeLessThanOrEqual(limit);
      expect(thin.every((point) => points.includes(point as [number, number]))).toBe(true);
      const xs = thin.map(([x]) => x);
      expect(xs).toEqual(xs.toSorted((a, b) => a - b));
      const extremes = (some: readonly Point[]): number[] => {
        const ys = some.map(([, y]) => y);
        return points.length === 0 ? [] : [Math.min(...ys), Math.max(...ys)];
      };
      expect(extremes(thin)).toEqual(extremes(points));
    }),
  );
});

test("series together have the same moments, each with a figure within its own series' range", () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 4 }), most, (all, limit) => {
      const { seconds, figures } = together(all, limit);
      expect(seconds.length).toBeLessThanOrEqual(limit);
      expect(figures.map((own) => own.length)).toEqual(all.map(() => seconds.length));
      all.forEach((own, s) => {
        const ys = [0, ...own.map(([, y]) => y)];
        const slack = 1e-6 * Math.max(...ys.map(Math.abs), 1);
        for (const y of figures[s] ?? []) {
          expect(y).toBeGreaterThanOrEqual(Math.min(...ys) - slack);
          expect(y).toBeLessThanOrEqual(Math.max(...ys) + slack);
        }
      });
    }),
  );
});

test("an axis encloses its figures with a few marks, whatever their size", () => {
  const scale = fc.tuple(fc.double({ min: 0.1, max: 10, noNaN: true }), fc.integer({ min: -9, max: 12 }));
  fc.assert(
    fc.property(scale, scale, fc.boolean(), ([a, i], [b, j], below) => {
      const low = below ? -a * 10 ** i : 0;
      const high = b * 10 ** j;
      const ticks = valueTicks(low, high);
      const unseen = (high - low) * 1e-8;
      expect(ticks.low).toBeLessThanOrEqual(low + unseen);
      expect(ticks.high).toBeGreaterThanOrEqual(high - unseen);
      expect(ticks.at.length).toBeGreaterThan(1);
      expect(ticks.at.length).toBeLessThanOrEqual(7);
      expect(new Set(ticks.at).size).toBe(ticks.at.length);
    }),
  );
});
