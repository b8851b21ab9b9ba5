import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { RunEvent } from "../../../src/contracts/events.ts";
import type { Snapshot } from "../../../src/contracts/position.ts";
import type { ServerAddress } from "../../../src/mysql/server-url.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { type SnapshotOptions, takeSnapshot } from "../../../src/source/snapshot.ts";
import { positionOf } from "../../../src/source/source-position.ts";
import { allMoney, createBusyTables, look, numbersIn, startWriters } from "./busy-source.ts";
import { type OwnServer, startOwnServer } from "./own-server.ts";

const database = "source_snapshot";
const readers = 4;
let server: OwnServer;
let root: Session;
let locker: ServerAddress;
let onlyReader: ServerAddress;

beforeAll(async () => {
  server = await startOwnServer("snapshot");
  root = await openSession(server.address, { purpose: "control" });
  locker = await server.account("locker", `SELECT, LOCK TABLES ON ${database}.*`);
  onlyReader = await server.account("only_reader", `SELECT ON ${database}.*`);
});

afterAll(async () => {
  await root?.close();
  await server?.[Symbol.asyncDispose]();
});

let opened: Session[] = [];
afterEach(async () => {
  for (const session of opened) session.destroy();
  opened = [];
});

async function open(address: ServerAddress, purpose: "source" | "control"): Promise<Session> {
  const session = await openSession(address, { purpose });
  opened.push(session);
  return session;
}

/** Workers as the run has them: each with a connection of its own, all opened at once. */
async function openReaders(address: ServerAddress): Promise<{ sessions: Session[]; openAll: () => Promise<void> }> {
  const sessions = await Promise.all(Array.from({ length: readers }, () => open(address, "source")));
  const start = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
  return {
    sessions,
    openAll: async () => {
      await Promise.all(sessions.map((session) => session.run(start)));
    },
  };
}

async function take(
  address: ServerAddress,
  options: Pick<SnapshotOptions, "openAll"> & Partial<SnapshotOptions>,
): Promise<{ snapshot: Snapshot; events: RunEvent[] }> {
  const events: RunEvent[] = [];
  const snapshot = await takeSnapshot({
    control: await open(address, "control"),
    watchdog: await open(address, "control"),
    tables: ["left_side", "right_side", "visitors", "log"].map((name) => ({ database, name })),
    lockTimeoutSeconds: 20,
    id: 1,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { snapshot, events };
}

const codes = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) => (event.type === "warning" ? [event.code] : []));

const texts = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) => (event.type === "warning" || event.type === "note" ? [event.text] : []));

/** Nobody holds a read lock when every table takes a write at once. */
async function expectUnlocked(): Promise<void> {
  await using writer = await openSession(server.address, { purpose: "target" });
  await writer.run("SET SESSION lock_wait_timeout = 5, innodb_lock_wait_timeout = 5");
  await writer.run(`INSERT INTO ${database}.log VALUES ()`);
  await writer.run(`REPLACE INTO ${database}.visitors VALUES (1, 1)`);
  for (const side of ["left_side", "right_side"]) await writer.run(`UPDATE ${database}.${side} SET money = 0`);
}

test.each([
  { who: "root", address: () => server.address, method: "global read lock", writers: 4, pauseMs: 0 },
  { who: "an account with LOCK TABLES", address: () => locker, method: "table locks", writers: 4, pauseMs: 0 },
  {
    who: "an account that may only read",
    address: () => onlyReader,
    method: "no lock, position unchanged",
    writers: 2,
    pauseMs: 60,
  },
])(
  "$who gets all readers at one position of a busy source, no transaction more or less",
  async ({ address, method, writers, pauseMs }) => {
    await createBusyTables(root, database);
    const { sessions, openAll } = await openReaders(address());
    const [row] = await root.query("SELECT @@GLOBAL.gtid_executed AS executed");
    const before = numbersIn(positionOf("ON", row?.["executed"] ?? ""));
    await using busy = await startWriters(server.address, database, writers, pauseMs);
    await busy.more(20);

    const { snapshot } = await take(address(), { openAll });
    await busy.more(20);
    const sights = await Promise.all(sessions.map((session) => look(session, database)));
    await busy.stop();

    expect(snapshot.method).toBe(method);
    for (const sight of sights) expect(sight).toEqual(sights[0]);
    expect(sights[0]?.money).toBe(String(allMoney));
    // Which transactions, not just how many: each log row knows the GTID its transaction was given.
    const seen = (sights[0]?.log ?? []).map((id) => busy.transactions.get(id));
    const expected = Array.from(numbersIn(snapshot.position)).filter((number) => !before.has(number));
    expect(seen.toSorted()).toEqual(expected.toSorted());
    expect(seen.length).toBeGreaterThanOrEqual(20);
    expect(busy.transactions.size).toBeGreaterThan(seen.length);

    expect(snapshot).toMatchObject({ id: 1, serverVersion: root.serverVersion });
    expect(snapshot.position).toMatch(new RegExp(`^MySQL56/${snapshot.serverUuid}:1-\\d+(:\\d+(-\\d+)?)*$`));
    expect(snapshot.lockMs > 0).toBe(!method.startsWith("no lock"));
    await expectUnlocked();
  },
);

