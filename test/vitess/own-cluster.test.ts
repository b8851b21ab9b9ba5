import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import type { RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import {
  brokenRelations,
  busyNames,
  busyTargets,
  busyVindexes,
  createBusyTables,
  fillBusyTables,
} from "../support/busy-tables.ts";
import { startWriter } from "../support/busy-writer.ts";
import { type OwnCluster, startOwnCluster } from "../support/cluster.ts";
import { eventually } from "../support/process-command.ts";
import { becomesSame, numberOf } from "../support/same-rows.ts";
import {
  addStreams,
  type Rule,
  startStreams,
  stopStreams,
  streamsCatchUp,
  streamsOf,
  takeTestSnapshot,
} from "../support/vreplication.ts";

const { kind, description } = inject("vtgate");
if (kind !== "vitess") process.stderr.write(`SKIPPED: clusters to damage; the target is the ${description}\n`);

/** The faults the handoff's tests cause, on streams of rows of our own from before the first row of the source. */
describe.skipIf(kind !== "vitess")("a cluster of a test's own", () => {
  let cluster: OwnCluster;
  const workflow = "own_busy";
  const fill = { rows: 1500 };
  const wherePlaced: Readonly<Record<string, readonly [column: string, vindex: string]>> = {
    payments: ["order_id", "busy_hash"],
    stock: ["sku", "busy_xxhash"],
    pages: ["slug", "busy_xxhash"],
  };
  const rules: readonly Rule[] = busyNames.map((name) => {
    const [column, vindex] = wherePlaced[name] ?? ["id", "busy_hash"];
    return {
      match: `busy_${name}`,
      filter: (shard) => `select * from busy_${name} where in_keyrange(${column}, 'main.${vindex}', '${shard}')`,
    };
  });

  beforeAll(async () => {
    cluster = await startOwnCluster({ replicas: true });
    const { source } = cluster;
    await createBusyTables({ server: source, database: source.database, rows: 0 });
    await cluster.createTargets(busyTargets("busy_", busyNames), busyVindexes);
    await using snapshot = await takeTestSnapshot(source, source.database);
    await addStreams(cluster, workflow, rules, snapshot.position);
    // The fill comes through the streams too.
    await fillBusyTables({ server: source, database: source.database, ...fill });
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  const busyWriter = (seed: string) =>
    startWriter({
      server: cluster.source,
      database: cluster.source.database,
      ...{ seed, sessions: 3, perSecond: 300, ...fill },
    });

  async function expectAllSame(): Promise<void> {
    const { source, shards } = cluster;
    await streamsCatchUp(cluster, workflow, 90);
    for (const name of busyNames) {
      const table = `busy_${name}`;
      await becomesSame({
        source: { server: source, database: source.database, table },
        target: { servers: shards, table },
      });
    }
    for (const shard of shards) expect(await numberOf(shard, brokenRelations())).toBe(0);
  }

  test("streams go on after tablets and vtgate were killed under a busy writer", async () => {
    await using writer = await busyWriter("restarts");
    await startStreams(cluster, workflow);
    await writer.more(200);
    const before = await pidsOf(cluster);
    for (const part of ["source", "-80", "80-", "vtgate", "vtctld"]) await cluster.restart(part);
    const after = await pidsOf(cluster);
    expect(before.filter((pid) => after.includes(pid))).toHaveLength(before.length - 5);
    await writer.more(200);
    await writer.stop();
    await expectAllSame();
  });

  test("streams that a shard's primary held stopped are loaded by the next one, and go on there", async () => {
    await stopStreams(cluster, workflow);
    const held = await streamsOf(cluster, workflow);
    expect(held.map(({ state }) => state)).toEqual(["Stopped", "Stopped"]);
    const old = cluster.aliasOf("-80");
    const port = cluster.shards[0]?.port;
    await using writer = await busyWriter("reparent");
    await writer.more(200);
    await cluster.reparent("-80");
    expect(cluster.aliasOf("-80")).not.toBe(old);
    expect(cluster.shards[0]?.port).not.toBe(port);
    expect(await streamsOf(cluster, workflow)).toEqual(held);
    await startStreams(cluster, workflow);
    await writer.more(200);
    await writer.stop();
    await expectAllSame();
    // The old primary follows, and cannot be written to.
    const gate = await cluster.connectGate("-80");
    await gate.query("UPDATE busy_orders SET note = 'through the gate' ORDER BY id LIMIT 1");
    await gate.end();
    await cluster.reparent("-80");
    expect(cluster.aliasOf("-80")).toBe(old);
    const back = await cluster.connect("-80");
    const [rows] = await back.query<RowDataPacket[]>("SELECT id FROM busy_orders WHERE note = 'through the gate'");
    await back.end();
    expect(rows).toHaveLength(1);
  });

  test("a stream whose position is purged says so", async () => {
    await stopStreams(cluster, workflow);
    await using writer = await busyWriter("purged");
    await writer.more(50);
    await writer.stop();
    const purged = await cluster.purgeBinlogs("source");
    expect(purged).toMatch(/^[0-9a-f-]{36}:1-\d+$/);
    await startStreams(cluster, workflow);
    // It is not put into Error: Vitess tries for ever, and only the message tells.
    await eventually("every stream says so", async () =>
      (await streamsOf(cluster, workflow)).every(
        ({ state, message }) => state === "Running" && /purged required binary logs.*errno 1236/.test(message),
      ),
    );
  });

  test("nothing of it is left in the end", async () => {
    const { directory, runtimeDirectory } = cluster.state;
    const pids = await pidsOf(cluster);
    // Guard, topology, vtctld, vtgate, and server and tablet of the source, two primaries and two replicas.
    expect(pids).toHaveLength(14);
    await cluster[Symbol.asyncDispose]();
    const { stdout } = await promisify(execFile)("ps", ["-eo", "pid=,args="], { maxBuffer: 16 * 1024 * 1024 });
    const left = stdout.split("\n").filter((line) => line.includes(directory) || line.includes(runtimeDirectory));
    expect(left).toEqual([]);
    expect(stdout.split("\n").filter((line) => pids.includes(Number.parseInt(line, 10)))).toEqual([]);
    expect([directory, runtimeDirectory].filter(existsSync)).toEqual([]);
  });
});

async function pidsOf({ state }: OwnCluster): Promise<number[]> {
  return state.processes.map(({ pid }) => pid);
}
