import { spreadOf } from "../../src/bench/statistics.ts";
import type { BenchAim } from "../../src/contracts/bench.ts";
import type { CustomerWorld } from "../customer-world.ts";
import { customerTable } from "../data/customer.ts";
import { fewer, figuresOf, type Judgement, judged, wallRatio, whyAbsent } from "../judge.ts";
import { mydumper, mydumperName } from "../peers/mydumper.ts";
import { mysqldump } from "../peers/mysqldump.ts";
import { clientName, mysqlClient, rawRead, readName } from "../peers/reading.ts";
import { vtpipePeer } from "../peers/vtpipe.ts";
import { inGroup, measureRounds, type Peer, type Results } from "../samples.ts";
import type { JudgeContext, Section } from "./section.ts";

const AIM = 1;
const AIM_ROWS = 1_000_000;

export const dumpName = (workers: number): string => `vtpipe dump, zstd, ${workers} worker${workers > 1 ? "s" : ""}`;

export const dumpSection: Section = {
  name: "dump",
  title: "Dump",
  tables: [
    {
      group: "dump",
      title: "Dump",
      base: mydumperName(false),
      ratio: "time",
      of: "against mydumper uncompressed",
    },
  ],
  async measure(bench) {
    const { rounds, workers } = bench.sizes;
    return measureRounds(await peersOf(await bench.customers(), workers), rounds, bench.say);
  },
  judge: judgeDump,
};

async function peersOf(world: CustomerWorld, workers: number): Promise<Peer[]> {
  const { rows } = world;
  const counts = [...new Set([1, 2, workers])].sort((a, b) => a - b);
  const read = (connections: number): Peer =>
    rawRead(world, { group: "dump", name: readName(connections), table: customerTable, rows, connections });
  return [
    await mysqlClient(world, 1),
    await mysqlClient(world, workers),
    read(1),
    read(workers),
    ...counts.map((count) =>
      vtpipePeer(world, {
        group: "dump",
        name: dumpName(count),
        rows,
        words: ["dump", "-c", world.dumpConfig],
        workers: count,
      }),
    ),
    await mydumper(world, false),
    await mydumper(world, true),
    await mysqldump(world),
  ];
}

function judgeDump(all: Results, { sizes }: JudgeContext): Judgement {
  const results = inGroup(all, "dump");
  const { samples } = results;
  const ours = dumpName(sizes.workers);
  const against = (name: string) => wallRatio(samples, ours, name, "lower");
  const ceiling = against(readName(sizes.workers));
  const zipped = against(mydumperName(true));
  const plain = against(mydumperName(false));
  const cpu = spreadOf(figuresOf(samples, ours, ({ cpuSeconds, rows }) => (cpuSeconds / rows) * 1e6));
  const size = fewer(sizes.rows, AIM_ROWS);
  const with_ = `${sizes.workers} workers`;
  const lines: BenchAim[] = [
    judged(
      { aim: AIM, what: `dump: time against reading alone, as many connections (${with_})`, atMost: 1.15 },
      ceiling,
      [size],
      whyAbsent(results, ours, readName(sizes.workers)),
    ),
    judged(
      { aim: AIM, what: "dump: client CPU per million rows, checksums included", atMost: 2.6, unit: " s" },
      cpu,
      [size],
      whyAbsent(results, ours),
    ),
    judged(
      { aim: AIM, what: "dump: time against mydumper, compressed", atMost: 0.33 },
      zipped,
      [size],
      whyAbsent(results, ours, mydumperName(true)),
    ),
    judged(
      { aim: AIM, what: "dump: time against mydumper, uncompressed", atMost: 0.85 },
      plain,
      [size],
      whyAbsent(results, ours, mydumperName(false)),
    ),
  ];
  return {
    aims: lines,
    ratios: {
      dump_wall_vs_read_ceiling: ceiling,
      dump_wall_vs_mysql_quick: against(clientName(sizes.workers)),
      dump_wall_vs_mydumper_zipped: zipped,
      dump_wall_vs_mydumper_plain: plain,
    },
    figures: { dump_cpu_seconds_per_million: cpu?.median ?? null },
  };
}
