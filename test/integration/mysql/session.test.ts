import { expect, test } from "vitest";
import { openSession } from "../../../src/mysql/session.ts";
import { inOwnDatabase, serverAddress } from "./own-database.ts";

test("values come as text, exactly as the server prints them", async () => {
  await using session = await openSession(serverAddress(), { purpose: "control" });
  const [row] = await session.query(
    "SELECT 18446744073709551615 AS big, CAST('2024-01-02' AS DATE) AS day, NULL AS nothing, 'é😀?' AS text, 1.10 AS number",
  );
  expect(Object.entries(row ?? {})).toEqual([
    ["big", "18446744073709551615"],
    ["day", "2024-01-02"],
    ["nothing", null],
    ["text", "é😀?"],
    ["number", "1.10"],
  ]);
  expect(await session.query("SELECT 1 FROM dual WHERE 1 = 0")).toEqual([]);
});

test("a source session is pinned and cannot write", async () => {
  await inOwnDatabase("vt_mysql_pinned", async (writer, address) => {
    await writer.run("CREATE TABLE t (id int)");
    await using session = await openSession(address, { purpose: "source" });
    const [settings] = await session.query(
      "SELECT @@character_set_results AS charset, @@time_zone AS zone, @@sql_mode AS mode, @@max_execution_time AS longest, @@transaction_isolation AS isolation",
    );
    expect(settings).toEqual({
      charset: "utf8mb4",
      zone: "+00:00",
      mode: "",
      longest: "0",
      isolation: "REPEATABLE-READ",
    });
    await expect(session.run("INSERT INTO t VALUES (1)")).rejects.toMatchObject({ context: { errno: 1792 } });
    await session.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    await session.run("COMMIT");
    await session.run("FLUSH TABLES WITH READ LOCK");
    await session.run("UNLOCK TABLES");
  });
});

test("outcomes tell rows changed and warnings", async () => {
  await inOwnDatabase("vt_mysql_outcome", async (session) => {
    await session.run("CREATE TABLE t (id int primary key, name varchar(3))");
    expect(await session.run("INSERT INTO t VALUES (1, 'long name'), (2, 'b')")).toEqual({
      affectedRows: 2,
      warnings: 1,
      info: "Records: 2  Duplicates: 0  Warnings: 1",
    });
    expect(await session.run("UPDATE t SET name = 'b' WHERE id = 2")).toMatchObject({ affectedRows: 0 });
    await expect(session.run("INSERT INTO t VALUES (1, 'x')")).rejects.toMatchObject({
      code: "target",
      retryable: false,
      context: { errno: 1062, sqlState: "23000" },
      now: "The statement was not carried out.",
    });
  });
});

test("prepared statements take text, bytes and NULL, and one text can be prepared twice", async () => {
  await inOwnDatabase("vt_mysql_prepared", async (session) => {
    await session.run("CREATE TABLE t (id int primary key, name varchar(30), data varbinary(10))");
    const insert = "INSERT INTO t VALUES (?, ?, ?)";
    const first = await session.prepare(insert);
    const second = await session.prepare(insert);
    expect(await first.execute(["1", "é😀", Buffer.from([0, 255, 251])])).toMatchObject({
      affectedRows: 1,
      warnings: 0,
    });
    await first.close();
    await first.close();
    expect(await second.execute(["2", null, null])).toMatchObject({ affectedRows: 1 });
    await second.close();
    const third = await session.prepare(insert);
    expect(await third.execute(["3", "a", Buffer.alloc(0)])).toMatchObject({ affectedRows: 1 });
    await expect(third.execute(["3", "a", null])).rejects.toMatchObject({ code: "target", context: { errno: 1062 } });
    expect(await session.query("SELECT id, name, HEX(data) AS data FROM t ORDER BY id")).toEqual([
      { id: "1", name: "é😀", data: "00FFFB" },
      { id: "2", name: null, data: null },
      { id: "3", name: "a", data: "" },
    ]);
  });
});

test("unreachable servers, refused logins and unknown databases are told apart, without the password", async () => {
  const address = serverAddress();
  const open = (change: object): Promise<unknown> => openSession({ ...address, ...change }, { purpose: "source" });
  await expect(open({ port: 1 })).rejects.toMatchObject({ code: "unreachable", retryable: true });
  await expect(open({ host: "no-such-host.invalid" })).rejects.toMatchObject({ code: "unreachable" });
  await expect(open({ socketPath: "/nowhere/mysql.sock" })).rejects.toMatchObject({ code: "unreachable" });
  await expect(open({ database: "vt_mysql_no_such" })).rejects.toMatchObject({
    code: "access",
    context: { errno: 1049 },
  });
  const refused = await open({ user: "nobody_known", password: "s3cr3t-word" }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "access", context: { errno: 1045 } });
  expect(JSON.stringify(refused) + String((refused as Error).stack)).not.toContain("s3cr3t-word");
});

test("destroy and an aborted signal fail what is running; closing twice is harmless", async () => {
  const session = await openSession(serverAddress(), { purpose: "control" });
  const sleeping = session.query("SELECT SLEEP(600)");
  session.destroy();
  session.destroy();
  await expect(sleeping).rejects.toMatchObject({ code: "source" });
  await session.close();
  await expect(session.run("DO 1")).rejects.toMatchObject({ code: "source" });

  const stop = new AbortController();
  const other = await openSession(serverAddress(), { purpose: "control", signal: stop.signal });
  const waiting = other.query("SELECT SLEEP(600)");
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: "interrupted" });
  await expect(openSession(serverAddress(), { purpose: "control", signal: stop.signal })).rejects.toMatchObject({
    code: "interrupted",
  });
});

test("the server cannot fetch a local file", async () => {
  await inOwnDatabase("vt_mysql_infile", async (session) => {
    await session.run("CREATE TABLE t (line text)");
    await expect(session.run("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t")).rejects.toMatchObject({
      code: "target",
    });
  });
});
