import { spreadOf } from "../../src/bench/statistics.ts";
import type { BenchAim, BenchTimeline } from "../../src/contracts/bench.ts";
import { changeVschema } from "../../src/sandbox/target-vschema.ts";
import { mergeVschema } from "../../src/sandbox/vschema-json.ts";
import type { Course } from "../course.ts";
import type { CustomerWorld } from "../customer-world.ts";
import { BULKY_ROW_MIB, bulkyRows, bulkyTable, makeBulky } from "../data/bulky.ts";
import { grownTable, growTable } from "../data/grown.ts";
import { fewer, figuresOf, type Judgement, judged, type Ratio, ratioOf, whyAbsent } from "../judge.ts";
import { measure } from "../measure.ts";
import { vtpipePeer } from "../peers/vtpipe.ts";
import { inGroup, measureRounds, type Peer, type Results, type Sample } from "../samples.ts";
import { freshPath, rowsOnTarget, vtpipe, writeConfig } from "../world.ts";
import type { Bench, JudgeContext, Section } from "./section.ts";

const AIM = 5;
const AIM_MOST_ROWS = 20_000_000;
/** Peaks of the same dump differ by a few per cent; more than this is growth. */
const FLAT = 1.1;

/** What is asked of a command with so many workers. */
export const limitMiB = (workers: number): number => 256 + 48 * workers;

const dumpName = (rows: number): string => `vtpipe dump, ${rows.toLocaleString("en")} rows`;
const bulkyName = `vtpipe dump, rows of ${BULKY_ROW_MIB} MiB in between`;
const refusedName = `vtpipe run, rows of ${BULKY_ROW_MIB} MiB, which the target refuses`;

/** Is memory bounded by the workers, whatever is read? */
export const memorySection: Section = {
  name: "memory",
  title: "Memory",
  tables: [{ group: "memory", title: "Memory", base: "", ratio: "time", of: "" }],
  async measure(bench) {
    const world = await bench.customers();
    const { rows, memoryRows, workers, seed } = bench.sizes;
    await growTable(world, { customers: world.rows, rows: memoryRows }, bench.say);
    bench.say(`making rows of ${BULKY_ROW_MIB} MiB`);
    await makeBulky(world, seed);
    const bulky = await writeConfig(world, "bulky", { include: [bulkyTable] });
    await prepareTarget(world, bulky);
    const timelines: BenchTimeline[] = [];
    const dump = (name: string, config: string, count: number): Peer =>
      vtpipePeer(world, {
        group: "memory",
        name,
        rows: count,
        workers,
        words: ["dump", "-c", config],
        onCourse: (course) => timelines.push(memoryOf(name, course)),
      });
    const grown = await writeConfig(world, "grown", { include: [grownTable] });
    const peers = [
      dump(dumpName(rows), world.dumpConfig, rows),
      dump(dumpName(memoryRows), grown, memoryRows),
      dump(bulkyName, bulky, bulkyRows),
      refusedRun(world, bulky, workers),
    ];
    const results = await measureRounds(peers, roundsOf(bench), bench.say);
    return { ...results, timelines: timelines.slice(0, peers.length - 1) };
  },
  judge: judgeMemory,
};

/** A peak says the same each time, but for a few per cent; twice is enough to see that. */
const roundsOf = ({ sizes }: Bench): number => Math.min(2, sizes.rounds);

function memoryOf(name: string, { progress }: Course): BenchTimeline {
  const points = progress.map(({ at, progress: { rssBytes } }) => [at, rssBytes / 1024 ** 2] as const);
  return { title: `Memory: ${name}`, unit: "MiB", stacked: false, series: [{ name: "resident", points }] };
}

async function prepareTarget(world: CustomerWorld, config: string): Promise<void> {
  await changeVschema(world.state, (now) =>
    mergeVschema(now, { tables: { [bulkyTable]: { column_vindexes: [{ column: "id", name: "hash" }] } } }),
  );
  await measure(vtpipe("schema", "apply", "-c", config));
}

