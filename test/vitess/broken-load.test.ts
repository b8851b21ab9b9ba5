import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { type BusyHandoff, newBusyHandoff, siteOf } from "../support/busy-handoff.ts";
import type { BusyName } from "../support/busy-tables.ts";
import { recordsOf } from "../support/cli.ts";
import { type OwnCluster, startOwnCluster } from "../support/cluster.ts";
import { eventually } from "../support/process-command.ts";

const { kind, description } = inject("vtgate");
if (kind !== "vitess")
  process.stderr.write(`SKIPPED: loads into a cluster that breaks; the target is the ${description}\n`);

/** What breaks below vtgate in mid-load; a tablet's and vtgate's own end are in `damaged-cluster.test.ts`. */
describe.skipIf(kind !== "vitess")("a load into a cluster that breaks", { timeout: 400_000 }, () => {
  const names: readonly BusyName[] = ["orders", "payments", "people"];
  let cluster: OwnCluster;
  let load: BusyHandoff;

  beforeAll(async () => {
    cluster = await startOwnCluster({ replicas: true });
    load = await newBusyHandoff("brload_", 6000, { site: siteOf(cluster), names, longestMs: 300_000 });
  });
  afterAll(async () => {
    await load?.[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
  });
  beforeEach(() => load.empty());

  async function outlives(damage: () => Promise<unknown>): Promise<void> {
    const running = load.run("run");
    const loaded = async (): Promise<boolean> => recordsOf(load.directory).some(({ type }) => type === "loaded");
    await eventually("rows are being loaded", loaded, 60, 5);
    await damage();
    const ran = await running;
    expect(ran.error).toBeNull();
    expect(ran.summary?.tables.map(({ verified }) => verified)).toEqual(names.map(() => true));
    await load.same();
  }

  test("a shard's mysqld is killed under its tablet and started again: every row arrives once", () =>
    outlives(() => cluster.restart("mysqld -80")));

  test("a primary takes no writes for a while: the run waits for it", () =>
    outlives(async () => {
      const server = await cluster.connect("80-");
      await server.query("SET GLOBAL super_read_only = ON");
      await delay(3000);
      await server.query("SET GLOBAL read_only = OFF");
      await server.end();
    }));

  test("a shard gets another primary: every row arrives once", () => outlives(() => cluster.reparent("-80")));
});
