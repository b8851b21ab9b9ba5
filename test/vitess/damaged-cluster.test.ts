import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type BusyHandoff, newBusyHandoff, siteOf } from "../support/busy-handoff.ts";
import type { BusyName } from "../support/busy-tables.ts";
import { startWriter, type Writer } from "../support/busy-writer.ts";
import { recordsOf, vtpipe } from "../support/cli.ts";
import { type OwnCluster, startOwnCluster } from "../support/cluster.ts";
import { eventually } from "../support/process-command.ts";
import { type VtctldProxy, vtctldProxy } from "../support/vtctld-proxy.ts";

const { kind, description } = inject("vtgate");
if (kind !== "vitess")
  process.stderr.write(`SKIPPED: handoffs in a cluster that breaks; the target is the ${description}\n`);

/** What breaks while vtpipe is at work; `own-cluster.test.ts` has the same for streams alone. */
describe.skipIf(kind !== "vitess")("a handoff in a cluster that breaks, under a writer", { timeout: 600_000 }, () => {
  const names: readonly BusyName[] = ["orders", "payments", "people"];
  let cluster: OwnCluster;
  let proxy: VtctldProxy;
  let handoff: BusyHandoff;
  let writer: Writer;

  beforeAll(async () => {
    cluster = await startOwnCluster({ replicas: true });
    proxy = await vtctldProxy(cluster.target.vtctld);
    const site = siteOf(cluster);
    handoff = await newBusyHandoff("broken_", 6000, { site, names, vtctld: proxy.address, longestMs: 300_000 });
    writer = await startWriter({ ...handoff.busy, seed: "broken", sessions: 3, perSecond: 200 });
  });
  afterAll(async () => {
    await writer?.[Symbol.asyncDispose]();
    await handoff?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
  });

  test("a tablet, a server and vtgate are killed and a shard gets another primary while rows are loaded: every row arrives once", async () => {
    let over = false;
    // So slow that it outlasts what is done to the cluster.
    const running = handoff.run("run", "--max-rate", "64KiB").finally(() => {
      over = true;
    });
    await eventually("rows are being loaded", async () =>
      recordsOf(handoff.directory).some(({ type }) => type === "loading"),
    );
    for (const part of ["-80", "mysqld 80-", "vtgate"]) await cluster.restart(part);
    // The old primary takes no writes from its first step on.
    await cluster.reparent("80-");
    expect(over).toBe(false);
    expect((await vtpipe(["limits", handoff.directory, "--max-rate", "none"])).error).toBeNull();
    const ran = await running;
    expect(ran.error).toBeNull();
    expect(ran.summary?.tables.map(({ verified }) => verified)).toEqual(names.map(() => true));
  });

  test("a shard has another primary between position and start: its streams have the position and begin there", async () => {
    // The second shard's position is the last thing vtpipe does.
    const held = proxy.hold("after", 2);
    const killed = await handoff.runWith({ signals: [{ signal: "SIGKILL", when: held.reached }] }, "handoff");
    expect(killed.signal, killed.error?.message).toBe("SIGKILL");
    expect(held.request()).toContain("update _vt.vreplication set pos = ");
    proxy.release();
    const before = cluster.aliasOf("-80");
    await cluster.reparent("-80");
    expect(cluster.aliasOf("-80")).not.toBe(before);
    await handoff.succeeds("handoff");
    await writer.more(100);
    await writer.pause();
    await handoff.same();
    writer.resume();
  });

  test("tablets and vtgate are killed while streams catch up: they go on, and vtpipe sees them equal", async () => {
    for (const part of ["source", "80-", "vtgate"]) {
      await cluster.restart(part);
      await writer.more(50);
    }
    await writer.stop();
    await handoff.same();
    await handoff.succeeds("vdiff");
  });

  test("binary logs after the copy are purged before the handoff: it is refused, and nothing is started", async () => {
    await handoff.again();
    writer = await startWriter({ ...handoff.busy, seed: "purged", sessions: 1, perSecond: 50 });
    await handoff.succeeds("run");
    await writer.more(20);
    await writer.stop();
    await cluster.purgeBinlogs("source");
    const refused = await handoff.run("handoff");
    expect(refused.exitCode).toBe(1);
    expect(refused.error?.message).toMatch(/purged binary logs/);
    const steps = refused.events.filter(({ type }) => type === "step");
    expect(steps).toEqual([]);
  });
});
