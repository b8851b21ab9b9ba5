import { createConnection } from "mysql2";
import { describe, expect, test } from "vitest";
import { cutConnection } from "../../../src/mysql/mysql2-internals.ts";
import { startRows } from "../../../src/mysql/raw-rows.ts";
import { openReadSocket } from "../../../src/mysql/read-socket.ts";
import { openSession } from "../../../src/mysql/session.ts";
import { inOwnDatabase, serverAddress } from "./own-database.ts";

/** 1,000,000 rows of about 1 kB: far more than sockets and batches hold. */
const endless =
  "WITH RECURSIVE d AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 100) SELECT a.n, REPEAT('x', 1000) FROM d a, d b, d c";

/** mysql2's private socket, which the tests look at. */
interface Socket {
  readonly bytesRead: number;
  isPaused(): boolean;
}

type Kind = "plain" | "TLS" | "read socket";

function openRaw(kind: Kind) {
  const address = serverAddress();
  const { host, port, user, password } = address;
  const connection = createConnection({
    host,
    port,
    user,
    ...(password === null ? {} : { password }),
    flags: ["-CLIENT_QUERY_ATTRIBUTES"],
    ...(kind === "TLS" ? { ssl: { rejectUnauthorized: false } } : {}),
    ...(kind === "read socket" ? { stream: () => openReadSocket(address) } : {}),
  });
  return { connection, socket: () => (connection as unknown as { stream: Socket }).stream };
}

const never = (): Error => new Error("the result was broken off");

describe.each<Kind>(["plain", "TLS", "read socket"])("over a socket: %s", (kind) => {
  test("a consumer that lags stops the socket, and the server with it", async () => {
    const { connection, socket } = openRaw(kind);
    await new Promise((resolve) => connection.once("connect", resolve));
    const rows = startRows(connection, endless, { batchBytes: 100_000 }, never);
    await rows.next();
    while (!socket().isPaused()) await new Promise((resolve) => setImmediate(resolve));
    const readWhenPaused = socket().bytesRead;
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(socket().bytesRead - readWhenPaused).toBeLessThanOrEqual(200_000);
    expect(socket().bytesRead).toBeLessThan(2_000_000);
    for (let i = 0; i < 50 && socket().bytesRead === readWhenPaused; i++) await rows.next();
    expect(socket().bytesRead).toBeGreaterThan(readWhenPaused);
    cutConnection(connection);
  });

  test("what mysql2 keeps of a read that is not the whole answer stays as it came", async () => {
    const { connection } = openRaw(kind);
    const text = "SELECT REPEAT('abcdefghij', 300000) AS a, REPEAT('0123456789', 300000) AS b";
    const [row] = await new Promise<{ a: string; b: string }[]>((resolve, reject) => {
      connection.query(text, (error, result) =>
        error ? reject(error) : resolve(result as { a: string; b: string }[]),
      );
    });
    expect(row?.a === "abcdefghij".repeat(300_000) && row.b === "0123456789".repeat(300_000)).toBe(true);
    cutConnection(connection);
  });

  test("afterwards mysql2 goes on with its own statements", async () => {
    const { connection } = openRaw(kind);
    await new Promise((resolve) => connection.once("connect", resolve));
    for (let time = 0; time < 3; time++) {
      const rows = startRows(
        connection,
        "SELECT 1 UNION ALL SELECT 22 UNION ALL SELECT NULL",
        { batchBytes: 1000 },
        never,
      );
      const batch = await rows.next();
      expect(batch?.bytes.toString("latin1")).toBe("\x011\x0222\xfb");
      expect(Array.from(batch?.offsets.subarray(0, 4) ?? [])).toEqual([0, 2, 5, 6]);
      expect(await rows.next()).toBeNull();
      const found = await new Promise((resolve, reject) => {
        connection.query("SELECT 5 AS five", (error, result) => (error ? reject(error) : resolve(result)));
      });
      expect(found).toEqual([{ five: 5 }]);
    }
    cutConnection(connection);
  });
});

test("a mysql2 that is built otherwise is refused before anything is sent", () => {
  expect(() => startRows({ query() {} } as never, "SELECT 1", { batchBytes: 1000 }, never)).toThrow(/mysql2/);
});

