import { expect, test } from "vitest";
import { judged, ratioOf } from "../../../bench/judge.ts";
import { aimsText, groupText, peakOfVtpipe, verdictText } from "../../../bench/report.ts";
import { measureRounds, type Peer } from "../../../bench/samples.ts";
import { dumpSection } from "../../../bench/sections/dump.ts";
import type { GroupTable } from "../../../bench/sections/section.ts";
import { spreadOf } from "../../../src/bench/statistics.ts";
import type { BenchAim } from "../../../src/contracts/bench.ts";
import { nothing, samplesOf } from "./made-up.ts";

test("spread: the middle one, or the mean of the two in the middle", () => {
  expect(spreadOf([3, 1, 9])).toEqual({ median: 3, min: 1, max: 9 });
  expect(spreadOf([4, 1, 2, 9])?.median).toBe(3);
  expect(spreadOf([])).toBeNull();
});

test("a ratio is of medians, its spread that of the rounds; null where a side is absent", () => {
  expect(ratioOf([3, 3, 9], [2, 3, 3], "lower")).toEqual({ better: "lower", median: 1, min: 1, max: 3 });
  // A round that failed on one side only leaves no pairs.
  expect(ratioOf([3, 5], [2], "higher")).toEqual({ better: "higher", median: 2, min: 2, max: 2 });
  expect(ratioOf([], [1], "lower")).toBeNull();
  expect(ratioOf([1], [0], "lower")).toBeNull();
});

test("an aim is met at its limit, missed beyond it, and not measured without a figure", () => {
  const limit = { aim: 1, what: "it", atMost: 1.15 };
  const figure = (median: number) => ({ median, min: median, max: median });
  expect(judged(limit, figure(1.15)).state).toBe("met");
  expect(judged(limit, figure(1.16), [null, "on a Monday"])).toEqual({
    ...{ aim: 1, what: "it", wanted: "≤ 1.15", found: "1.16; on a Monday", state: "missed" },
  });
  expect(judged({ aim: 1, what: "it", atLeast: 2 }, figure(1.9)).state).toBe("missed");
  expect(judged(limit, null, ["on a Monday"], "mydumper: not there")).toMatchObject({
    ...{ found: "mydumper: not there", state: "not measured" },
  });
});

test("the peak is vtpipe's, not that of other programs, and not that of huge rows", () => {
  const peaks = (name: string, peakRssMiB: number) => samplesOf("memory", name, [1], { peakRssMiB });
  const samples = [
    ...peaks("mydumper, gzip", 999),
    ...peaks("vtpipe dump, 1 row", 310.4),
    ...peaks("vtpipe dump, rows of 64 MiB in between", 2000),
  ];
  expect(peakOfVtpipe({ samples, absent: [] })).toBe(310);
  expect(peakOfVtpipe({ samples: peaks("mydumper, gzip", 1), absent: [] })).toBeNull();
});

test("the table has medians with their spread, ratios, and what was not measured and why", () => {
  const results = {
    samples: [
      ...samplesOf("dump", "vtpipe dump, zstd, 4 workers", [3, 3, 9], { peakRssMiB: 305 }),
      ...samplesOf("dump", "mydumper, uncompressed, 4 threads", [4]),
    ],
    absent: [{ group: "dump", name: "mydumper, gzip, 4 threads", why: "not there" } as const],
  };
  const [table] = dumpSection.tables as [GroupTable];
  const text = groupText(results, table);
  expect(text).toMatch(/^vtpipe dump, zstd, 4 workers +3\.00 \(3\.00–9\.00\) +0\.3 +1\.50 +305 +- +0\.75$/m);
  expect(text).toContain("not measured: mydumper, gzip, 4 threads: not there");
  expect(groupText(nothing, table)).toBe("");
  expect(groupText(results, { ...table, of: "", unit: "tables" })).toMatch(/^Dump +wall s +tables\/s .*MB out$/m);
});

test("aims have a line each; one of the seven is met when all its lines are", () => {
  const aim = (number: number, state: BenchAim["state"]): BenchAim => {
    return { aim: number, what: `what ${number}`, wanted: "≤ 1", found: "0.5", state };
  };
  const aims = [aim(1, "met"), aim(1, "missed"), aim(2, "met"), aim(3, "met"), aim(3, "not measured")];
  expect(aimsText(aims).split("\n")[2]).toBe("1    what 1  ≤ 1     missed        0.5");
  expect(verdictText(aims)).toBe("aims met: 2; missed in some figure: 1; not measured in full: 3");
});

test("rounds alternate their order, and what fails or is absent is told once", async () => {
  const ran: string[] = [];
  const peer = (name: string, absent: string | null, fails = false): Peer => ({
    group: "dump",
    name,
    absent,
    run: async () => {
      ran.push(name);
      if (fails) throw new Error("it broke");
      return samplesOf("dump", name, [1]);
    },
  });
  const peers = [peer("a", null), peer("b", null, true), peer("c", "not here"), peer("d", null)];
  const measured = await measureRounds(peers, 2, () => {});
  expect(ran).toEqual(["a", "b", "d", "d", "a"]);
  expect(measured.samples.map(({ name }) => name)).toEqual(["a", "d", "d", "a"]);
  expect(measured.absent.map(({ name, why }) => `${name}: ${why}`)).toEqual(["c: not here", "b: it broke"]);
});
