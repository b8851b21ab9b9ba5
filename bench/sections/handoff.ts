import { type Judgement, wallRatio } from "../judge.ts";
import { copyAndHandoff, copyAndHandoffName, moveTablesCopy, moveTablesName } from "../peers/handoff.ts";
import { inGroup, measureRounds, type Results } from "../samples.ts";
import type { Section } from "./section.ts";

/** Copy and handoff beside MoveTables' own copy. No aim is about it. */
export const handoffSection: Section = {
  name: "handoff",
  title: "Copy and handoff",
  onRequest: true,
  tables: [
    { group: "handoff", title: "Copy and handoff", base: moveTablesName(1), ratio: "speed", of: "against MoveTables" },
  ],
  async measure(bench) {
    const world = await bench.customers();
    const peers = [
      copyAndHandoff(world, { verify: false }),
      copyAndHandoff(world, { verify: true }),
      moveTablesCopy(world, "handoff", 1),
      moveTablesCopy(world, "handoff", 4),
    ];
    return measureRounds(peers, bench.sizes.rounds, bench.say);
  },
  judge: judgeHandoff,
};

function judgeHandoff(all: Results): Judgement {
  const { samples } = inGroup(all, "handoff");
  const [moved, tuned] = [moveTablesName(1), moveTablesName(4)];
  return {
    aims: [],
    ratios: {
      handoff_vs_move_tables: wallRatio(samples, moved, copyAndHandoffName(false), "higher"),
      handoff_verified_vs_move_tables: wallRatio(samples, moved, copyAndHandoffName(true), "higher"),
      handoff_vs_move_tables_tuned: wallRatio(samples, tuned, copyAndHandoffName(false), "higher"),
    },
    figures: {},
  };
}