test("a position that moves at every try is no snapshot, and the refusal says what to grant", async () => {
  await createBusyTables(root, database);
  let calls = 0;
  const openAll = async (): Promise<void> => {
    calls++;
    await root.run(`INSERT INTO ${database}.log VALUES ()`);
  };
  await expect(take(onlyReader, { openAll })).rejects.toMatchObject({
    code: "snapshot",
    message: expect.stringMatching(/20 tries/),
    todo: expect.stringMatching(/Grant FLUSH_TABLES/),
  });
  expect(calls).toBe(20);
});

test("readers that were opened on both sides of a write are opened again", async () => {
  await createBusyTables(root, database);
  const { sessions } = await openReaders(onlyReader);
  let calls = 0;
  const openAll = async (): Promise<void> => {
    calls++;
    for (const [at, session] of sessions.entries()) {
      if (at === 2 && calls === 1) await root.run(`INSERT INTO ${database}.log VALUES ()`);
      await session.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    }
  };
  await take(onlyReader, { openAll });
  expect(calls).toBe(2);
  const sights = await Promise.all(sessions.map((session) => look(session, database)));
  expect(sights.map((sight) => sight.log.length)).toEqual([1, 1, 1, 1]);
});

test("without a lock, a transaction that has its GTID but is not yet in gtid_executed makes it wait", async () => {
  await createBusyTables(root, database);
  const committing = await open(server.address, "control");
  await committing.run("SET gtid_next = '11111111-2222-3333-4444-555555555555:1'");
  await committing.run("BEGIN");
  await committing.run(`INSERT INTO ${database}.log VALUES ()`);
  const { sessions, openAll: start } = await openReaders(onlyReader);
  let calls = 0;
  const openAll = async (): Promise<void> => {
    await start();
    if (++calls === 3) await committing.run("COMMIT");
  };
  const { snapshot } = await take(onlyReader, { openAll });
  expect(calls).toBe(4);
  expect(snapshot.position).toContain("11111111-2222-3333-4444-555555555555:1");
  expect((await look(sessions[0] as Session, database)).log).toHaveLength(1);
  await root.run("RESET BINARY LOGS AND GTIDS");
});

test("a long statement of others keeps the global lock from being asked for", async () => {
  await createBusyTables(root, database);
  await root.run(`INSERT INTO ${database}.log VALUES ()`);
  const slow = await open(server.address, "control");
  const statement = slow.query(`SELECT SLEEP(600) FROM ${database}.log`).catch(() => null);
  const isLong = async (): Promise<boolean> =>
    (await root.query(`SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ${slow.connectionId} AND TIME >= 1`))
      .length > 0;
  await expect.poll(isLong, { timeout: 30_000 }).toBe(true);
  const { openAll } = await openReaders(server.address);
  const { snapshot, events } = await take(server.address, { openAll, lockTimeoutSeconds: 0.5 });
  expect(codes(events)).toEqual(["lock-skipped"]);
  expect(texts(events)[0]).toMatch(
    /^No global read lock was asked for: a statement of root \(connection \d+\) has been running for \d+ s, and every writer would have waited for it\.$/,
  );
  expect(texts(events)[1]).toMatch(
    /^Writers were held off for [\d.]+ ms by a table locks?, after [\d.]+ ms of waiting/,
  );
  expect(snapshot.method).toBe("table locks");
  await root.run(`KILL ${slow.connectionId}`);
  await statement;
  await expectUnlocked();
});

