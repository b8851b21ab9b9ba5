import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { copySeconds, listenToCourse, verifySeconds } from "../../../bench/course.ts";
import { chunkStretches, lanePoints, laneShares } from "../../../bench/lanes.ts";

const stretches = [
  { from: 0, to: 4 },
  { from: 0, to: 5 },
  { from: 4.1, to: 8 },
  { from: 5.1, to: 10 },
];

test("the tail is what is left after the last moment with all workers at work, whatever pauses there were before", () => {
  expect(laneShares(stretches, 2)).toEqual({ tail: expect.closeTo(0.2), busy: expect.closeTo(0.89) });
  expect(laneShares(stretches, 1)?.tail).toBe(0);
  // Never so many at once.
  expect(laneShares(stretches, 3)?.tail).toBe(1);
  expect(laneShares([], 2)).toBeNull();
});

test("workers over time", () => {
  expect(lanePoints(stretches.slice(0, 2))).toEqual([
    [0, 1],
    [0, 2],
    [4, 1],
    [5, 0],
  ]);
});

test("a chunk file's stretch is from when it was made to when it was last written; other files do not count", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "table"));
  const file = join(folder, "table", "0001-000001.zst");
  await writeFile(file, "a");
  await sleep(30);
  await writeFile(file, "b", { flag: "a" });
  await writeFile(join(folder, "manifest.json"), "{}");
  const found = await chunkStretches(folder);
  // null: this file system does not tell.
  if (found === null) return;
  expect(found).toHaveLength(1);
  expect((found[0]?.to ?? 0) - (found[0]?.from ?? 0)).toBeGreaterThan(0.02);
});

test("a command's course is told by its lines, each phase by its last table", () => {
  const { course, onLine } = listenToCourse(true);
  const lines: [string, number][] = [
    ['{"type":"note","text":"table:loaded"}', 0.5],
    ['{"type":"snapshot","position":"x"}', 1],
    ['{"type":"table:dumped","table":"a"}', 2],
    ['{"type":"table:dumped","table":"b"}', 3],
    ['{"type":"progress","progress":{"rssBytes":7}}', 3.5],
  ];
  for (const [line, seconds] of lines) onLine(line, seconds);
  expect(copySeconds(course)).toBe(2);
  expect(verifySeconds(course)).toBeNull();
  onLine('{"type":"table:loaded","table":"b"}', 6);
  onLine('{"type":"table:verified","table":"b"}', 7);
  expect(copySeconds(course)).toBe(5);
  expect(verifySeconds(course)).toBe(1);
  expect(course.progress).toEqual([{ at: 3.5, progress: { rssBytes: 7 } }]);
});
