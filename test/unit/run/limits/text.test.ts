import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { eventText } from "../../../../bin/render/event-text.ts";
import { statusLine } from "../../../../bin/render/progress-text.ts";
import type { Progress, RunEvent } from "../../../../src/contracts/events.ts";
import { noLimits } from "../../../../src/contracts/limits.ts";
import { limitsText, rateText } from "../../../../src/contracts/limits-text.ts";
import { stages } from "../../../../src/contracts/stages.ts";

const said = (event: RunEvent): string => stripVTControlCharacters(eventText(event) ?? "");
const threads = { type: "throttle", way: "reading", reason: "threads-running", observed: 43, limit: 25 } as const;

test.each([
  [1024, "1 KiB/s"],
  [50 << 20, "50 MiB/s"],
  [1536, "1.5 KiB/s"],
  [1000, "1000 B/s"],
  [4096 * 2 ** 30, "4096 GiB/s"],
])("%i bytes a second are %s", (rate, text) => expect(rateText(rate)).toBe(text));

test("limits are told by their names in the config", () => {
  expect(limitsText(noLimits, false)).toBe("none");
  expect(limitsText({ ...noLimits, maxRate: 50 << 20, vitessThrottler: true, historyListLength: 7 }, true)).toBe(
    "maxRate 50 MiB/s, vitessThrottler, historyListLength 7, paused on request",
  );
});

test("pauses and their end are lines for people, and so is what they came to", () => {
  const text = "the source has 43 threads running besides ours, limit 25";
  expect(said({ ...threads, state: "paused", text })).toBe(`reading paused: ${text}`);
  expect(said({ ...threads, state: "running", text: "calm" })).toBe("reading goes on: calm");
  expect(said({ type: "limits", limits: { ...noLimits, threadsRunning: 25 }, paused: false })).toBe(
    "limits: threadsRunning 25",
  );
  expect(said({ type: "throttle:total", pausedSeconds: { reading: 62, loading: 0 }, workerSeconds: 248 })).toBe(
    "throttled: paused reading for 1 min 02 s; workers waited for limits for 4 min 08 s, added up",
  );
});

test("the status line says what rows wait for in the place of what limits the run", () => {
  const progress: Progress = {
    ...{ phase: "copying", tables: [], rowsDumped: 0, rowsLoaded: 0, bytesDumped: 0, bytesLoaded: 0 },
    ...{ rowsPerSecond: 0, bytesPerSecond: 0, etaSeconds: null, rssBytes: 0, limitedBy: "the source" },
    ...{ threadsBusySeconds: 0, threadsSeconds: 0, throttled: "rows are held to 1 KiB/s" },
    stages: Object.fromEntries(stages.map((stage) => [stage, 0])) as Progress["stages"],
  };
  expect(statusLine(progress, 0)).toMatch(/ · waiting: rows are held to 1 KiB\/s$/);
  expect(statusLine({ ...progress, throttled: null }, 0)).toMatch(/ · limited by the source$/);
});
