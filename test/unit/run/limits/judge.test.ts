import { expect, test } from "vitest";
import { newThrottleJudge, type Verdict } from "../../../../src/run/limits/judge.ts";

const threads = (over: boolean | null): Verdict => ({
  ...{ reason: "threads-running", way: "reading", limit: 25, text: "threads" },
  ...{ over, observed: over === null ? null : over ? 40 : 3 },
});
const lag = (over: boolean | null): Verdict => ({
  ...{ reason: "target-lag", way: "loading", limit: 10, text: "lag" },
  ...{ over, observed: over === null ? null : over ? 60 : 1 },
});

/** What each look changes: `+` pauses for the reason, `-` no longer does. */
function changes(looks: readonly (readonly Verdict[])[]): string[][] {
  const judge = newThrottleJudge();
  return looks.map((look) => judge.judge(look).map(({ verdict, paused }) => `${paused ? "+" : "-"}${verdict.reason}`));
}

test("pauses at the first look above the limit, goes on after three in a row within it", () => {
  const looks = [false, true, false, false, true, false, false, false, false].map((over) => [threads(over)]);
  expect(changes(looks)).toEqual([[], ["+threads-running"], [], [], [], [], [], ["-threads-running"], []]);
});

test("reasons are judged each by itself", () => {
  const looks = [
    [threads(true), lag(false)],
    [threads(false), lag(true)],
    [threads(false), lag(true)],
    [threads(false), lag(true)],
  ];
  expect(changes(looks)).toEqual([["+threads-running"], ["+target-lag"], [], ["-threads-running"]]);
});

test("what cannot be seen pauses nobody, and holds nobody for longer than ten looks", () => {
  const blind = (count: number): Verdict[][] => Array.from({ length: count }, () => [threads(null)]);
  expect(changes(blind(20)).flat()).toEqual([]);
  expect(changes([[threads(true)], ...blind(9), [threads(true)], ...blind(9)]).flat()).toEqual(["+threads-running"]);
  expect(changes([[threads(true)], ...blind(10)]).flat()).toEqual(["+threads-running", "-threads-running"]);
});

test("a look that sees nothing interrupts the calm", () => {
  const looks = [true, false, false, null, false, false, false].map((over) => [threads(over)]);
  expect(changes(looks)).toEqual([["+threads-running"], [], [], [], [], [], ["-threads-running"]]);
});

test("a limit that is lifted lets go at once", () => {
  const judge = newThrottleJudge();
  judge.judge([threads(true), lag(true)]);
  expect(judge.judge([lag(true)])).toMatchObject([{ verdict: { reason: "threads-running" }, paused: false }]);
  expect(judge.holding()).toMatchObject([{ reason: "target-lag" }]);
});
