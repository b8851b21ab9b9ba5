import type { BenchAim } from "../../src/contracts/bench.ts";
import type { CustomerWorld } from "../customer-world.ts";
import { type Judgement, judged, type Ratio, wallRatio, whyAbsent } from "../judge.ts";
import { directName, insert, routedName } from "../peers/insert.ts";
import { myloader, myloaderName } from "../peers/myloader.ts";
import { mysqldumpPipe, pipeName } from "../peers/mysqldump.ts";
import { dumpPart, loadName, vtpipeLoad } from "../peers/vtpipe-load.ts";
import { inGroup, measureRounds, type Peer, type Results } from "../samples.ts";
import type { JudgeContext, Section } from "./section.ts";

const AIM = 2;

export const loadSection: Section = {
  name: "load",
  title: "Load through the target",
  tables: [{ group: "load", title: "Load through the target", base: directName, ratio: "speed", of: "against direct" }],
  async measure(bench) {
    const world = await bench.customers();
    await dumpPart(world);
    return measureRounds(await peersOf(world), bench.sizes.rounds, bench.say);
  },
  judge: judgeLoad,
};

async function peersOf(world: CustomerWorld): Promise<Peer[]> {
  return [
    await mysqldumpPipe(world),
    await myloader(world),
    insert(world, "gate"),
    vtpipeLoad(world, "values"),
    vtpipeLoad(world, "json-table"),
    vtpipeLoad(world, "auto"),
    insert(world, "shards"),
  ];
}

function judgeLoad(all: Results, { target }: JudgeContext): Judgement {
  const results = inGroup(all, "load");
  const { samples } = results;
  const ours = loadName("auto");
  // Its name tells who fed the gate.
  const pipe = samples.find(({ name }) => name.startsWith(pipeName))?.name ?? pipeName;
  const against = (name: string): Ratio | null => wallRatio(samples, name, ours, "higher");
  const line = (what: string, atLeast: number, peer: string): BenchAim =>
    onVitess(
      judged(
        { aim: AIM, what: `load: speed against ${what}`, atLeast },
        against(peer),
        [],
        whyAbsent(results, ours, peer),
      ),
      target,
    );
  return {
    aims: [
      line("mysqldump | mysql through vtgate", 3, pipe),
      line("multi-row INSERT that vtgate routes", 2, routedName),
      line("INSERT straight into the shards", 0.7, directName),
    ],
    ratios: {
      load_vs_mysqldump_pipe: against(pipe),
      load_vs_myloader: against(myloaderName),
      load_vs_routed_insert: against(routedName),
      load_vs_direct: against(directName),
    },
    figures: {},
  };
}

/** What is asked of a real vtgate is not met by the stand-in, whatever it gives. */
export function onVitess(aim: BenchAim, target: JudgeContext["target"]): BenchAim {
  if (target !== "router" || aim.state === "not measured") return aim;
  return {
    ...aim,
    state: "not measured",
    found: `${aim.found}; but through the stand-in, the aim is about a real vtgate`,
  };
}
