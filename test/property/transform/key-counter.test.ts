import fc from "fast-check";
import { expect, test } from "vitest";
import { type KeyCounter, keyCounter } from "../../../src/transform/preview/key-counter.ts";

const hash = fc.record({ high: fc.integer({ min: 0, max: 3 }), low: fc.integer({ min: 0, max: 0xffff_ffff }) });
/** Few different ones, so that many are equal. */
const rows = fc
  .array(hash, { minLength: 1, maxLength: 200 })
  .chain((pool) => fc.array(fc.constantFrom(...pool), { maxLength: 600 }));

/** Gives the number of passes. */
function countAll(counter: KeyCounter, keys: readonly { high: number; low: number }[]): number {
  let passes = 0;
  do {
    for (const { high, low } of keys) counter.add(high, low);
    passes += 1;
  } while (counter.nextPass());
  return passes;
}

test("keys and their repetitions are counted exactly, in however many passes, within the places there are", () => {
  fc.assert(
    fc.property(rows, fc.constantFrom(16, 64, 4096), (keys, places) => {
      const counter = keyCounter(places);
      const passes = countAll(counter, keys);
      const different = new Set(keys.map(({ high, low }) => `${high} ${low}`)).size;
      expect(counter.totals()).toEqual({ keys: keys.length, duplicates: keys.length - different });
      if (different < places / 2) expect(passes).toBe(1);
    }),
  );
});

test("what does not fit is left to further passes", () => {
  const keys = Array.from({ length: 2000 }, (_, i) => ({ high: i % 7, low: Math.imul(i % 1000, 0x9e3779b1) >>> 0 }));
  const counter = keyCounter(64);
  expect(countAll(counter, [...keys, ...keys])).toBeGreaterThan(20);
  expect(counter.totals()).toEqual({ keys: 4000, duplicates: 2000 });
});

test("tells a key that was there already", () => {
  const counter = keyCounter();
  expect([counter.add(1, 2), counter.add(2, 1), counter.add(1, 2)]).toEqual([false, false, true]);
});
