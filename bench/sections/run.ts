import { spreadOf } from "../../src/bench/statistics.ts";
import { defaultWorkers } from "../../src/config/schema.ts";
import { type CustomerWorld, emptyTarget, expectLoaded } from "../customer-world.ts";
import { figuresOf, type Judgement, judged, type Ratio, ratioOf, wallRatio, walls, whyAbsent } from "../judge.ts";
import { moveTablesCopy, moveTablesName } from "../peers/handoff.ts";
import { vtpipePeer } from "../peers/vtpipe.ts";
import { inGroup, measureRounds, type Peer, type Results, type Sample } from "../samples.ts";
import { onVitess } from "./load.ts";
import type { JudgeContext, Section } from "./section.ts";

export const runName = (kept: boolean): string => `vtpipe run, 5 steps, verified, files ${kept ? "kept" : "not kept"}`;

/** The whole way: dump, five transforms, files, load, verification; beside MoveTables' copy, which has no transforms. */
export const runSection: Section = {
  name: "run",
  title: "End to end",
  tables: [{ group: "run", title: "End to end", base: moveTablesName(1), ratio: "speed", of: "against MoveTables" }],
  async measure(bench) {
    return measureRounds(peersOf(await bench.customers()), bench.sizes.rounds, bench.say);
  },
  judge: judgeRun,
};

function peersOf(world: CustomerWorld): Peer[] {
  const ours = (kept: boolean): Peer =>
    vtpipePeer(world, {
      group: "run",
      name: runName(kept),
      rows: world.rows,
      // The default, said aloud.
      workers: defaultWorkers(),
      words: ["run", "-c", world.stepsConfig, ...(kept ? [] : ["--no-keep-files"])],
      before: () => emptyTarget(world),
      async after() {
        await expectLoaded(world, world.rows);
        return undefined;
      },
    });
  return [ours(true), moveTablesCopy(world, "run", 1), ours(false), moveTablesCopy(world, "run", 4)];
}

function judgeRun(all: Results, { target }: JudgeContext): Judgement {
  const results = inGroup(all, "run");
  const { samples } = results;
  const [kept, notKept] = [runName(true), runName(false)];
  const speed = (inserters: number): Ratio | null => wallRatio(samples, moveTablesName(inserters), kept, "higher");
  const verify = ratioOf(of(samples, kept, "verifySeconds"), of(samples, kept, "copySeconds"), "lower");
  const files = ratioOf(of(samples, kept, "copySeconds"), of(samples, notKept, "copySeconds"), "lower");
  const aim3 = judged(
    {
      aim: 3,
      what: "dump, 5 steps, files kept, load, verify: speed against MoveTables without transforms",
      atLeast: 1.5,
    },
    speed(1),
    [],
    whyAbsent(results, kept, moveTablesName(1)),
  );
  return {
    aims: [
      onVitess(aim3, target),
      judged(
        { aim: 4, what: "verify: its time against the copy's, in one run", atMost: 0.15 },
        verify,
        [],
        whyAbsent(results, kept),
      ),
      judged(
        { aim: 4, what: "files kept: the copy's time against files not kept", atMost: 1.05 },
        files,
        [],
        whyAbsent(results, kept, notKept),
      ),
    ],
    ratios: {
      run_vs_movetables: speed(1),
      run_vs_movetables_tuned: speed(4),
      verify_share: verify,
      keep_files: files,
    },
    figures: { run_seconds: spreadOf(walls(samples, kept))?.median ?? null },
  };
}

const of = (samples: readonly Sample[], name: string, figure: string): number[] =>
  figuresOf(samples, name, ({ figures }) => figures?.[figure]);
