import { expect, inject, test } from "vitest";
import { noTls } from "../../../src/mysql/server-url.ts";
import { openSession } from "../../../src/mysql/session.ts";
import { scanTables } from "../../../src/run/scan.ts";
import { newStopSignal } from "../../../src/run/stop-signal.ts";
import { inspectDatabase } from "../../../src/source/inspect.ts";
import { testDatabase } from "../../support/database.ts";

test("a scan names the rows that would not arrive as they are, and is silent about the others", async () => {
  await using database = await testDatabase("vt_scan");
  await database.query("CREATE TABLE texts (id INT PRIMARY KEY, j VARCHAR(20) CHARACTER SET cp932, u TEXT)");
  await database.query("INSERT INTO texts VALUES (1, x'8754', 'é'), (2, x'FA4A', '漢')");
  await database.query("CREATE TABLE docs (id INT PRIMARY KEY, d JSON)");
  await database.query(
    "INSERT INTO docs VALUES (1, '{\"a\": 1.5}'), (2, JSON_OBJECT('a', CAST('1.10' AS DECIMAL(5,2))))",
  );
  await database.query("CREATE TABLE big (id INT PRIMARY KEY, b LONGBLOB)");
  await database.query("INSERT INTO big VALUES (1, REPEAT('x', 100)), (2, REPEAT('x', 9000000))");
  const { host, port, user, password } = inject("source");
  const address = { scheme: "mysql", host, port, user, password, database: "vt_scan", socketPath: null } as const;
  await using session = await openSession({ ...address, tls: noTls }, { purpose: "control" });
  const { tables } = await inspectDatabase(session, "vt_scan");
  const findings = await scanTables(session, tables, newStopSignal());
  expect(
    findings.map(({ code, table, column, text }) => [code, table, column, /id=\d+(; id=\d+)*/.exec(text)?.[0]]),
  ).toEqual([
    ["large-row", "big", undefined, "id=2"],
    ["json-scalar", "docs", "d", "id=2"],
    ["lossy-text", "texts", "j", "id=2"],
  ]);
});
