import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { limitOf, readBaseline, regressions, saveBaseline } from "../../../bench/baseline.ts";
import type { Ratio } from "../../../bench/judge.ts";

const ratio = (better: Ratio["better"], median: number, min = median, max = median): Ratio => {
  return { better, median, min, max };
};

test("a ratio may go as far as its rounds went, and a tenth at least", () => {
  expect(limitOf(ratio("lower", 1, 0.8, 1.3))).toBe(1.3);
  expect(limitOf(ratio("lower", 1))).toBe(1.1);
  expect(limitOf(ratio("higher", 2, 1.5, 3))).toBe(1.5);
  expect(limitOf(ratio("higher", 2, 1.95, 3))).toBe(1.8);
});

test("only what is worse beyond that is told; what was not measured on one side is not", () => {
  const baseline = {
    measured: "once",
    ratios: { time: ratio("lower", 1), speed: ratio("higher", 2), gone: ratio("lower", 1), fine: ratio("lower", 1) },
  };
  const now = {
    time: ratio("lower", 1.2),
    speed: ratio("higher", 1.7),
    gone: null,
    fine: ratio("lower", 1.1),
    more: null,
  };
  expect(regressions(baseline, now)).toEqual([
    "time: 1.2 now; 1 in the baseline, of which at most 1.1 is left",
    "speed: 1.7 now; 2 in the baseline, of which at least 1.8 is left",
  ]);
});

test("a baseline keeps what it had where nothing new was measured", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "baseline.json");
  await expect(readBaseline(path)).rejects.toThrow("--save-baseline");
  await saveBaseline(path, "first", { dump: ratio("lower", 1), load: ratio("higher", 2) });
  await saveBaseline(path, "second", { dump: ratio("lower", 0.9), load: null });
  expect(await readBaseline(path)).toEqual({
    measured: "second",
    ratios: { dump: ratio("lower", 0.9), load: ratio("higher", 2) },
  });
});
