import { setTimeout as delay } from "node:timers/promises";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { type BusyFollow, followBegun, newBusyFollow } from "../../support/busy-follow.ts";
import { startWriter } from "../../support/busy-writer.ts";
import type { CliEvent } from "../../support/cli.ts";

let follow: BusyFollow;
beforeAll(async () => {
  follow = await newBusyFollow("fl_cut");
});
afterAll(() => follow?.[Symbol.asyncDispose]());

/** Kills the sessions that `which` picks by their command; how many there were. */
async function kill(server: Connection, which: (command: string) => boolean): Promise<number> {
  const [found] = await server.query<RowDataPacket[]>("SHOW PROCESSLIST");
  const chosen = found.filter(({ Id, Command }) => Id !== server.threadId && which(Command));
  // Some end before they are killed.
  for (const { Id } of chosen) await server.query(`KILL ${Id}`).catch(() => {});
  return chosen.length;
}

test("under a writer the source's log and all of the target's sessions are cut again and again, and nothing is lost or done twice", async () => {
  const servers = await Promise.all(
    [inject("source"), ...inject("shardServers")].map(({ host, port, user, password }) =>
      createConnection({ host, port, user, password }),
    ),
  );
  const [source, ...shards] = servers as [Connection, ...Connection[]];
  await using writer = await startWriter({ ...follow.busy, seed: "cut", sessions: 4, perSecond: 100 });
  await writer.more(20);
  await follow.succeeds("run", "--no-verify");
  let begun = false;
  let stopped = false;
  const when = (events: readonly CliEvent[]): boolean => {
    begun ||= followBegun(events);
    return stopped;
  };
  const result = follow.run(["follow"], { signals: [{ signal: "SIGINT", when }] });
  // Until it has begun, a session that is lost ends it: nothing was done, and the same command begins again.
  await vi.waitUntil(() => begun, 60_000);
  const killed = { logs: 0, sessions: 0 };
  // Vitess's tablets read the source's log too; theirs comes back as ours does.
  for (let round = 0; round < 12; round++) {
    await writer.more(40);
    killed.logs += await kill(source, (command) => command.startsWith("Binlog Dump"));
    for (const shard of shards)
      killed.sessions += await kill(shard, (command) => ["Sleep", "Query", "Execute"].includes(command));
    await delay(200);
  }
  await writer.stop();
  await follow.same(60);
  stopped = true;
  const { exitCode, error, events } = await result;
  expect(error).toMatchObject({ code: "interrupted" });
  expect(exitCode).toBe(130);
  expect(killed.logs).toBeGreaterThan(5);
  expect(killed.sessions).toBeGreaterThan(5);
  expect(
    events.filter((event) => event.type === "note" && event.text.startsWith("The source is asked again")).length,
  ).toBeGreaterThan(2);
  await Promise.all(servers.map((server) => server.end()));
}, 600_000);
