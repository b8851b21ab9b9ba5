import { expect, test } from "vitest";
import { cheapestOf, connectionSteps, visitsOf } from "../../../../src/run/bench/visits.ts";

test.each([
  [1, [1]],
  [2, [1, 2]],
  [4, [1, 2, 4]],
  [6, [1, 2, 4, 6]],
  [64, [1, 2, 4, 8, 16, 32, 64]],
])("up to %i connections doubles, and ends with the most", (most, steps) => {
  expect(connectionSteps(most)).toEqual(steps);
});

test("every step is visited once a round, every second round backwards", () => {
  expect(visitsOf([1, 2, 4], 3)).toEqual([1, 2, 4, 4, 2, 1, 1, 2, 4]);
  expect(visitsOf([1, 2], 1)).toEqual([1, 2]);
});

test("the first that is about as fast as the fastest is taken", () => {
  const take = (...speeds: number[]) => cheapestOf(speeds, (speed) => speed);
  expect(take(50, 96, 100)).toBe(96);
  expect(take(50, 94, 100)).toBe(100);
  expect(take(100, 99, 90)).toBe(100);
  expect(take(0, 0)).toBeNull();
  expect(take()).toBeNull();
});
