import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";
import type { RunEvent } from "../../../src/contracts/events.ts";
import type { ServerAddress } from "../../../src/mysql/server-url.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { type CliEvent, type CliOptions, type CliResult, vtpipe } from "../../support/cli.ts";
import { type OwnServer, startOwnServer } from "../source/own-server.ts";
import { fromEnvironment, type Migration, newMigration, onShards, onSource } from "./migration.ts";

const table = "run_limits";
const database = "run_limits_own";
let migration: Migration;
let server: OwnServer;
let root: Session;
let reader: ServerAddress;
let folder: string;

const fill = (name: string, rows: number): string[] => [
  `CREATE TABLE ${name} (id INT NOT NULL PRIMARY KEY, body VARBINARY(900) NOT NULL)`,
  `SET SESSION cte_max_recursion_depth = ${rows}`,
  `INSERT INTO ${name} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows}) SELECT n, RANDOM_BYTES(900) FROM r`,
  `ANALYZE TABLE ${name}`,
];

beforeAll(async () => {
  migration = await newMigration(table, { [table]: { source: fill(table, 3000) } });
  server = await startOwnServer("limits");
  root = await openSession(server.address, { purpose: "target" });
  await root.run(`CREATE DATABASE ${database}`);
  await root.run(`USE ${database}`);
  for (const sql of fill("things", 3000)) await root.run(sql);
  reader = await server.account(
    "reader",
    `SELECT ON ${database}.*`,
    "FLUSH_TABLES, PROCESS, REPLICATION CLIENT, BACKUP_ADMIN ON *.*",
  );
});