test("a result that the server breaks off is an error, not an end", async () => {
  await using session = await openSession(serverAddress(), { purpose: "source" });
  let rows = 0;
  const reading = (async () => {
    const sql =
      "WITH RECURSIVE d AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 900)" +
      " SELECT n, IF(n = 800, (SELECT 1 UNION SELECT 2), REPEAT('x', 500)) FROM d";
    for await (const batch of session.readRows(sql, { batchBytes: 10_000 })) rows += batch.rows;
  })();
  await expect(reading).rejects.toMatchObject({ code: "source", context: { errno: 1242 }, retryable: false });
  expect(rows).toBeGreaterThan(0);
  expect(await session.query("SELECT 1 AS one")).toEqual([{ one: "1" }]);
});

test("a connection lost in the middle of a result is an error that may be tried again", async () => {
  await using session = await openSession(serverAddress(), { purpose: "source" });
  await using killer = await openSession(serverAddress(), { purpose: "control" });
  const reading = (async () => {
    for await (const _ of session.readRows(endless)) {
      await killer.run(`KILL ${session.connectionId}`).catch(() => {});
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: "source", retryable: true });
  await expect(session.query("SELECT 1")).rejects.toMatchObject({ code: "source", retryable: true });
});

test("a query killed on the server is an error", async () => {
  await using session = await openSession(serverAddress(), { purpose: "source" });
  await using killer = await openSession(serverAddress(), { purpose: "control" });
  const reading = (async () => {
    for await (const _ of session.readRows(endless)) await killer.run(`KILL QUERY ${session.connectionId}`);
  })();
  await expect(reading).rejects.toMatchObject({ code: "source", context: { errno: 1317 } });
});

test("leaving the loop ends the query and keeps the session and its transaction", async () => {
  await inOwnDatabase("vt_mysql_leave", async (writer, address) => {
    await writer.run("CREATE TABLE t (id int primary key)");
    await using session = await openSession(address, { purpose: "source" });
    await session.run("START TRANSACTION WITH CONSISTENT SNAPSHOT");
    await writer.run("INSERT INTO t VALUES (1)");
    for await (const batch of session.readRows(endless)) {
      expect(batch.rows).toBeGreaterThan(100);
      break;
    }
    const [count] = await session.query("SELECT COUNT(*) AS n FROM t");
    expect(count?.["n"]).toBe("0");
    const running = await writer.query(
      `SELECT COUNT(*) AS n FROM performance_schema.processlist WHERE id = ${session.connectionId} AND command = 'Query'`,
    );
    expect(running).toEqual([{ n: "0" }]);
  });
});

test("an aborted signal interrupts the read and leaves the session usable", async () => {
  await using session = await openSession(serverAddress(), { purpose: "source" });
  const stop = new AbortController();
  const reading = (async () => {
    for await (const _ of session.readRows(endless, { signal: stop.signal })) stop.abort();
  })();
  await expect(reading).rejects.toMatchObject({ code: "interrupted" });
  expect(await session.query("SELECT 1 AS one")).toEqual([{ one: "1" }]);
  const before = (async () => {
    for await (const _ of session.readRows("SELECT 1", { signal: stop.signal })) expect.unreachable();
  })();
  await expect(before).rejects.toMatchObject({ code: "interrupted" });
});

test("a signal aborted while the server is silent interrupts the read", async () => {
  await using session = await openSession(serverAddress(), { purpose: "source" });
  await using control = await openSession(serverAddress(), { purpose: "control" });
  const stop = new AbortController();
  const reading = (async () => {
    for await (const _ of session.readRows("SELECT SLEEP(600)", { signal: stop.signal })) expect.unreachable();
  })();
  const sleeping = `SELECT 1 FROM performance_schema.processlist WHERE id = ${session.connectionId} AND command = 'Query'`;
  while ((await control.query(sleeping)).length === 0);
  stop.abort();
  await expect(reading).rejects.toMatchObject({ code: "interrupted" });
  expect(await control.query(sleeping)).toEqual([]);
});

test("a statement without rows and a second statement during a read are refused", async () => {
  await using session = await openSession(serverAddress(), { purpose: "source" });
  for await (const _ of session.readRows(endless)) {
    await expect(session.query("SELECT 1")).rejects.toMatchObject({ code: "internal" });
    break;
  }
  const reading = (async () => {
    for await (const _ of session.readRows("SET @a = 1")) expect.unreachable();
  })();
  await expect(reading).rejects.toMatchObject({ code: "source", message: expect.stringContaining("no rows") });
});
