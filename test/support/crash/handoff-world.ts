import { type BusyHandoff, newBusyHandoff } from "../busy-handoff.ts";
import { startWriter, type Writer } from "../busy-writer.ts";
import { expectTrueStatus } from "./afterwards.ts";
import { Fault } from "./fault.ts";
import { expectSuccess } from "./kill.ts";
import type { HandoffVerb } from "./verbs.ts";
import type { World } from "./world.ts";

/** How far the handoff is; `over`: completed, so that its tables cannot be handed over again. */
type Stage = "none" | "copied" | "running" | "compared" | "switched" | "over";

const options: Readonly<Partial<Record<HandoffVerb, readonly string[]>>> = {
  switch: ["--writers-fenced"],
  reverse: ["--lose-target-writes"],
};

/** Where a verb begins, and where it has come to when it is done. */
const stages: Readonly<Record<HandoffVerb, readonly [Stage, Stage]>> = {
  "handoff prepare": ["none", "none"],
  "handoff start": ["copied", "running"],
  vdiff: ["running", "compared"],
  switch: ["compared", "switched"],
  reverse: ["switched", "running"],
  complete: ["switched", "over"],
  cancel: ["running", "over"],
};

/** A verbatim and a transformed table on a real Vitess, written to while the source has the traffic. */
export async function handoffWorld(): Promise<World<HandoffVerb>> {
  let rounds = 0;
  let stage: Stage = "over";
  let handoff: BusyHandoff | null = null;
  let writer: Writer | null = null;

  const end = async (): Promise<void> => {
    await writer?.[Symbol.asyncDispose]();
    if (stage === "switched") await handoff?.run("reverse", "--lose-target-writes");
    await handoff?.[Symbol.asyncDispose]();
    [writer, handoff] = [null, null];
  };
  /** Tables of their own, as those of a handoff that is over are refused by Vitess. */
  const anew = async (): Promise<BusyHandoff> => {
    await end();
    const made = await newBusyHandoff(`crash${++rounds}_`, 800, { names: ["pages", "people"] });
    handoff = made;
    stage = "none";
    writer = await startWriter({ ...made.busy, seed: `crash ${rounds}`, sessions: 2, perSecond: 40 });
    return made;
  };
  const at = (): BusyHandoff => handoff ?? failed("no handoff was begun");

  /** Goes on to a stage, or begins anew where there is no way to it. */
  async function bring(to: Stage): Promise<void> {
    const order: readonly Stage[] = ["none", "copied", "running", "compared", "switched"];
    if (order.indexOf(stage) > order.indexOf(to) || stage === "over" || to === "none") await anew();
    if (stage === "none" && to !== "none") {
      await at().succeeds("run");
      stage = "copied";
    }
    if (stage === "copied" && to !== "copied") {
      await at().succeeds("handoff");
      stage = "running";
    }
    if (stage === "running" && to !== "running") {
      await at().succeeds("vdiff");
      stage = "compared";
    }
    if (stage === "compared" && to === "switched") {
      await writer?.pause();
      await at().succeeds("switch", "--writers-fenced");
      stage = "switched";
    }
  }

  return {
    get directory() {
      return at().directory;
    },
    async begin(verb) {
      await bring(stages[verb][0]);
      if (verb !== "switch" && verb !== "cancel") return;
      await writer?.pause();
      // What is cancelled is not brought to the source's end any more.
      if (verb === "cancel") await at().same();
    },
    async run(verb, how) {
      // The streams that a comparison has stopped are started by the handoff (README, vdiff).
      if (verb === "vdiff" && how === undefined) expectSuccess("handoff", await at().run("handoff"));
      return at().runWith(how ?? {}, verb, ...(options[verb] ?? []));
    },
    expectAfterKill: () => expectTrueStatus(at().directory),
    async expectDone(verb) {
      stage = stages[verb][1];
      if (verb === "handoff prepare") return;
      if (verb === "reverse") writer?.resume();
      const written = verb === "handoff start" || verb === "vdiff" || verb === "reverse";
      if (written) await writer?.more(10);
      await writer?.pause();
      await at()
        .same()
        .catch((error: Error) => {
          throw new Fault("different", error.message);
        });
      if (written) writer?.resume();
    },
    [Symbol.asyncDispose]: end,
  };
}

function failed(message: string): never {
  throw new Error(message);
}
