import { expect, test } from "vitest";
import type { Judgement } from "../../../bench/judge.ts";
import { together } from "../../../bench/samples.ts";
import { sections } from "../../../bench/sections/all.ts";
import { dumpSection } from "../../../bench/sections/dump.ts";
import { growthSection, growthSizes } from "../../../bench/sections/growth.ts";
import { handoffSection } from "../../../bench/sections/handoff.ts";
import { loadSection } from "../../../bench/sections/load.ts";
import { memorySection } from "../../../bench/sections/memory.ts";
import { runSection } from "../../../bench/sections/run.ts";
import { sectionNames } from "../../../bench/sections/section.ts";
import { shardsSection } from "../../../bench/sections/shards.ts";
import { skewSection } from "../../../bench/sections/skew.ts";
import { tablesSection } from "../../../bench/sections/tables.ts";
import { nothing, onRouter, onVitess, samplesOf, sizes } from "./made-up.ts";

const median = (judgement: Judgement, key: string): number | null => judgement.ratios[key]?.median ?? null;
const states = ({ aims }: Judgement): string[] => aims.map(({ state }) => state);
const found = (judgement: Judgement, at: number): string => judgement.aims[at]?.found ?? "";

test("every section is there once, and together they judge all seven aims", () => {
  expect(sections.map(({ name }) => name).toSorted()).toEqual([...sectionNames].toSorted());
  const aims = sections.flatMap((section) => section.judge(nothing, onVitess).aims);
  expect([...new Set(aims.map(({ aim }) => aim))].toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test("without samples every aim is not measured and every ratio is null, under the names that were agreed upon", () => {
  const all = sections.map((section) => section.judge(nothing, onVitess));
  expect(new Set(all.flatMap(states))).toEqual(new Set(["not measured"]));
  const ratios = Object.assign({}, ...all.map((one) => one.ratios));
  expect(new Set(Object.values(ratios))).toEqual(new Set([null]));
  expect(Object.keys(ratios)).toEqual(
    expect.arrayContaining([
      "dump_wall_vs_read_ceiling",
      "dump_wall_vs_mydumper_zipped",
      "dump_wall_vs_mydumper_plain",
      "load_vs_mysqldump_pipe",
      "load_vs_routed_insert",
      "load_vs_direct",
      "run_vs_movetables",
      "verify_share",
    ]),
  );
});

test("dump: times against its peers, CPU per million rows, and the reason why a peer is missing", () => {
  const results = {
    samples: [
      ...samplesOf("dump", "read only: vtpipe's reader, 4 connections", [5, 4]),
      ...samplesOf("dump", "vtpipe dump, zstd, 4 workers", [5.5, 4.4], { cpuSeconds: 5.4, rows: 2_000_000 }),
      ...samplesOf("dump", "mydumper, uncompressed, 4 threads", [5, 4]),
    ],
    absent: [{ group: "dump", name: "mydumper, gzip, 4 threads", why: "not on PATH" } as const],
  };
  const judgement = dumpSection.judge(results, onVitess);
  expect(states(judgement)).toEqual(["met", "missed", "not measured", "missed"]);
  expect(median(judgement, "dump_wall_vs_read_ceiling")).toBe(1.1);
  expect(judgement.ratios["dump_wall_vs_mydumper_zipped"]).toBeNull();
  expect(judgement.figures["dump_cpu_seconds_per_million"]).toBeCloseTo(2.7);
  expect(found(judgement, 2)).toBe("mydumper, gzip, 4 threads: not on PATH");
  const smaller = dumpSection.judge(results, { ...onVitess, sizes: { ...sizes, rows: 500_000 } });
  expect(found(smaller, 0)).toBe("1.10; with 500,000 rows, the aim has 1,000,000");
});

test("load: speeds, whoever fed the gate; what the stand-in gives meets no aim about vtgate", () => {
  const samples = [
    ...samplesOf("load", "vtpipe load, auto", [10, 10]),
    ...samplesOf("load", "mysqldump piped into the gate, one session (mysql)", [30, 32]),
    ...samplesOf("load", "multi-row INSERT, vtgate routes, 4 sessions", [19, 19]),
    ...samplesOf("load", "multi-row INSERT into the shards' mysqld, 4 sessions", [8, 8]),
  ];
  const judgement = loadSection.judge({ samples, absent: [] }, onVitess);
  expect(states(judgement)).toEqual(["met", "missed", "met"]);
  expect(judgement.ratios["load_vs_mysqldump_pipe"]).toEqual({ better: "higher", median: 3.1, min: 3, max: 3.2 });
  const standIn = loadSection.judge({ samples, absent: [] }, onRouter);
  expect(states(standIn)).toEqual(["not measured", "not measured", "not measured"]);
  expect(found(standIn, 2)).toContain("0.80; but through the stand-in");
});

test("run: speed against MoveTables; verification and files by the copy's own time, in the same group only", () => {
  const [kept, notKept] = [true, false].map(
    (keep) => `vtpipe run, 5 steps, verified, files ${keep ? "kept" : "not kept"}`,
  );
  const samples = [
    ...samplesOf("run", kept ?? "", [40], { figures: [{ copySeconds: 30, verifySeconds: 6 }] }),
    ...samplesOf("run", notKept ?? "", [39], { figures: [{ copySeconds: 30, verifySeconds: 5 }] }),
    ...samplesOf("run", "MoveTables, its defaults", [64]),
    ...samplesOf("handoff", "MoveTables, its defaults", [1000]),
  ];
  const judgement = runSection.judge({ samples, absent: [] }, onVitess);
  expect(states(judgement)).toEqual(["met", "missed", "met"]);
  expect(median(judgement, "run_vs_movetables")).toBe(1.6);
  expect(median(judgement, "verify_share")).toBe(0.2);
  expect(states(runSection.judge({ samples, absent: [] }, onRouter))).toEqual(["not measured", "missed", "met"]);
});

test("handoff: its own MoveTables, not that of run", () => {
  const samples = [
    ...samplesOf("handoff", "vtpipe run, then vtpipe handoff", [4]),
    ...samplesOf("handoff", "MoveTables, its defaults", [8]),
    ...samplesOf("run", "MoveTables, its defaults", [100]),
  ];
  expect(median(handoffSection.judge({ samples, absent: [] }, onVitess), "handoff_vs_move_tables")).toBe(2);
});

test("memory: the worst of all commands against its own limit; large rows apart; a refusal only with an empty target", () => {
  const peak = (name: string, peakRssMiB: number, workers: number, more: Readonly<Record<string, number>> = {}) =>
    samplesOf("memory", name, [1], { peakRssMiB, figures: [{ workers, ...more }] });
  const refused = "vtpipe run, rows of 64 MiB, which the target refuses";
  const samples = [
    ...peak("vtpipe dump, 1,000,000 rows", 300, 4),
    ...peak("vtpipe dump, 20,000,000 rows", 345, 4),
    ...peak("vtpipe dump, rows of 64 MiB in between", 900, 4),
    ...peak(refused, 950, 4, { rowsOnTarget: 0 }),
    ...samplesOf("run", "vtpipe run", [1], { peakRssMiB: 340, figures: [{ workers: 1 }] }),
  ];
  const judgement = memorySection.judge({ samples, absent: [] }, onVitess);
  // 340 of 304 MiB is more of its limit than 345 of 448.
  expect(found(judgement, 0)).toBe("340 of 304 MiB: vtpipe run");
  expect(states(judgement)).toEqual(["missed", "missed", "missed", "met"]);
  expect(found(judgement, 1)).toBe("1.15");
  expect(found(judgement, 2)).toBe("925 (900–950) MiB");
  const loaded = [...samples.filter(({ name }) => name !== refused), ...peak(refused, 950, 4, { rowsOnTarget: 7 })];
  expect(states(memorySection.judge({ samples: loaded, absent: [] }, onVitess))[3]).toBe("missed");
  const taken = { samples: [], absent: [{ group: "memory", name: refused, why: "the target took the rows" } as const] };
  expect(states(memorySection.judge(taken, onVitess))[3]).toBe("missed");
});

test("tables: a second of one run, not of its fastest part; statements of the plan", () => {
  const samples = [
    ...samplesOf("tables", "vtpipe plan", [10], { rows: 5000, figures: [{ catalogReads: 7 }] }),
    ...samplesOf("tables", "vtpipe run, not verified", [100], { rows: 5000 }),
  ];
  const judgement = tablesSection.judge({ samples, absent: [] }, onVitess);
  expect(judgement.aims.map(({ state, found: text }) => `${state} ${text}`)).toEqual([
    "missed 50; vtpipe plan 500",
    "met 7",
  ]);
});

test("skew: the tail in per cent of the dump", () => {
  const name = "vtpipe dump, 90 % of the rows in one table, string key";
  const samples = samplesOf("skew", name, [1, 1], {
    figures: [
      { tail: 0.04, busy: 0.9 },
      { tail: 0.05, busy: 0.92 },
    ],
  });
  const judgement = skewSection.judge({ samples, absent: [] }, onVitess);
  expect(states(judgement)).toEqual(["met"]);
  expect(found(judgement, 0)).toBe("4.5 (4.0–5.0) %; they wrote for 91 % of all their time");
});

test("growth: every doubling within a tenth, and no row dearer for more chunks or tables", () => {
  expect(growthSizes({ rows: 3, growth: 4 })).toEqual([3, 6, 12]);
  expect(growthSizes({ rows: 3, growth: 7 })).toEqual([3, 6, 12]);
  const dump = (rows: string, copySeconds: number) =>
    samplesOf("growth", `vtpipe dump, ${rows} rows`, [copySeconds + 1], { figures: [{ copySeconds }] });
  const pieces = (name: string, copySeconds: number, cpuSeconds: number) =>
    samplesOf("pieces", `vtpipe dump, ${name}`, [copySeconds], { cpuSeconds, figures: [{ copySeconds }] });
  const samples = [
    ...dump("1,000,000", 5),
    ...dump("2,000,000", 10.5),
    ...dump("4,000,000", 24),
    ...pieces("chunks of 32 MiB", 5, 4),
    ...pieces("chunks of 4 MiB", 5.5, 4.2),
    ...pieces("the rows in 32 tables", 5, 5),
  ];
  const judgement = growthSection.judge({ samples, absent: [] }, onVitess);
  expect(states(judgement)).toEqual(["missed", "met", "missed"]);
  expect(found(judgement, 0)).toContain("2.10 ×, 2.29 ×;");
  expect(median(judgement, "growth_rows")).toBe(2.286);
  const half = together([nothing, { samples: [...dump("1,000,000", 5), ...dump("2,000,000", 8)], absent: [] }]);
  // Less than twice the time is not what was promised either: then something else than rows is in it.
  expect(states(growthSection.judge(half, { ...onVitess, sizes: { ...sizes, growth: 2 } }))[0]).toBe("missed");
});

test("shards: time and CPU of a row, against two shards", () => {
  const load = (shards: number, wall: number, cpuSeconds: number) =>
    samplesOf("shards", `vtpipe load, ${shards} shards`, [wall], { cpuSeconds });
  const samples = [...load(2, 10, 2), ...load(4, 10.5, 2.1), ...load(8, 10, 2.4)];
  const judgement = shardsSection.judge({ samples, absent: [] }, onRouter);
  expect(states(judgement)).toEqual(["met", "missed"]);
  expect(median(judgement, "growth_shards_4")).toBe(1.05);
});
