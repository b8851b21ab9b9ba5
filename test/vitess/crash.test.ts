import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type BusyHandoff, newBusyHandoff } from "../support/busy-handoff.ts";
import { startWriter, type Writer } from "../support/busy-writer.ts";
import type { CliResult, PlannedSignal } from "../support/cli.ts";
import { type HeldCall, type Place, type VtctldProxy, vtctldProxy } from "../support/vtctld-proxy.ts";

const { kind, description, vtctld } = inject("vtgate");
if (kind !== "vitess") process.stderr.write(`SKIPPED: handoffs that are killed; the target is the ${description}\n`);

/** A comparison begins anew each time it is killed, so only the nightly run kills it at every call. */
const vdiffCalls = process.env["VTPIPE_CRASHES"] === "all" ? Array.from({ length: 20 }, (_, i) => i + 1) : [2, 5];

/**
 * kill -9 at every call that changes something in Vitess. The call is made whole and vtpipe dies before it hears of it, so that
 * the same command, given again and again, gets one call further each time; it must end where one that was left alone ends.
 */
describe.skipIf(kind !== "vitess")("a vtpipe that is killed at every step of a handoff", { timeout: 900_000 }, () => {
  let proxy: VtctldProxy;
  let handoff: BusyHandoff;
  let writer: Writer;
  let begun = false;

  beforeAll(async () => {
    proxy = await vtctldProxy(vtctld ?? "");
    handoff = await newBusyHandoff("crash_", 1000, {
      names: ["pages", "people"],
      vtctld: proxy.address,
      longestMs: 300_000,
    });
    writer = await newWriter("crash");
  });
  afterAll(async () => {
    proxy?.release();
    await writer?.[Symbol.asyncDispose]();
    await handoff?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
  });

  const newWriter = (seed: string) => startWriter({ ...handoff.busy, seed, sessions: 2, perSecond: 60 });

  /** The command, killed where it makes its nth changing call; null when it ended before. */
  async function killedAt(place: Place, nth: number, verb: string, ...args: string[]): Promise<HeldCall | null> {
    const held = proxy.hold(place, nth);
    const result = await handoff.runWith({ signals: [{ signal: "SIGKILL", when: held.reached }] }, verb, ...args);
    proxy.release();
    if (held.reached()) expect(result.signal).toBe("SIGKILL");
    else expectDone(result);
    return held.reached() ? held : null;
  }

  /** The same command until it ends by itself, killed each time it has made one call more; returns the calls. */
  async function callByCall(verb: string, ...args: string[]): Promise<string[]> {
    const made = new Map<string, string>();
    // Some calls are made again by every run, so that it takes one more to get further.
    for (let nth = 1; nth < 20; ) {
      const held = await killedAt("after", nth, verb, ...args);
      if (held === null) return [...made.values()];
      if (made.has(held.request())) nth++;
      else made.set(held.request(), held.method() ?? "");
    }
    throw new Error(`${verb} does not get to its end: ${[...made.values()].join(", ")}`);
  }

  function expectDone(result: CliResult): void {
    expect(result.error).toBeNull();
    expect(result.exitCode).toBe(0);
  }

  test("run and handoff: every row once, and the streams run", async () => {
    const prepared = await callByCall("run");
    expect(prepared[0]).toBe("MoveTablesCreate");
    await writer.more(20);
    begun = true;
    const started = await callByCall("handoff");
    expect(started.length).toBeGreaterThan(6);
    await writer.more(20);
    await writer.pause();
    await handoff.same();
    writer.resume();
  });

  /** For a test that begins with streams that run. */
  async function begin(): Promise<void> {
    if (begun) return;
    await handoff.succeeds("run");
    await handoff.succeeds("handoff");
    begun = true;
  }

  test("vdiff: handoff starts the streams that stand still, and the next one is clean", async () => {
    await begin();
    for (const nth of vdiffCalls) {
      if ((await killedAt("after", nth, "vdiff")) === null) break;
      await handoff.succeeds("handoff");
    }
    await handoff.succeeds("vdiff");
    await writer.more(20);
    await writer.pause();
    await handoff.same();
    writer.resume();
  });

  test("cancel: nothing is left but the rows, and they can be used", async () => {
    await begin();
    await callByCall("cancel");
    // It could not while the target's shards refused statements on the tables.
    await handoff.empty();
    begun = false;
    const again = await handoff.run("cancel");
    expect(again.error?.code).toBe("files");
  });

  /** Ctrl-C while the streams catch up must not leave a fence that holds the application's writes off. */
  async function expectNoFenceAfterStop(): Promise<void> {
    const waiting: PlannedSignal["when"] = (events) =>
      events.some((event) => event.type === "note" && event.text.startsWith("Waiting until the streams have applied"));
    const signals: PlannedSignal[] = [{ signal: "SIGINT", when: waiting }];
    const stopped = await handoff.runWith({ signals }, "switch", "--writers-fenced");
    expect(stopped.exitCode).toBe(130);
    expect(stopped.error).toMatchObject({
      code: "interrupted",
      now: "Only the steps that were told are done.",
      todo: "Run the same command again to go on.",
    });
    const steps = stopped.events.flatMap((event) => (event.type === "step" ? [event.title] : []));
    expect(steps[0]).toBe("Have the source's tablets refuse statements on the transformed tables.");
    expect(steps.at(-1)).toBe("Let the source's tablets take statements on the transformed tables again.");
  }

  test("switch, reverse, complete: the target has the traffic, the source, the target", async () => {
    await begin();
    await writer.stop();
    await handoff.succeeds("vdiff");
    await expectNoFenceAfterStop();
    await callByCall("switch", "--writers-fenced");
    await handoff.same();
    await callByCall("reverse", "--lose-target-writes");
    writer = await newWriter("reversed");
    await writer.more(50);
    await writer.stop();
    await handoff.same();
    await handoff.succeeds("switch", "--writers-fenced");
    await callByCall("complete");
    expect((await handoff.run("handoff")).error?.message).toContain("This handoff is completed");
    await handoff.same();
  });
});
