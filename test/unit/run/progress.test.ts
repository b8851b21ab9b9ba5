import { expect, test } from "vitest";
import { counterTotals, counterWriter, newCounters } from "../../../src/run/counters.ts";
import { progressOf, reportEveryMs, type Sample } from "../../../src/run/progress.ts";
import { newTally } from "../../../src/run/tally.ts";

function sampleOf(at: number, counts: Parameters<ReturnType<typeof counterWriter>>[]): Sample {
  const memory = newCounters();
  const count = counterWriter(memory);
  for (const [counter, amount] of counts) count(counter, amount);
  return { at, totals: counterTotals([memory]) };
}

test("counters of several workers add up", () => {
  const memories = [newCounters(), newCounters()];
  for (const memory of memories) counterWriter(memory)("rowsRead", 3);
  expect(counterTotals(memories).rowsRead).toBe(6);
});

test("speed is of the window, time left follows from it, and the busiest stage is named", () => {
  const tally = newTally([{ source: "t", rowsEstimate: 1000 }]);
  const window = [
    sampleOf(1000, [["rowsRead", 100]]),
    sampleOf(3000, [
      ["rowsRead", 500],
      ["source", 3],
      ["pack", 1],
    ]),
  ];
  const progress = progressOf({ tally, loads: false, rowsBefore: 0 }, window);
  expect(progress.rowsPerSecond).toBe(200);
  expect(progress.etaSeconds).toBe(2.5);
  expect(progress.limitedBy).toBe("the source");
});

test("a job that loads is measured by what is loaded", () => {
  const tally = newTally([{ source: "t", rowsEstimate: 1000 }]);
  const window = [
    sampleOf(0, []),
    sampleOf(1000, [
      ["rowsRead", 1000],
      ["rowsLoaded", 100],
      ["source", 1],
      ["target", 5],
    ]),
  ];
  const progress = progressOf({ tally, loads: true, rowsBefore: 100 }, window);
  expect([progress.rowsPerSecond, progress.etaSeconds, progress.limitedBy]).toEqual([100, 8, "the target"]);
});

test("before anything has moved there is no time left to tell", () => {
  const tally = newTally([{ source: "t", rowsEstimate: 1000 }]);
  expect(progressOf({ tally, loads: true, rowsBefore: 0 }, [sampleOf(0, [])]).etaSeconds).toBeNull();
});

test("reports come less often the more tables each of them names, and not less often than people can bear", () => {
  expect([1, 500, 2000, 100_000].map(reportEveryMs)).toEqual([250, 250, 1000, 2500]);
});
