import { spreadOf } from "../../src/bench/statistics.ts";
import type { BenchTimeline } from "../../src/contracts/bench.ts";
import { makeSkewed, skewGlob } from "../data/skewed.ts";
import { fewer, figuresOf, type Judgement, judged, type Ratio, whyAbsent } from "../judge.ts";
import { chunkStretches, lanePoints, laneShares, type Stretch } from "../lanes.ts";
import { vtpipePeer } from "../peers/vtpipe.ts";
import { inGroup, measureRounds, type Results } from "../samples.ts";
import { writeConfig } from "../world.ts";
import type { JudgeContext, Section } from "./section.ts";

const AIM = 6;
const AIM_ROWS = 1_000_000;
const name = "vtpipe dump, 90 % of the rows in one table, string key";

/**
 * Are all workers at work until nearly the end, though one table has nearly all rows? A worker is at work while it writes a
 * chunk file: from the file's first bytes, which come with the first rows, to its last. The end is when the last one is written.
 */
export const skewSection: Section = {
  name: "skew",
  title: "Skew",
  tables: [{ group: "skew", title: "Skew", base: "", ratio: "time", of: "" }],
  async measure(bench) {
    const world = await bench.customers();
    const { rows, workers, rounds } = bench.sizes;
    bench.say("making tables of very different sizes");
    await makeSkewed(world, rows);
    const config = await writeConfig(world, "skew", { include: [skewGlob] });
    let lanes: readonly Stretch[] = [];
    const dump = vtpipePeer(world, {
      group: "skew",
      name,
      rows,
      workers,
      words: ["dump", "-c", config],
      async after(directory) {
        const stretches = await chunkStretches(directory);
        if (stretches === null) throw new Error("the file system does not tell when a file was made");
        lanes = stretches;
        const shares = laneShares(stretches, workers);
        return shares === null ? {} : { tail: shares.tail, busy: shares.busy };
      },
    });
    const results = await measureRounds([dump], rounds, bench.say);
    const timeline: BenchTimeline = {
      title: "Skew: workers that write a chunk",
      unit: "workers",
      stacked: false,
      series: [{ name: "workers", points: lanePoints(lanes) }],
    };
    return { ...results, timelines: lanes.length === 0 ? [] : [timeline] };
  },
  judge: judgeSkew,
};

function judgeSkew(all: Results, { sizes }: JudgeContext): Judgement {
  const results = inGroup(all, "skew");
  const tails = figuresOf(results.samples, name, ({ figures }) => figures?.["tail"]);
  const busy = spreadOf(figuresOf(results.samples, name, ({ figures }) => figures?.["busy"]));
  const tail = spreadOf(tails.map((one) => Number(one.toFixed(3))));
  const ratio: Ratio | null = tail === null ? null : { better: "lower", ...tail };
  return {
    aims: [
      judged(
        {
          aim: AIM,
          what: `skew: part of the dump after the last moment in which all ${sizes.workers} workers wrote`,
          atMost: 5,
          unit: " %",
          digits: 1,
        },
        percent(tail),
        [
          busy === null ? null : `they wrote for ${(busy.median * 100).toFixed(0)} % of all their time`,
          fewer(sizes.rows, AIM_ROWS),
        ],
        whyAbsent(results, name),
      ),
    ],
    ratios: { skew_tail: ratio },
    figures: {},
  };
}

function percent(spread: ReturnType<typeof spreadOf>): ReturnType<typeof spreadOf> {
  if (spread === null) return null;
  return { median: spread.median * 100, min: spread.min * 100, max: spread.max * 100 };
}
