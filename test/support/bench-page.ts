import { budgetOf } from "../../src/bench/budget.ts";
import type { BenchPage } from "../../src/contracts/bench.ts";

/** Text that would do something if it were not escaped. */
export const unkind = `<script>alert("1")</script> & 'more' </style>`;

const steady = (i: number, height: number): number =>
  height * (0.85 + 0.1 * Math.sin(i / 40) + 0.05 * Math.sin(i * 1.7));

const series = (name: string, points: number, of: (i: number) => number) => ({
  name,
  points: Array.from({ length: points }, (_, i): [number, number] => [i / 4, of(i)]),
});

/** A page that has something in every section: long names, many series, series longer than a chart is wide. */
export const fullPage: BenchPage = {
  title: "vtpipe bench, customer: 2,000,000 rows",
  facts: [
    { name: "when", value: "2026-11-27 06:31 UTC" },
    { name: "table", value: "customer, 2,000,000 rows, 650 MB on the wire" },
    { name: "seed", value: "bench" },
    { name: "machine", value: "8 cores, Linux 6.8, Node 20.19.4" },
    { name: "source", value: "MySQL 9.7.1" },
    { name: "target", value: "Vitess 24.0.2, 2 shards" },
    { name: "vtpipe", value: "0.1.0, 4 workers, chunks of 32 MiB" },
  ],
  aims: [
    { aim: 1, what: "dump against reading only", wanted: "≤ 1.25 × its time", found: "1.12 ×", state: "met" },
    { aim: 2, what: "dump against mydumper with zstd", wanted: "≤ 0.7 × its time", found: "0.61 ×", state: "met" },
    { aim: 3, what: "load against `mysqldump | mysql`", wanted: "≥ 3 × its speed", found: "2.71 ×", state: "missed" },
    { aim: 4, what: "memory of the whole process at 4 workers", wanted: "≤ 512 MiB", found: "311 MiB", state: "met" },
    {
      aim: 5,
      what: "copy and handoff against MoveTables",
      wanted: "≥ 1.5 × its speed",
      found: "–",
      state: "not measured",
    },
  ],
  bars: [
    {
      title: "Dump",
      unit: "seconds",
      better: "lower",
      bars: [
        {
          name: "read only: vtpipe's reader, 4 connections",
          figure: { median: 6.41, min: 6.2, max: 6.9 },
          ours: false,
        },
        { name: "vtpipe dump, zstd, 4 workers", figure: { median: 7.18, min: 7.02, max: 8.4 }, ours: true },
        { name: "mydumper, uncompressed, 4 threads", figure: { median: 8.9, min: 8.1, max: 9.7 }, ours: false },
        { name: "mysqldump, one session", figure: { median: 21.3, min: 21.3, max: 21.3 }, ours: false },
      ],
      absent: ["mydumper, gzip, 4 threads: the program is not on this machine's `PATH`"],
    },
    {
      title: "Load through the target",
      unit: "rows/s",
      better: "higher",
      bars: [
        {
          name: "multi-row INSERT into the shards' mysqld, 4 sessions",
          figure: { median: 61_200, min: 58_100, max: 64_000 },
          ours: false,
        },
        { name: "vtpipe load, auto", figure: { median: 43_912.4, min: 41_000, max: 46_500 }, ours: true },
        { name: "multi-row INSERT through vtgate", figure: { median: 21_000, min: 17_500, max: 22_400 }, ours: false },
        { name: unkind, figure: { median: 16_200, min: 15_900, max: 16_300 }, ours: false },
      ],
      absent: [],
    },
  ],
  timelines: [
    {
      title: "Rows moved",
      unit: "rows/s",
      stacked: false,
      series: [
        series("read", 700, (i) => (i < 560 ? steady(i, 52_000) : 0)),
        series("loaded", 700, (i) => (i > 8 ? steady(i + 30, 44_000) : 0)),
      ],
    },
    {
      title: "Workers' time",
      unit: "% of all workers' time",
      stacked: true,
      series: [
        series("source", 700, (i) => (i < 560 ? steady(i, 12) : 0)),
        series("cut", 700, (i) => (i < 560 ? steady(i * 2, 8) : 0)),
        series("transform", 700, (i) => (i < 560 ? steady(i * 3, 10) : 0)),
        series("pack", 700, (i) => (i < 560 ? steady(i + 99, 14) : 0)),
        series("disk", 700, () => 1.5),
        series("unpack", 700, (i) => steady(i + 7, 4)),
        series("encode", 700, (i) => steady(i + 11, 9)),
        series("target", 700, (i) => steady(i + 60, 38)),
      ],
    },
    {
      title: "Memory",
      unit: "MiB",
      stacked: false,
      series: [series("resident", 3000, (i) => 160 + 140 * (1 - Math.exp(-i / 300)) + 8 * Math.sin(i))],
    },
    {
      title: "Lag of the target",
      unit: "seconds",
      stacked: false,
      series: [series("lag", 1200, (i) => Math.max(0, 12 - i / 60 + Math.sin(i / 9)))],
    },
  ],
  budget: budgetOf({
    rows: 2_000_000,
    seconds: 45.5,
    workers: 4,
    stages: { source: 20, cut: 11, transform: 16, pack: 24, disk: 2, unpack: 7, encode: 15, target: 96 },
    threadsBusySeconds: 74,
    threadsSeconds: 182,
    ceilings: { source: 210_000, target: 61_200, disk: 1_900_000 },
    cores: 8,
  }),
  notes: [
    "Source, target and vtpipe share the cores of one machine; on machines of their own none takes time from the others.",
    "Medians of 3 rounds, in turns; whiskers show the smallest and the largest.",
    `Escaped: ${unkind}`,
  ],
};
