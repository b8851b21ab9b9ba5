import { expect, test } from "vitest";
import type { Progress, RunEvent } from "../../../../src/contracts/events.ts";
import { stages } from "../../../../src/contracts/stages.ts";
import { sampleProgress, timelinesOf } from "../../../../src/run/bench/run-samples.ts";

const none = Object.fromEntries(stages.map((stage) => [stage, 0])) as Progress["stages"];
const progress = (rows: number, more: Partial<Progress> = {}): Progress => ({
  ...{ phase: "copying", tables: [], rowsDumped: rows, rowsLoaded: rows / 2, bytesDumped: rows * 100 },
  ...{ bytesLoaded: rows * 50, rowsPerSecond: 0, bytesPerSecond: 0, etaSeconds: null, stages: none },
  ...{ threadsBusySeconds: 0, threadsSeconds: 0, rssBytes: 0, limitedBy: null, throttled: null },
  ...more,
});

function sampled(looks: readonly Progress[], everyMs = 250) {
  const passed: RunEvent[] = [];
  let now = 1000;
  const { emit, samples } = sampleProgress(
    (event) => void passed.push(event),
    () => now,
  );
  for (const look of looks) {
    emit({ type: "progress", progress: look });
    now += everyMs;
  }
  return { samples: samples(), passed };
}

test("events go on as they came, and looks count from the first", () => {
  const { samples, passed } = sampled([progress(0), progress(10), progress(30)]);
  expect(passed).toHaveLength(3);
  expect(samples.map(({ seconds }) => seconds)).toEqual([0, 0.25, 0.5]);
});

test("of a long run no more than 2000 looks are kept, the first and the last among them", () => {
  const { samples } = sampled(Array.from({ length: 9_001 }, (_, i) => progress(i)));
  expect(samples.length).toBeLessThanOrEqual(2001);
  expect(samples.length).toBeGreaterThan(900);
  expect(samples[0]?.progress.rowsDumped).toBe(0);
  expect(samples.at(-1)?.progress.rowsDumped).toBe(9_000);
  const gaps = new Set(samples.slice(1, -1).map(({ seconds }, i) => seconds - (samples[i]?.seconds ?? 0)));
  expect(gaps.size).toBe(1);
});

test("timelines are what happened from look to look", () => {
  const half = { ...none, target: 0.25, pack: 0.125 };
  const { samples } = sampled([
    progress(0),
    progress(100, { stages: half, threadsBusySeconds: 0.2, threadsSeconds: 0.5, rssBytes: 3e8 }),
  ]);
  const lines = new Map(
    timelinesOf(samples, 2).flatMap(({ series }) => series.map(({ name, points }) => [name, points])),
  );
  expect(lines.get("the target")).toEqual([[0.25, 50]]);
  expect(lines.get("checksums and compression (CPU)")).toEqual([[0.25, 25]]);
  expect(lines.get("busy")).toEqual([[0.25, 40]]);
  expect(lines.get("resident")).toEqual([[0.25, 300]]);
  const [rows] = timelinesOf(samples, 2);
  expect(rows?.series).toEqual([
    { name: "read", points: [[0.25, 400]] },
    { name: "loaded", points: [[0.25, 200]] },
  ]);
});

test("a longer run is told by longer steps", () => {
  const { samples } = sampled(Array.from({ length: 401 }, (_, i) => progress(i * 10)));
  const points = timelinesOf(samples, 1)[0]?.series[0]?.points ?? [];
  expect(points).toEqual(Array.from({ length: 22 }, (_, i) => [(i + 1) * 4.5, 40]));
});

test("one look is no timeline, and looks right after another are none", () => {
  expect(timelinesOf(sampled([progress(0)]).samples, 1)).toEqual([]);
  expect(timelinesOf(sampled([progress(0), progress(5)], 1).samples, 1)).toEqual([]);
});
