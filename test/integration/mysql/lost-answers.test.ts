import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { ServerAddress } from "../../../src/mysql/server-url.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { type FaultProxy, faultProxy, type PlannedFault } from "../../support/fault-proxy.ts";
import { serverAddress } from "./own-database.ts";

let proxy: FaultProxy;
let address: ServerAddress;
beforeAll(async () => {
  proxy = await faultProxy(serverAddress());
  const { host, port } = proxy;
  address = { ...serverAddress(), host, port, silenceSeconds: 1 };
});
afterAll(() => proxy?.[Symbol.asyncDispose]());
beforeEach(() => proxy.plan(null));

const open = (): Promise<Session> => openSession(address, { purpose: "source" });
const numbers = (rows: number): string =>
  `WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows}) SELECT n, REPEAT('x', 100) FROM r`;

async function rowsOf(session: Session, sql: string): Promise<number> {
  let rows = 0;
  for await (const batch of session.readRows(sql)) rows += batch.rows;
  return rows;
}

const lost = { code: "source", retryable: true, message: expect.stringMatching(/ was lost: \S/) };

test.each<PlannedFault>([
  { fault: "silence", at: /FROM r$/ },
  { fault: "half-open", at: /FROM r$/, packet: 50 },
])("an answer that does not come, $fault at packet $packet: a statement ends, and so does a read", async (fault) => {
  for (const ask of [
    (session: Session) => session.query(numbers(500)),
    (session: Session) => rowsOf(session, numbers(500)),
  ]) {
    await using session = await open();
    proxy.plan(fault);
    await expect(ask(session)).rejects.toMatchObject({ ...lost, context: { fault: "SILENCE" } });
    expect(proxy.struck()).toBe(1);
    await expect(session.query("SELECT 1")).rejects.toMatchObject(lost);
  }
  proxy.endAll();
});

test("a server nobody reaches any more, not even by a new connection, is lost too", async () => {
  await using session = await openSession(address, { purpose: "source", connectTimeoutMs: 500 });
  const asked = session.query("SELECT SLEEP(60)").catch((error: unknown) => error);
  proxy.plan({ fault: "half-open", at: "login", times: 100 });
  expect(await asked).toMatchObject({ ...lost, context: { fault: "SILENCE" } });
  proxy.endAll();
});

test("a statement the server is at work on is waited for, as long as it takes", async () => {
  await using session = await open();
  expect(await session.query("SELECT SLEEP(4) AS slept")).toEqual([{ slept: "0" }]);
  expect(await rowsOf(session, "SELECT 1 UNION ALL SELECT SLEEP(4)")).toBe(2);
});

test("a reader that pauses is not silence of the server", async () => {
  await using session = await open();
  const sql =
    "WITH RECURSIVE d AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 100) SELECT REPEAT('x', 1000) FROM d a, d b";
  let rows = 0;
  for await (const batch of session.readRows(sql, { batchBytes: 100_000 })) {
    if (rows === 0) await new Promise((resolve) => setTimeout(resolve, 4000));
    rows += batch.rows;
  }
  expect(rows).toBe(10_000);
});

/** Of one answer of 500 rows: header, two column definitions, EOF, rows, EOF. */
test.each<PlannedFault & { readonly why: RegExp }>([
  { fault: "sequence", at: /FROM r$/, packet: 20, why: /packet number \d+ came where \d+ was due/ },
  { fault: "truncate", at: /FROM r$/, packet: 20, why: /packet number|did not|nothing has come/ },
  { fault: "corrupt", at: /FROM r$/, packet: 20, byte: 0, why: /packet number|nothing has come/ },
  { fault: "corrupt", at: /FROM r$/, packet: 0, byte: 4, why: /length that cannot be|no end/ },
  { fault: "tear", at: /FROM r$/, packet: 20, why: /./ },
  { fault: "cut-after", at: /FROM r$/, packet: 20, why: /./ },
  { fault: "rst", at: /FROM r$/, packet: 20, why: /./ },
])("$fault in an answer breaks statement and session, and nothing is printed", async ({ why, ...fault }) => {
  const printed = [vi.spyOn(console, "error"), vi.spyOn(console, "warn"), vi.spyOn(console, "log")];
  for (const ask of [
    (session: Session) => session.query(numbers(500)),
    (session: Session) => rowsOf(session, numbers(500)),
  ]) {
    await using session = await open();
    proxy.plan(fault);
    await expect(ask(session)).rejects.toMatchObject({ ...lost, message: expect.stringMatching(why) });
    expect(proxy.struck()).toBe(1);
    await expect(session.query("SELECT 1")).rejects.toMatchObject(lost);
  }
  for (const spy of printed) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});

test("what follows the end of a result in the same read shows that it was none", async () => {
  await using session = await open();
  // A short row whose first byte becomes that of an EOF packet.
  proxy.plan({ fault: "corrupt", at: /AS early/, packet: 3, byte: 4, becomes: 0xfe });
  const sql = "SELECT 'abcde' AS early UNION ALL SELECT 'fghij'";
  await expect(rowsOf(session, sql)).rejects.toMatchObject(lost);
});

test("a connection that the server ends says why, also when it was idle", async () => {
  await using session = await open();
  await using control = await openSession(serverAddress(), { purpose: "control" });
  await session.run("SET SESSION wait_timeout = 1");
  const there = `SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ${session.connectionId}`;
  while ((await control.query(there)).length > 0);
  await expect(session.query("SELECT 1")).rejects.toMatchObject({
    ...{ code: "source", retryable: true },
    message: expect.stringContaining("inactivity"),
  });
});

test("a write whose answer is lost is of unknown fate, a read is not", async () => {
  await using writer = await openSession(address, { purpose: "target" });
  proxy.plan({ fault: "cut-after", at: /^DO / });
  await expect(writer.run("DO 1")).rejects.toMatchObject({ now: expect.stringContaining("not known") });
  await using reader = await openSession(address, { purpose: "target" });
  proxy.plan({ fault: "cut-after", at: /^SELECT 7/ });
  await expect(reader.query("SELECT 7")).rejects.toMatchObject({ now: expect.stringContaining("Nothing was changed") });
});