/** Succeeds when the command refuses the rows by name and none of them is on the target. */
function refusedRun(world: CustomerWorld, config: string, workers: number): Peer {
  return {
    group: "memory",
    name: refusedName,
    absent: null,
    async run() {
      const directory = await freshPath(world, "memory");
      const words = ["run", "-c", config, "--directory", directory, "--workers", String(workers)];
      const { failure, stdout: _, ...measured } = await measure(vtpipe(...words), { mayFail: true });
      await freshPath(world, "memory");
      const rows = await rowsOnTarget(world, bulkyTable);
      if (failure === null) throw new Error("the target took the rows");
      if (!failure.includes(`of table ${bulkyTable} takes a statement of`)) throw new Error(failure);
      const figures = { workers, rowsOnTarget: rows };
      return [{ ...measured, group: "memory", name: refusedName, rows: bulkyRows, bytesOut: null, figures }];
    },
  };
}

function judgeMemory(all: Results, { sizes }: JudgeContext): Judgement {
  const results = inGroup(all, "memory");
  const { samples } = results;
  const limit = limitMiB(sizes.workers);
  const ordinary = all.samples.filter(({ name }) => name !== bulkyName && name !== refusedName);
  const worst = largestShare(ordinary);
  const peaks = (name: string): number[] => figuresOf(samples, name, ({ peakRssMiB }) => peakRssMiB);
  const flat = ratioOf(peaks(dumpName(sizes.memoryRows)), peaks(dumpName(sizes.rows)), "lower");
  const bulky = [...peaks(bulkyName), ...peaks(refusedName)];
  const bulkyPeak = spreadOf(bulky);
  const large: Ratio | null = ratioOf(
    bulky,
    bulky.map(() => limit),
    "lower",
  );
  const wanted = "≤ 256 MiB + 48 MiB a worker";
  const what = "memory: peak RSS of every vtpipe command of this run";
  return {
    aims: [
      worst === null
        ? { aim: AIM, what, wanted, found: whyAbsent(results, "vtpipe") ?? "-", state: "not measured" }
        : {
            aim: AIM,
            what,
            wanted,
            found: `${worst.peak.toFixed(0)} of ${worst.limit} MiB: ${worst.name}`,
            state: worst.peak <= worst.limit ? "met" : "missed",
          },
      judged(
        {
          aim: AIM,
          what: `memory: peak of ${sizes.memoryRows.toLocaleString("en")} rows against ${sizes.rows.toLocaleString("en")}`,
          atMost: FLAT,
        },
        flat,
        [fewer(sizes.memoryRows, AIM_MOST_ROWS)],
        whyAbsent(results, dumpName(sizes.memoryRows), dumpName(sizes.rows)),
      ),
      judged(
        {
          aim: AIM,
          what: `memory: peak with rows of ${BULKY_ROW_MIB} MiB in between, ${sizes.workers} workers`,
          atMost: limit,
          unit: " MiB",
          digits: 0,
        },
        bulkyPeak,
        [],
        whyAbsent(results, bulkyName),
      ),
      refusal(results),
    ],
    ratios: {
      memory_peak_vs_limit: worst === null ? null : constant(worst.peak / worst.limit),
      memory_growth: flat,
      memory_large_rows_vs_limit: large,
    },
    figures: { memory_large_rows_mib: bulkyPeak?.median ?? null },
  };
}

function refusal(results: Results): BenchAim {
  const line = {
    aim: AIM,
    what: "memory: a row larger than the target takes is refused before the load",
    wanted: "named, no row loaded",
  };
  const rows = figuresOf(results.samples, refusedName, ({ figures }) => figures?.["rowsOnTarget"]);
  const left = Math.max(0, ...rows);
  if (rows.length === 0) {
    const why = whyAbsent(results, refusedName);
    return { ...line, found: why ?? "-", state: why === null ? "not measured" : "missed" };
  }
  const found = left === 0 ? "named, no row loaded" : `named, but ${left} rows were loaded`;
  return { ...line, found, state: left === 0 ? "met" : "missed" };
}

const constant = (figure: number): Ratio => {
  const median = Number(figure.toFixed(3));
  return { better: "lower", median, min: median, max: median };
};

/** The command that came nearest to its limit, or furthest beyond it. */
function largestShare(samples: readonly Sample[]): { name: string; peak: number; limit: number } | null {
  const shares = samples.flatMap(({ name, peakRssMiB, figures }) => {
    const workers = figures?.["workers"];
    return workers === undefined || peakRssMiB === null ? [] : [{ name, peak: peakRssMiB, limit: limitMiB(workers) }];
  });
  return shares.toSorted((a, b) => b.peak / b.limit - a.peak / a.limit)[0] ?? null;
}
