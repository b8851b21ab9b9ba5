import type { BenchAim, Spread } from "../../src/contracts/bench.ts";
import type { CustomerWorld } from "../customer-world.ts";
import { grownTable, growTable } from "../data/grown.ts";
import { makeParts, partGlob } from "../data/parts.ts";
import { fewer, figuresOf, type Judgement, type Ratio, ratioOf, spreadText, wallOf, whyAbsent } from "../judge.ts";
import { rawRead } from "../peers/reading.ts";
import { vtpipePeer } from "../peers/vtpipe.ts";
import { inGroup, measureRounds, type Results, type Sample, together } from "../samples.ts";
import { writeConfig } from "../world.ts";
import type { Bench, JudgeContext, Section, Sizes } from "./section.ts";

const AIM = 7;
const AIM_MOST_ROWS = 16_000_000;
/** Of what the work says a cost may be more or less. */
export const TOLERANCE = 0.1;
/** Small enough for many tables of a size that people have, and few enough that each has some rows to speak of. */
const PART_TABLES = 32;
const CHUNK_MIB = 32;
const SMALL_CHUNK_MIB = 4;

const growthName = (rows: number): string => `vtpipe dump, ${rows.toLocaleString("en")} rows`;
const readingName = (rows: number): string => `read only, ${rows.toLocaleString("en")} rows`;
const chunksName = (mib: number): string => `vtpipe dump, chunks of ${mib} MiB`;
const tablesName = `vtpipe dump, the rows in ${PART_TABLES} tables`;

/** `rows`, twice as many, and so on. */
export function growthSizes({ rows, growth }: Pick<Sizes, "rows" | "growth">): number[] {
  const sizes: number[] = [];
  for (let factor = 1; factor <= growth; factor *= 2) sizes.push(rows * factor);
  return sizes;
}

/** Does time grow with rows, and only with rows? The reader alone is measured beside: what the source makes of more rows is in both. */
export const growthSection: Section = {
  name: "growth",
  title: "Growth",
  tables: [
    { group: "growth", title: "Growth", base: "", ratio: "time", of: "" },
    {
      group: "pieces",
      title: "Chunks and tables",
      base: chunksName(CHUNK_MIB),
      ratio: "time",
      of: "against few chunks",
    },
  ],
  async measure(bench) {
    const world = await bench.customers();
    return together([await measurePieces(bench, world), await measureGrowth(bench, world)]);
  },
  judge: judgeGrowth,
};

async function measureGrowth({ sizes, say }: Bench, world: CustomerWorld): Promise<Results> {
  const config = await writeConfig(world, "grown", { include: [grownTable] });
  const parts: Results[] = [];
  for (const rows of growthSizes(sizes)) {
    await growTable(world, { customers: world.rows, rows }, say);
    const read = { group: "growth", name: readingName(rows), table: grownTable, rows } as const;
    const peers = [
      dumpPeer(world, "growth", growthName(rows), config, rows, sizes.workers),
      rawRead(world, { ...read, connections: sizes.workers }),
    ];
    parts.push(await measureRounds(peers, sizes.rounds, say));
  }
  return together(parts);
}

async function measurePieces({ sizes, say }: Bench, world: CustomerWorld): Promise<Results> {
  say(`putting the rows into ${PART_TABLES} tables`);
  await makeParts(world, world.rows, PART_TABLES);
  const parts = await writeConfig(world, "parts", { include: [partGlob] });
  const dump = (name: string, config: string, more: readonly string[] = []) =>
    dumpPeer(world, "pieces", name, config, world.rows, sizes.workers, more);
  const chunks = (mib: number) => dump(chunksName(mib), world.dumpConfig, ["--chunk-bytes", `${mib}MiB`]);
  return measureRounds([chunks(CHUNK_MIB), chunks(SMALL_CHUNK_MIB), dump(tablesName, parts)], sizes.rounds, say);
}

function dumpPeer(
  world: CustomerWorld,
  group: "growth" | "pieces",
  name: string,
  config: string,
  rows: number,
  workers: number,
  more: readonly string[] = [],
) {
  return vtpipePeer(world, { group, name, rows, workers, words: ["dump", "-c", config, ...more] });
}

