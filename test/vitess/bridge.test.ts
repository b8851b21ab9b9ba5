import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type BusyHandoff, newBusyHandoff } from "../support/busy-handoff.ts";
import type { BusyName } from "../support/busy-tables.ts";
import { startWriter, type Writer } from "../support/busy-writer.ts";
import { afterRecords, recordsOf } from "../support/cli.ts";
import { type VtctldProxy, vtctldProxy } from "../support/vtctld-proxy.ts";

const { kind, description, vtctld } = inject("vtgate");
if (kind !== "vitess") process.stderr.write(`SKIPPED: bridges between positions; the target is the ${description}\n`);

/**
 * A dump that was interrupted goes on at a newer snapshot, so that parts of one table are older than others. Before the streams
 * start, others that stop at the newest position bring the older parts there, each within its own range of keys.
 */
describe.skipIf(kind !== "vitess")("a copy made at several positions under a writer", { timeout: 900_000 }, () => {
  const prefix = "bridge_";
  // Tables whose parts can be told apart, or that have but one part.
  const names: readonly BusyName[] = ["orders", "payments", "people"];
  let proxy: VtctldProxy;
  let handoff: BusyHandoff;
  let writer: Writer;

  beforeAll(async () => {
    proxy = await vtctldProxy(vtctld ?? "");
    handoff = await newBusyHandoff(prefix, 20_000, { names, vtctld: proxy.address, longestMs: 300_000 });
    writer = await startWriter({ ...handoff.busy, seed: "bridge", sessions: 3, perSecond: 300 });
  });
  afterAll(async () => {
    await writer?.[Symbol.asyncDispose]();
    await handoff?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
  });

  const dumped = () => recordsOf(handoff.directory).flatMap((record) => (record.type === "dumped" ? [record] : []));

  test("is taken three times, with writes between", async () => {
    await writer.more(100);
    for (const more of [2, 3]) {
      const moment = afterRecords(handoff.directory, "dumped", dumped().length + more);
      const killed = await handoff.runWith({ signals: [{ signal: "SIGKILL", when: moment }] }, "run");
      expect(killed.signal).toBe("SIGKILL");
      await writer.more(300);
    }
    await handoff.succeeds("run");
    const parts = new Map<string, Set<number>>();
    for (const { dumped: chunk, snapshot } of dumped()) {
      parts.set(chunk.table, (parts.get(chunk.table) ?? new Set()).add(snapshot));
    }
    expect([...parts.values()].filter((snapshots) => snapshots.size > 1).length).toBeGreaterThan(0);
    expect(new Set([...parts.values()].flatMap((snapshots) => [...snapshots])).size).toBe(3);
  });

  test("is brought to the newest position and then followed, though vtpipe is killed on the way", async () => {
    await writer.more(100);
    for (const method of ["ExecuteFetchAsDBA", "WorkflowUpdate"]) {
      const held = proxy.hold("after", 1, method);
      const killed = await handoff.runWith({ signals: [{ signal: "SIGKILL", when: held.reached }] }, "handoff");
      expect(killed.signal, killed.error?.message).toBe("SIGKILL");
      expect(held.request()).toContain(`${prefix}test_bridge`);
      proxy.release();
    }
    const done = await handoff.succeeds("handoff");
    const steps = done.events.flatMap((event) => (event.type === "step" ? [event.title] : []));
    expect(steps.join()).toContain(`${prefix}test_bridge; its tables keep their rows`);
    await writer.more(200);
    await writer.stop();
    await handoff.same();
  });
});
