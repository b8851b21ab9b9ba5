import { cpus } from "node:os";
import type { BenchAim } from "../../src/contracts/bench.ts";
import { emptyTarget, expectLoaded, withCustomers } from "../customer-world.ts";
import { figuresOf, type Judgement, ratioOf, wallOf } from "../judge.ts";
import { measure } from "../measure.ts";
import { insert } from "../peers/insert.ts";
import { copyOfPart, dumpPart } from "../peers/vtpipe-load.ts";
import { inGroup, measureRounds, type Peer, type Results, type Sample, together } from "../samples.ts";
import { vtpipe } from "../world.ts";
import { type PerRow, perRow } from "./growth.ts";
import type { Section } from "./section.ts";

const COUNTS = [2, 4, 8];
const loadName = (shards: number): string => `vtpipe load, ${shards} shards`;
const directName = (shards: number): string => `INSERT straight into ${shards} shards`;

/** Does a row cost more where there are more shards? Each number of shards has a sandbox of its own, with the stand-in. */
export const shardsSection: Section = {
  name: "shards",
  title: "Shards",
  tables: [
    {
      group: "shards",
      title: "Shards, stand-in",
      base: loadName(2),
      ratio: "time",
      of: "against 2 shards",
    },
  ],
  async measure(bench) {
    const { loadRows, rounds, seed } = bench.sizes;
    const parts: Results[] = [];
    for (const shards of COUNTS) {
      const part = await bench.apart({ shards, standIn: true }, async (world) => {
        const customers = await withCustomers(world, { rows: loadRows, loadRows, seed }, bench.say);
        await dumpPart(customers);
        const load: Peer = {
          group: "shards",
          name: loadName(shards),
          absent: null,
          async run() {
            await emptyTarget(customers);
            const directory = await copyOfPart(customers);
            // Only the shards differ: both strategies are the same everywhere, so none is looked for.
            const words = ["-c", customers.loadConfig, "--no-verify", "--strategy", "json-table"];
            const measured = await measure(vtpipe("load", directory, ...words));
            await expectLoaded(customers);
            return [{ ...measured, group: "shards", name: loadName(shards), rows: loadRows, bytesOut: null }];
          },
        };
        const direct = insert(customers, "shards", { group: "shards", name: directName(shards) });
        return measureRounds([load, direct], rounds, bench.say);
      });
      parts.push(part);
    }
    return together(parts);
  },
  judge: judgeShards,
};

function judgeShards(all: Results): Judgement {
  const results = inGroup(all, "shards");
  const { samples } = results;
  const [least = 2, ...more] = COUNTS;
  const compared = more.map((shards) => ({
    shards,
    ratio: costOf(samples, loadName(shards), loadName(least)),
    direct: ratioOf(
      figuresOf(samples, directName(shards), wallOf),
      figuresOf(samples, directName(least), wallOf),
      "lower",
    ),
  }));
  return {
    aims: compared.map(({ shards, ratio, direct }): BenchAim => {
      const notes = [
        ...(direct === null ? [] : [`straight into the servers ${direct.median.toFixed(2)} ×`]),
        `${cpus().length} cores`,
      ];
      return perRow(
        `growth: cost of a loaded row with ${shards} shards in place of ${least}, stand-in`,
        ratio,
        results,
        notes,
      );
    }),
    ratios: Object.fromEntries(compared.map(({ shards, ratio }) => [`growth_shards_${shards}`, ratio?.wall ?? null])),
    figures: {},
  };
}

function costOf(samples: readonly Sample[], name: string, base: string): PerRow | null {
  const wall = ratioOf(figuresOf(samples, name, wallOf), figuresOf(samples, base, wallOf), "lower");
  const cpuOf = ({ cpuSeconds }: Sample): number => cpuSeconds;
  const cpu = ratioOf(figuresOf(samples, name, cpuOf), figuresOf(samples, base, cpuOf), "lower");
  return wall === null || cpu === null ? null : { wall, cpu };
}
