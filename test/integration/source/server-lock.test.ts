import { expect, test } from "vitest";
import { openSession } from "../../../src/mysql/session.ts";
import { tryLock, unlock } from "../../../src/source/server-lock.ts";
import { inOwnDatabase, sourceAddress } from "./own-database.ts";

test("the watchdog ends a lock statement that lock_wait_timeout does not, and the session can go on", async () => {
  await inOwnDatabase("source_watchdog", async (watchdog) => {
    await using session = await openSession(sourceAddress(), { purpose: "control" });
    await watchdog.query("SELECT GET_LOCK('source_watchdog', 0)");
    const attempt = await tryLock(session, watchdog, "DO GET_LOCK('source_watchdog', 600)", 0.2);
    expect(attempt).toMatchObject({ granted: false, reason: "timeout" });
    expect(await session.query("SELECT 1 AS one")).toEqual([{ one: "1" }]);
    await watchdog.query("SELECT RELEASE_LOCK('source_watchdog')");
  });
});

test("a statement that ends well only after it was given up counts as not granted, and holds nothing", async () => {
  await inOwnDatabase("source_watchdog_late", async (watchdog) => {
    await watchdog.run("CREATE TABLE t (id INT)");
    await using session = await openSession(sourceAddress(), { purpose: "control" });
    await session.run("LOCK TABLES source_watchdog_late.t READ");
    // A killed SLEEP ends without an error.
    const attempt = await tryLock(session, watchdog, "DO SLEEP(600)", 0.2);
    expect(attempt).toMatchObject({ granted: false, reason: "timeout" });
    await watchdog.run("INSERT INTO t VALUES (1)");
  });
});

test("a lock is granted, and unlocking twice does no harm", async () => {
  await inOwnDatabase("source_lock_granted", async (watchdog) => {
    await watchdog.run("CREATE TABLE t (id INT)");
    await using session = await openSession(sourceAddress(), { purpose: "control" });
    const attempt = await tryLock(session, watchdog, "LOCK TABLES source_lock_granted.t READ", 20);
    expect(attempt).toMatchObject({ granted: true });
    await watchdog.run("SET SESSION lock_wait_timeout = 1");
    await expect(watchdog.run("INSERT INTO t VALUES (1)")).rejects.toMatchObject({ context: { errno: 1205 } });
    await unlock(session);
    await unlock(session);
    await watchdog.run("INSERT INTO t VALUES (1)");
  });
});