test("a lock that is not granted in time is given up, and with it the queue of writers behind it", async () => {
  await createBusyTables(root, database);
  const blocker = await open(server.address, "control");
  await blocker.run(`LOCK TABLES ${database}.log WRITE`);
  const { openAll } = await openReaders(server.address);
  // A writer that queued behind the pending lock for longer than this would fail, and the test with it.
  const writer = await open(server.address, "control");
  await writer.run("SET SESSION lock_wait_timeout = 2");
  let writing = true;
  const writes = (async (): Promise<number> => {
    let done = 0;
    for (; writing; done++) await writer.run(`INSERT INTO ${database}.visitors VALUES (${done + 10}, 1)`);
    return done;
  })();
  const events: RunEvent[] = [];
  // Without a lock a snapshot needs a moment without writes: the writer ends once both locks are given up.
  const onEvent = (event: RunEvent): void => {
    events.push(event);
    writing &&= codes(events).length < 2;
  };
  const { snapshot } = await take(server.address, { openAll, lockTimeoutSeconds: 1, onEvent });
  expect(await writes).toBeGreaterThan(0);
  expect(codes(events)).toEqual(["lock-timeout", "lock-timeout"]);
  expect(texts(events)).toEqual([
    "No global read lock: it was not granted in 5 tries within 1 s and was given up so that writers go on.",
    "No table locks: it was not granted in 5 tries within 1 s and was given up so that writers go on.",
  ]);
  expect(snapshot).toMatchObject({ method: "no lock, position unchanged", lockMs: 0 });
  await root.run(`INSERT INTO ${database}.visitors VALUES (1, 1)`);
  await blocker.run("UNLOCK TABLES");
  await expectUnlocked();
});

test.each([
  {
    what: "fail to open",
    openAll: () => Promise.reject(new Error("worker 3 fell over")),
    message: /worker 3 fell over/,
  },
  { what: "never open", openAll: () => new Promise<void>(() => {}), message: /not all open within 1 s/ },
])("when workers $what, the lock is released", async ({ openAll, message }) => {
  await createBusyTables(root, database);
  await expect(take(server.address, { openAll, lockTimeoutSeconds: 1 })).rejects.toThrow(message);
  await expectUnlocked();
  await expect(take(locker, { openAll, lockTimeoutSeconds: 1 })).rejects.toThrow(message);
  await expectUnlocked();
});

test("when the connection that holds the lock is lost, there is no snapshot and no lock", async () => {
  await createBusyTables(root, database);
  const control = await open(server.address, "control");
  const openAll = async (): Promise<void> => {
    await root.run(`KILL ${control.connectionId}`);
  };
  await expect(take(server.address, { control, openAll })).rejects.toThrow(/lost/);
  await expectUnlocked();
});

test("a source that takes no writes needs no lock", async () => {
  await createBusyTables(root, database);
  const { openAll } = await openReaders(onlyReader);
  await root.run("SET GLOBAL super_read_only = ON");
  try {
    const { snapshot, events } = await take(onlyReader, { openAll });
    expect(snapshot).toMatchObject({ method: "no lock, read only source", lockMs: 0 });
    expect(codes(events)).toEqual([]);
  } finally {
    await root.run("SET GLOBAL read_only = OFF");
  }
});

test("without GTIDs there is a snapshot without position under a lock, and none without", async () => {
  await createBusyTables(root, database);
  const { openAll } = await openReaders(onlyReader);
  for (const mode of ["ON_PERMISSIVE", "OFF_PERMISSIVE", "OFF"]) await root.run(`SET GLOBAL gtid_mode = ${mode}`);
  try {
    expect((await take(locker, { openAll })).snapshot).toMatchObject({ method: "table locks", position: null });
    await expect(take(onlyReader, { openAll })).rejects.toThrow(/Without GTIDs only a lock/);
    await root.run("SET GLOBAL super_read_only = ON");
    expect((await take(server.address, { openAll })).snapshot).toMatchObject({
      method: "no lock, read only source",
      position: null,
    });
  } finally {
    await root.run("SET GLOBAL read_only = OFF");
    for (const mode of ["OFF_PERMISSIVE", "ON_PERMISSIVE", "ON"]) await root.run(`SET GLOBAL gtid_mode = ${mode}`);
  }
});
