import { cpus, totalmem } from "node:os";
import { spreadOf } from "../src/bench/statistics.ts";
import type { BenchAim, BenchBars, BenchPage } from "../src/contracts/bench.ts";
import { wallOf } from "./judge.ts";
import { inGroup, type Results } from "./samples.ts";
import type { Sandboxes } from "./sandboxes.ts";
import type { GroupTable, Section, Sizes } from "./sections/section.ts";

export interface PageParts {
  readonly seen: Sandboxes["seen"];
  readonly sizes: Sizes;
  readonly results: Results;
  readonly chosen: readonly Section[];
  readonly aims: readonly BenchAim[];
}

/** Everything of a run as one page. */
export function pageOf({ seen, sizes, results, chosen, aims }: PageParts): BenchPage {
  const fact = (name: string, value: string | number): { name: string; value: string } => ({
    name,
    value: typeof value === "number" ? value.toLocaleString("en") : value,
  });
  return {
    title: "vtpipe bench",
    facts: [
      fact("When", new Date().toISOString()),
      fact(
        "Machine",
        `${cpus().length} cores (${cpus()[0]?.model ?? "?"}), ${(totalmem() / 1024 ** 3).toFixed(0)} GiB`,
      ),
      fact("Node", process.versions.node),
      ...(seen === null ? [] : [fact("MySQL", seen.mysql), fact("Target", seen.target)]),
      fact("Rows", sizes.rows),
      fact("Rows loaded", sizes.loadRows),
      fact("Workers", sizes.workers),
      fact("Rounds", sizes.rounds),
      fact("Seed", sizes.seed),
    ],
    aims,
    bars: chosen.flatMap((section) => section.tables.map((table) => barsOf(results, table))),
    timelines: results.timelines ?? [],
    budget: null,
    notes,
  };
}

function barsOf(results: Results, { group, title }: GroupTable): BenchBars {
  const { samples, absent } = inGroup(results, group);
  const names = [...new Set(samples.map(({ name }) => name))];
  return {
    title,
    unit: "s",
    better: "lower",
    bars: names.flatMap((name) => {
      const figure = spreadOf(samples.filter((sample) => sample.name === name).map(wallOf));
      return figure === null ? [] : [{ name, figure, ours: name.startsWith("vtpipe ") }];
    }),
    absent: absent.map(({ name, why }) => `${name}: ${why}`),
  };
}

const notes = [
  "Servers, target and every client shared the machine, so figures of one run are to be compared with each other only.",
  "Bars are medians of wall time, with the shortest and the longest round.",
];