function judgeGrowth(all: Results, { sizes }: JudgeContext): Judgement {
  const growth = inGroup(all, "growth");
  const pieces = inGroup(all, "pieces");
  const doublings = growthSizes(sizes)
    .slice(1)
    .map((rows) => ({
      dump: ratioOf(copying(growth.samples, growthName(rows)), copying(growth.samples, growthName(rows / 2)), "lower"),
      read: ratioOf(
        figuresOf(growth.samples, readingName(rows), wallOf),
        figuresOf(growth.samples, readingName(rows / 2), wallOf),
        "lower",
      ),
    }));
  const measured = doublings.flatMap(({ dump }) => dump ?? []);
  const worst = measured.toSorted((a, b) => Math.abs(b.median - 2) - Math.abs(a.median - 2))[0] ?? null;
  const chunks = piecesRatio(pieces.samples, chunksName(SMALL_CHUNK_MIB));
  const tables = piecesRatio(pieces.samples, tablesName);
  const least = growthSizes(sizes).at(-1) ?? 0;
  return {
    aims: [
      {
        aim: AIM,
        what: "growth: time for twice the rows, from the snapshot to the last row",
        wanted: `${2 - 2 * TOLERANCE} to ${2 + 2 * TOLERANCE} ×`,
        found:
          worst === null
            ? (whyAbsent(growth, "vtpipe dump") ?? "-")
            : [
                doublings.flatMap(({ dump }) => (dump === null ? [] : `${spreadText(dump)} ×`)).join(", "),
                `reading alone ${doublings.flatMap(({ read }) => (read === null ? [] : read.median.toFixed(2))).join(", ")}`,
                `from ${sizes.rows.toLocaleString("en")} rows`,
                ...[fewer(least, AIM_MOST_ROWS)].filter((note) => note !== null),
              ].join("; "),
        state: worst === null ? "not measured" : Math.abs(worst.median - 2) <= 2 * TOLERANCE ? "met" : "missed",
      },
      perRow(`growth: cost of a row in ${CHUNK_MIB / SMALL_CHUNK_MIB} times as many chunks`, chunks, pieces),
      perRow(`growth: cost of a row in ${PART_TABLES} tables in place of one`, tables, pieces),
    ],
    ratios: {
      growth_rows: worst === null ? null : { ...worst, better: "lower" },
      growth_chunks: chunks?.wall ?? null,
      growth_tables: tables?.wall ?? null,
    },
    figures: {},
  };
}

const copying = (samples: readonly Sample[], name: string): number[] =>
  figuresOf(samples, name, ({ figures }) => figures?.["copySeconds"]);

/** What a row costs, in time and in our own CPU. */
export interface PerRow {
  readonly wall: Ratio;
  readonly cpu: Ratio;
}

function piecesRatio(samples: readonly Sample[], name: string): PerRow | null {
  const [base, cpuOf] = [chunksName(CHUNK_MIB), (sample: Sample) => sample.cpuSeconds];
  const wall = ratioOf(copying(samples, name), copying(samples, base), "lower");
  const cpu = ratioOf(figuresOf(samples, name, cpuOf), figuresOf(samples, base, cpuOf), "lower");
  return wall === null || cpu === null ? null : { wall, cpu };
}

/** Neither time nor CPU of a row may grow. */
export function perRow(what: string, ratio: PerRow | null, results: Results, notes: readonly string[] = []): BenchAim {
  const wanted = `≤ ${1 + TOLERANCE} ×`;
  if (ratio === null)
    return { aim: AIM, what, wanted, found: whyAbsent(results, "vtpipe") ?? "-", state: "not measured" };
  const said = (name: string, spread: Spread): string => `${spreadText(spread)} × ${name}`;
  const found = [said("the time", ratio.wall), said("client CPU", ratio.cpu), ...notes].join("; ");
  const worst = Math.max(ratio.wall.median, ratio.cpu.median);
  return { aim: AIM, what, wanted, found, state: worst <= 1 + TOLERANCE ? "met" : "missed" };
}
