import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { HandoffStatus, StreamStatus } from "../../src/contracts/handoff-status.ts";
import { countBeyond, parsePosition } from "../../src/mysql/gtid-set.ts";
import { passwords } from "../integration/run/migration.ts";
import { type BusyHandoff, newBusyHandoff } from "../support/busy-handoff.ts";
import { positionOf, startWriter } from "../support/busy-writer.ts";
import { type CliEvent, type CliResult, vtpipe } from "../support/cli.ts";
import { ownVtctld } from "../support/own-vtctld.ts";

const { kind, description, vtctld, keyspace } = inject("vtgate");
if (kind !== "vitess") {
  process.stderr.write(`SKIPPED: the status of handoffs to real VReplication; the target is the ${description}\n`);
}

/** What people see of streams that real VReplication runs, stops, throttles and gives up. */
describe.skipIf(kind !== "vitess")("status of a handoff to real VReplication", () => {
  const prefix = "stat_";
  let handoff: BusyHandoff;

  beforeAll(async () => {
    handoff = await newBusyHandoff(prefix, 2000);
    await handoff.succeeds("run", "--no-verify");
  });
  afterAll(() => handoff?.[Symbol.asyncDispose]());

  test("before the handoff the workflow is prepared and its streams have no position", async () => {
    const status = await once();
    expect(status.lanes.map(({ lane, state }) => [lane, state])).toEqual([
      ["move-tables", "prepared"],
      ["streams", "none"],
    ]);
    expect(streamsOf(status).map(({ state, trend, transactionsBehind }) => [state, trend, transactionsBehind])).toEqual(
      [
        ["Stopped", "idle", null],
        ["Stopped", "idle", null],
      ],
    );
  });

  test("streams that stood still are as many transactions behind as were committed, and catch up", async () => {
    await handoff.succeeds("handoff");
    for (const workflow of [`${prefix}test`, `${prefix}test_sql`]) await vtctldclient("workflow", "stop", workflow);
    const start = await sourcePosition();
    const writer = await startWriter({ ...handoff.busy, seed: "status", sessions: 2 });
    await writer.more(1500);
    await writer.stop();
    // A transaction that changed nothing has no place in the log.
    const written = countBeyond(parsePosition(await sourcePosition()), parsePosition(start));
    expect(written).toBeGreaterThan(500);
    const before = await once();
    expect(before.lanes.map(({ state }) => state)).toEqual(["stopped", "stopped"]);
    for (const { transactionsBehind, secondsBehind } of streamsOf(before)) {
      expect(transactionsBehind).toBeGreaterThanOrEqual(written);
      expect(secondsBehind).toBeGreaterThan(0);
    }
    expect(before.binlogs).toMatchObject([{ server: expect.stringContaining("/0"), state: "counting", todo: null }]);

    await handoff.succeeds("handoff");
    const watched = await handoff.succeeds("status", "--until", "caught-up", "--every", "1", "--timeout", "100");
    const seen = statusesOf(watched);
    const last = seen.at(-1);
    expect(last && streamsOf(last).map(({ trend, etaSeconds, trouble }) => [trend, etaSeconds, trouble])).toEqual(
      Array(4).fill(["caught-up", 0, null]),
    );
  });

  test("a throttled stream names the throttler and its reason", async () => {
    const rule = ["--throttle-app", "vreplication", "--throttle-app-ratio", "1", "--throttle-app-duration", "5m"];
    await vtctldclient("UpdateThrottlerConfig", "--enable", ...rule, keyspace);
    try {
      const found = await eventually(async () => streamsOf(await once()).filter(({ throttled }) => throttled !== null));
      expect(found[0]?.throttled?.by).toContain("vplayer (applying on the target)");
      expect(found[0]?.throttled?.why).toContain("explicitly denied access");
    } finally {
      await vtctldclient("UpdateThrottlerConfig", "--unthrottle-app", "vreplication", keyspace);
      await vtctldclient("UpdateThrottlerConfig", "--disable", keyspace);
    }
    await eventually(async () => streamsOf(await once()).every(({ throttled }) => throttled === null));
  });

  test("a stream that gave up over somebody else's row says so; waiting for it ends at once; put right, it goes on", async () => {
    const row = `INSERT INTO ${prefix}pages VALUES ('taken', 'by somebody else', 1)`;
    await onEveryShard(row);
    await onSource(row);
    const waited = await handoff.run("status", "--until", "caught-up", "--timeout", "100");
    // It may have been caught up when it was first looked at.
    const failed = waited.exitCode === 0 ? await untilFailed() : waited;
    expect(failed.exitCode).toBe(1);
    expect(failed.error?.message).toContain("is failed");
    const status = await once();
    expect(status.lanes[0]?.state).toBe("failed");
    const [trouble] = streamsOf(status).flatMap((stream) => stream.trouble ?? []);
    expect(trouble).toMatchObject({ kind: "duplicate-row", retried: false });
    expect(trouble?.message).toContain("Duplicate entry 'taken' for key");
    expect(trouble?.message).not.toContain("by somebody else");

    await onEveryShard(`DELETE FROM ${prefix}pages WHERE slug = 'taken'`);
    await handoff.succeeds("handoff");
    await handoff.succeeds("status", "--until", "caught-up", "--timeout", "100");
    await handoff.same(["pages"]);
  });

  test("people see the files, the lanes, and a line for each stream", async () => {
    const shown = await vtpipe(["status", "-c", handoff.file], { json: false, env: passwords() });
    expect(shown.stdout).toContain(`${prefix}pages`);
    expect(shown.stdout).toContain(`${prefix}test (5 tables): running. Its streams follow the source`);
    expect(shown.stdout).toMatch(/^stream +from +into +state +behind +per second +caught up$/m);
    expect(shown.stdout.match(/^stat_test(_sql)? \d+ +\S+\/0 +\S+\/(-80|80-) +Running +\d/gm)).toHaveLength(4);
    expect(shown.stdout).toMatch(/^binary logs: \S+\/0 keeps what the streams need for \d+ days more at least\.$/m);
  });

  test("a vtctld that goes away is named, what was last known stays, and Ctrl-C ends the watch in order", async () => {
    const own = await ownVtctld();
    const file = join(own.directory, "watched.yaml");
    const directory = join(dirname(handoff.file), "run");
    const text = (await readFile(handoff.file, "utf8")).replace(vtctld ?? "", own.address).replace("./run", directory);
    await writeFile(file, text);
    let ended: PromiseLike<void> | null = null;
    const isAway = (events: readonly CliEvent[]) => events.some((e) => e.type === "handoff" && e.status.away !== null);
    const watched = await vtpipe(["status", "-c", file, "--watch", "--every", "1"], {
      env: passwords(),
      onEvent: (event) => {
        if (event.type === "handoff") ended ??= own[Symbol.asyncDispose]();
      },
      signals: [{ signal: "SIGINT", when: isAway }],
    });
    await ended;
    expect(watched.exitCode).toBe(0);
    const [first, ...rest] = statusesOf(watched);
    expect(first?.away).toBeNull();
    expect(rest.at(-1)?.away?.what).toContain(own.address);
    expect(rest.at(-1)?.lanes).toEqual(first?.lanes);
    expect(
      watched.events.filter(({ type }) => type === "note").map((note) => "text" in note && note.text),
    ).toContainEqual(expect.stringContaining("No answer: vtctld at"));
  });

  test("without a vtctld the files are reported all the same, and that it does not answer", async () => {
    const file = `${handoff.file}.nobody.yaml`;
    await writeFile(file, (await readFile(handoff.file, "utf8")).replace(vtctld ?? "", "127.0.0.1:1"));
    const { exitCode, events } = await vtpipe(["status", "-c", file], { env: passwords() });
    expect(exitCode).toBe(0);
    expect(events.find(({ type }) => type === "report")).toMatchObject({ dumped: true, handoff: null });
    expect(events.find(({ type }) => type === "warning")).toMatchObject({ code: "handoff-unknown" });
  });

  /** The handoff as `status` reports it. */
  async function once(): Promise<HandoffStatus> {
    const { events } = await handoff.succeeds("status");
    const report = events.find((event) => event.type === "report");
    if (report?.["handoff"] == null) throw new Error("status reported no handoff");
    return report["handoff"] as HandoffStatus;
  }

  const untilFailed = (): Promise<CliResult> =>
    eventually(async () => {
      const result = await handoff.run("status", "--until", "switched", "--timeout", "1");
      return result.error?.message.includes("is failed") ? result : null;
    });

  async function sourcePosition(): Promise<string> {
    const { host, port, user, password } = handoff.busy.server;
    const connection = await createConnection({ host, port, user, password });
    const position = await positionOf(connection);
    await connection.end();
    return position;
  }

  async function onSource(sql: string): Promise<void> {
    await statement({ ...handoff.busy.server, database: handoff.busy.database }, sql);
  }

  async function onEveryShard(sql: string): Promise<void> {
    for (const server of inject("shardServers")) await statement(server, sql);
  }
});