afterAll(async () => {
  await root?.close();
  await server?.[Symbol.asyncDispose]();
  await migration?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  await migration.clear();
  folder = await mkdtemp(join(tmpdir(), "vtpipe-limits-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Throttle = Extract<RunEvent, { type: "throttle" }>;
const throttles = ({ events }: Pick<CliResult, "events">): Throttle[] =>
  events.filter((event): event is Throttle => event.type === "throttle");
const short = (events: readonly Throttle[]): string[] =>
  events.map(({ way, state, reason }) => `${way} ${state} ${reason}`);
const isThrottle = (event: CliEvent, state: Throttle["state"], way: Throttle["way"] = "reading"): boolean =>
  event.type === "throttle" && event.state === state && event.way === way;

/** Changes limits once, at the first event that `when` picks. */
function changeAt(directory: string, when: (event: CliEvent) => boolean, ...options: string[]) {
  const changes: Promise<CliResult>[] = [];
  return {
    onEvent: (event: CliEvent) => {
      if (changes.length === 0 && when(event)) changes.push(vtpipe(["limits", directory, ...options]));
    },
    result: () => changes[0] ?? expect.fail("the moment never came"),
  };
}

/** `vtpipe dump` of the server of this file, or of another one with its accounts. */
async function dump(
  limits: Record<string, unknown>,
  args: readonly string[] = [],
  { from = reader, ...options }: CliOptions & { readonly from?: Pick<ServerAddress, "host" | "port"> } = {},
): Promise<CliResult> {
  const config = join(folder, "vtpipe.yaml");
  const { user, password } = reader;
  const { host, port } = from;
  const source = { url: `mysql://${user}@${host}:${port}/${database}`, password: fromEnvironment("SOURCE_PASSWORD") };
  const rest = { directory: "./run", workers: 1, chunkBytes: "64KiB", limits };
  await writeFile(config, stringify({ version: 1, source, ...rest }));
  return vtpipe(["dump", "-c", config, ...args], {
    cwd: folder,
    ...options,
    env: { SOURCE_PASSWORD: password ?? "" },
  });
}

test("a copy held to next to nothing goes on at full speed once vtpipe limits says so, and arrives whole", async () => {
  // At this rate the rows would take 45 minutes: it cannot end in time without being let go.
  const change = changeAt(migration.directory, (event) => isThrottle(event, "slowed"), "--max-rate", "none");
  const ran = await migration.run("run", ["--max-rate", "1KiB"], { onEvent: change.onEvent });
  expect(ran.error).toBeNull();
  expect((await change.result()).error).toBeNull();
  expect(short(throttles(ran)).slice(0, 2)).toEqual(["reading slowed max-rate", "reading running max-rate"]);
  expect(throttles(ran)[0]).toMatchObject({ limit: 1024, text: "rows are held to 1 KiB/s" });
  expect(ran.events.filter((event) => event.type === "limits")).toMatchObject([
    { limits: { maxRate: 1024 }, paused: false },
    { limits: { maxRate: null }, paused: false },
  ]);
  expect(ran.events.find((event) => event.type === "throttle:total")).toMatchObject({
    pausedSeconds: { reading: 0, loading: 0 },
    workerSeconds: expect.any(Number),
  });
  const rows = `SELECT id, HEX(body) FROM ${table}`;
  expect(await onShards(rows)).toEqual(await onSource(migration.source, rows));
  expect((await stat(join(migration.directory, "limits.json"))).mode & 0o777).toBe(0o600);
});

test("a load of a finished dump is held and let go in the same way", async () => {
  expect((await migration.run("dump")).error).toBeNull();
  const slowed = (event: CliEvent): boolean => isThrottle(event, "slowed", "loading");
  const change = changeAt(migration.directory, slowed, "--max-rate", "none");
  const args = [migration.directory, "--max-rate", "1KiB"];
  const loaded = await migration.run("load", args, { onEvent: change.onEvent });
  expect(loaded.error).toBeNull();
  expect(short(throttles(loaded))).toEqual(["loading slowed max-rate", "loading running max-rate"]);
  expect(await onShards(`SELECT COUNT(*) FROM ${table}`)).toHaveLength(2);
});

test("--pause stops both ways until --resume; status line and events say why", async () => {
  const pause = changeAt(migration.directory, (event) => isThrottle(event, "slowed"), "--pause", "--max-rate", "none");
  const resume = changeAt(migration.directory, (event) => isThrottle(event, "paused"), "--resume");
  let waiting = "";
  const ran = await migration.run("run", ["--max-rate", "1KiB"], {
    onEvent(event) {
      pause.onEvent(event);
      if (event.type === "progress" && event.progress.throttled?.startsWith("paused"))
        waiting = event.progress.throttled;
      resume.onEvent(event);
    },
  });
  expect(ran.error).toBeNull();
  const told = short(throttles(ran));
  for (const way of ["reading", "loading"]) {
    expect(told.indexOf(`${way} paused on-request`)).toBeGreaterThan(0);
    expect(told.indexOf(`${way} running on-request`)).toBeGreaterThan(told.indexOf(`${way} paused on-request`));
  }
  expect(waiting).toContain("vtpipe limits DIR --resume");
  const total = ran.events.find((event) => event.type === "throttle:total");
  expect(total?.type === "throttle:total" && total.pausedSeconds.reading > 0).toBe(true);
});

/** Connections that keep the server busy, with no table in use. */
async function sleepers(): Promise<{ wake(): Promise<void> }> {
  const { host, port, user } = server.address;
  const all = await Promise.all(Array.from({ length: 6 }, () => createConnection({ host, port, user })));
  const asleep = all.map((connection) => connection.query("SELECT SLEEP(600)").catch(() => null));
  const isBusy = async (): Promise<boolean> => {
    const [row] = await root.query("SHOW GLOBAL STATUS LIKE 'Threads_running'");
    return Number(row?.["Value"]) > 6;
  };
  await expect.poll(isBusy, { timeout: 30_000 }).toBe(true);
  return {
    async wake() {
      for (const { threadId } of all) await root.run(`KILL ${threadId}`);
      await Promise.all(asleep);
      for (const connection of all) connection.destroy();
    },
  };
}

test("while too many threads are at work on the source it is asked for no lock and no row, at the start and in the middle", async () => {
  const first = await sleepers();
  const second: Awaited<ReturnType<typeof sleepers>>[] = [];
  let steps: Promise<void> = Promise.resolve();
  let pauses = 0;
  const then = (step: () => Promise<void>): void => {
    steps = steps.then(step);
  };
  const dumped = await dump({ threadsRunning: 4, maxRate: "1KiB" }, ["--lock-timeout", "300"], {
    onEvent(event) {
      if (isThrottle(event, "slowed")) then(async () => void second.push(await sleepers()));
      if (!isThrottle(event, "paused")) return;
      if (++pauses === 1) return then(() => first.wake());
      then(async () => {
        // Let go of the rate while the threads still hold it: what is read from here on waited for them.
        expect((await vtpipe(["limits", join(folder, "run"), "--max-rate", "none"])).error).toBeNull();
        await second[0]?.wake();
      });
    },
  });
  await steps;
  expect(dumped.error).toBeNull();
  const told = dumped.events.flatMap((event) => {
    if (event.type === "snapshot") return ["snapshot"];
    return event.type === "throttle" && event.reason === "threads-running" ? [event.state] : [];
  });
  expect(told).toEqual(["paused", "running", "snapshot", "paused", "running"]);
  expect(throttles(dumped)[0]?.text).toMatch(/^the source has \d+ threads running besides ours, limit 4$/);
  expect(dumped.summary?.tables).toMatchObject([{ source: "things", rows: 3000 }]);
});

test("a source whose history list grows too long is let go of; the same command goes on at a new snapshot", async () => {
  const history = async (): Promise<number> => {
    const [row] = await root.query(
      "SELECT `COUNT` AS n FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'",
    );
    return Number(row?.["n"]);
  };
  await root.run("CREATE TABLE IF NOT EXISTS churn (id INT PRIMARY KEY, n INT NOT NULL)");
  await root.run("REPLACE INTO churn VALUES (1, 0)");
  let churned: Promise<void> | null = null;
  const churn = async (): Promise<void> => {
    while ((await history()) <= 1100) for (let i = 0; i < 200; i++) await root.run("UPDATE churn SET n = n + 1");
  };
  const limits = { maxRate: "1KiB", historyListLength: 1000 };
  const ended = await dump(limits, ["--exclude", "churn"], {
    onEvent: (event) => {
      if (event.type === "snapshot") churned ??= churn();
    },
  });
  await churned;
  expect(ended.exitCode).toBe(1);
  expect(ended.error).toMatchObject({ code: "source", retryable: true });
  expect(ended.error?.message).toMatch(/history list is \d+ long, limit 1000 \(limits\.historyListLength\)/);
  expect(ended.error?.now).toContain("every finished chunk is recorded");
  expect(ended.events.filter((event) => event.type === "warning" && event.code === "limit-unseen")).toEqual([]);
  const again = await dump({}, ["--exclude", "churn"]);
  expect(again.error).toBeNull();
  expect(again.summary?.tables).toMatchObject([{ source: "things", rows: 3000 }]);
});

test("a source that is a replica is read from only while it is near enough to its own source", async () => {
  const login = await server.account("copier", "REPLICATION SLAVE ON *.*");
  await using replica = await startOwnServer("limits-replica", ["--server-id=8"]);
  await using there = await openSession(replica.address, { purpose: "target" });
  const one = async (sql: string, field: string): Promise<string> => (await there.query(sql))[0]?.[field] ?? "";
  const delayBy = async (seconds: number): Promise<void> => {
    await there.run("STOP REPLICA SQL_THREAD");
    await there.run(`CHANGE REPLICATION SOURCE TO SOURCE_DELAY = ${seconds}`);
    await there.run("START REPLICA SQL_THREAD");
  };
  const { host, port } = server.address;
  await there.run("RESET BINARY LOGS AND GTIDS");
  await there.run(
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${host}', SOURCE_PORT = ${port}, SOURCE_USER = '${login.user}',
       SOURCE_PASSWORD = '${login.password}', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1`,
  );
  await there.run("START REPLICA");
  const executed = await root.query("SELECT @@GLOBAL.gtid_executed AS executed");
  const wait = `SELECT WAIT_FOR_EXECUTED_GTID_SET('${executed[0]?.["executed"]}', 60) AS late`;
  expect(await one(wait, "late")).toBe("0");
  // What is written from here on is held back for an hour: the lag grows as seconds pass.
  await delayBy(3600);
  await root.run("CREATE TABLE IF NOT EXISTS churn (id INT PRIMARY KEY, n INT NOT NULL)");
  await root.run("REPLACE INTO churn VALUES (2, 0)");
  const lag = async (): Promise<number> => Number(await one("SHOW REPLICA STATUS", "Seconds_Behind_Source"));
  await expect.poll(lag, { timeout: 30_000 }).toBeGreaterThan(1);

  let released: Promise<void> | null = null;
  const dumped = await dump({ sourceLagSeconds: 1 }, ["--include", "things"], {
    from: replica.address,
    onEvent(event) {
      if (isThrottle(event, "paused")) released ??= delayBy(0);
    },
  });
  await released;
  expect(dumped.error).toBeNull();
  expect(short(throttles(dumped))).toEqual(["reading paused source-lag", "reading running source-lag"]);
  expect(throttles(dumped)[0]?.text).toMatch(/^the source is \d+ s behind its own source, limit 1 s$/);
  expect(dumped.summary?.tables).toMatchObject([{ source: "things", rows: 3000 }]);
});

test("vtpipe limits shows what holds, refuses what is none by the option's name, and forgets on --reset", async () => {
  expect((await migration.run("dump")).error).toBeNull();
  const { directory } = migration;
  const limits = (...args: string[]): Promise<CliResult> => migration.run("limits", args);
  const report = (result: CliResult) => result.events.find((event) => event.type === "report");
  await migration.configure({ limits: { threadsRunning: 25 } });
  expect(report(await limits())).toMatchObject({ limits: { threadsRunning: 25, maxRate: null }, changes: {} });
  const changed = await limits(
    "--max-rate",
    "50MiB",
    "--threads-running",
    "none",
    "--vitess-throttler",
    "on",
    "--pause",
  );
  expect(report(changed)).toMatchObject({
    limits: { threadsRunning: null, maxRate: 50 << 20, vitessThrottler: true },
    changes: { maxRate: 50 << 20, threadsRunning: null, vitessThrottler: true, paused: true },
    paused: true,
  });
  const refused = await limits("--max-rate", "fast", "--source-lag", "0");
  expect(refused.exitCode).toBe(2);
  expect(refused.error?.message).toContain("--max-rate: Expected a size per second from 1 KiB to 1024 GiB");
  expect(refused.error?.message).toContain("--source-lag: Expected a whole number from 1 to 86400");
  expect(refused.error?.now).toBe("Nothing was changed.");
  expect((await limits("--pause", "--resume")).error?.message).toContain("exclude each other");

  const plain = await vtpipe(["limits", directory], { json: false });
  expect(plain.stdout).toContain("maxRate 50 MiB/s, vitessThrottler, paused on request");
  expect(report(await limits("--reset"))).toMatchObject({ limits: { threadsRunning: 25 }, changes: {}, paused: false });
  expect((await vtpipe(["limits", folder, "--pause"])).error?.message).toContain("is no run directory");
  await migration.configure();
});

test("a broken limits file is warned of by name and never stops a run, which keeps the limits it has", async () => {
  expect((await migration.run("dump")).error).toBeNull();
  const file = join(migration.directory, "limits.json");
  await writeFile(file, '{"maxRate": "many"}');
  const loaded = await migration.run("load", [migration.directory]);
  expect(loaded.error).toBeNull();
  const warnings = loaded.events.filter((event) => event.type === "warning" && event.code === "limits-file");
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatchObject({ text: expect.stringMatching(/limits\.json cannot be used: maxRate: Expected/) });
  const shown = await vtpipe(["limits", migration.directory]);
  expect(shown.error).toMatchObject({ code: "files", todo: expect.stringContaining("--reset") });
  expect((await vtpipe(["limits", migration.directory, "--reset"])).error).toBeNull();
});