async function statement(
  {
    host,
    port,
    user,
    password,
    database,
  }: { host: string; port: number; user: string; password: string; database: string },
  sql: string,
): Promise<void> {
  const connection = await createConnection({ host, port, user, password, database });
  await connection.query(sql);
  await connection.end();
}

const streamsOf = ({ workflows }: HandoffStatus): StreamStatus[] => workflows.flatMap(({ streams }) => [...streams]);

const statusesOf = ({ events }: CliResult): HandoffStatus[] =>
  events.flatMap((event) => (event.type === "handoff" ? [event.status] : []));

async function vtctldclient(...args: string[]): Promise<void> {
  const [command = "", ...rest] = args;
  const line =
    command === "workflow" ? ["workflow", "--keyspace", keyspace, rest[0] ?? "", "--workflow", rest[1] ?? ""] : args;
  await promisify(execFile)("vtctldclient", ["--server", vtctld ?? "", ...line]);
}

/** Asks again until there is something to see; for half a minute. */
async function eventually<T>(look: () => Promise<T>): Promise<NonNullable<T>> {
  const until = Date.now() + 30_000;
  for (;;) {
    const found = await look();
    const there = Array.isArray(found) ? found.length > 0 : Boolean(found);
    if (there) return found as NonNullable<T>;
    if (Date.now() > until) throw new Error("it did not come about in 30 s");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
