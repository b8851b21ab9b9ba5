import { afterAll, beforeAll, expect, test } from "vitest";
import type { TableSchema } from "../../../src/contracts/schema.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { inspectDatabase } from "../../../src/source/inspect.ts";
import { jsonScalarRows } from "../../../src/source/preflight/json-scalars.ts";
import { lossyTextRows, suspectTextColumns } from "../../../src/source/preflight/lossy-text.ts";
import { mayPassLimit, oversizedRows } from "../../../src/source/preflight/oversized-rows.ts";
import { runPreflight } from "../../../src/source/preflight/run-preflight.ts";
import { inOwnDatabase, inspectOne } from "./own-database.ts";
import { type OwnServer, startOwnServer } from "./own-server.ts";

const database = "source_preflight";
let server: OwnServer;
let root: Session;

beforeAll(async () => {
  server = await startOwnServer("preflight");
  root = await openSession(server.address, { purpose: "control" });
  await root.run(`CREATE DATABASE ${database}`);
  await root.run(`USE ${database}`);
  await root.run("CREATE TABLE good (id INT PRIMARY KEY)");
  await root.run("CREATE TABLE other (id INT PRIMARY KEY, secret INT)");
});

afterAll(async () => {
  await root?.close();
  await server?.[Symbol.asyncDispose]();
});

async function codesFor(session: Session): Promise<string[]> {
  const { tables } = await inspectDatabase(session, database);
  const findings = await runPreflight({ session, database, tables });
  for (const { text, todo } of findings) {
    expect(text).toMatch(/\.$/);
    expect(todo.length).toBeGreaterThan(10);
  }
  return findings.map(({ severity, code, table }) => [severity, code, table ?? ""].join(" ").trim());
}

const hidden = "warning hidden-objects";
const oneLock = "warning missing-lock-tables";
const unprivileged = [
  ...["warning missing-backup-admin", "warning missing-replication-client", "warning missing-process"],
  hidden,
];

test("a source in order with every privilege has nothing to say", async () => {
  expect(await codesFor(root)).toEqual([]);
});

test.each([
  {
    who: "reads_all",
    grants: [`SELECT ON ${database}.*`, "FLUSH_TABLES, BACKUP_ADMIN, REPLICATION CLIENT, PROCESS ON *.*"],
    codes: [oneLock, hidden],
  },
  { who: "reloads", grants: [`SELECT ON ${database}.*`, "RELOAD ON *.*"], codes: [oneLock, ...unprivileged] },
  {
    who: "locks",
    grants: [`SELECT, LOCK TABLES ON ${database}.*`],
    codes: ["warning missing-flush-tables", ...unprivileged],
  },
  {
    who: "reads_table",
    grants: [`SELECT ON ${database}.good`],
    codes: ["warning select-on-tables-only", "warning missing-flush-tables", ...unprivileged],
  },
  {
    who: "reads_column",
    grants: [`SELECT ON ${database}.good`, `SELECT (id) ON ${database}.other`],
    codes: ["refusal missing-grant other", "warning missing-flush-tables", ...unprivileged],
  },
  {
    who: "reads_nothing",
    grants: ["PROCESS ON *.*"],
    codes: ["refusal missing-grant", "warning missing-flush-tables", ...unprivileged.slice(0, 2), hidden],
  },
])("an account that $who is told what it lacks", async ({ who, grants, codes }) => {
  await using session = await openSession(await server.account(who, ...grants), { purpose: "source" });
  expect(await codesFor(session)).toEqual(codes);
});

test("privileges that come with an active role count", async () => {
  const address = await server.account("by_role", "USAGE ON *.*");
  await root.run("CREATE ROLE dumper, `re``loader`@'%'");
  await root.run(`GRANT SELECT ON ${database}.* TO dumper`);
  await root.run("GRANT RELOAD, BACKUP_ADMIN, REPLICATION CLIENT, PROCESS, SHOW_ROUTINE ON *.* TO `re``loader`");
  await root.run(`GRANT TRIGGER, EVENT, LOCK TABLES ON ${database}.* TO \`re\`\`loader\``);
  await root.run("GRANT dumper, `re``loader` TO by_role@'127.0.0.1'");
  await root.run("SET DEFAULT ROLE ALL TO by_role@'127.0.0.1'");
  await using session = await openSession(address, { purpose: "source" });
  expect(await codesFor(session)).toEqual([]);
});

test("the missing SELECT is named with the GRANT to run", async () => {
  await using session = await openSession(await server.account("o@dd", "USAGE ON *.*"), { purpose: "source" });
  const [finding] = await runPreflight({ session, database, tables: [] });
  expect(finding?.todo).toContain(`GRANT SELECT ON \`${database}\`.* TO 'o@dd'@'127.0.0.1'`);
});

test("a binary log and GTIDs that cannot carry a handoff are warned of", async () => {
  await root.run("SET GLOBAL binlog_format = 'STATEMENT'");
  await root.run("SET GLOBAL binlog_row_image = 'MINIMAL'");
  for (const mode of ["ON_PERMISSIVE", "OFF_PERMISSIVE"]) await root.run(`SET GLOBAL gtid_mode = ${mode}`);
  try {
    expect(await codesFor(root)).toEqual([
      ...["warning binary-log-format", "warning binary-log-row-image", "warning gtid-off"],
    ]);
  } finally {
    for (const mode of ["ON_PERMISSIVE", "ON"]) await root.run(`SET GLOBAL gtid_mode = ${mode}`);
    await root.run("SET GLOBAL binlog_format = DEFAULT");
    await root.run("SET GLOBAL binlog_row_image = DEFAULT");
  }
});

test("tagged GTIDs are warned of by tag", async () => {
  await using session = await openSession(server.address, { purpose: "control" });
  await session.run("SET gtid_next = 'AUTOMATIC:audit'");
  await session.run(`INSERT INTO ${database}.good VALUES (99)`);
  const { tables } = await inspectDatabase(root, database);
  const findings = await runPreflight({ session: root, database, tables });
  expect(findings).toMatchObject([{ code: "gtid-tagged", text: expect.stringContaining("(audit)") }]);
  await session.run("SET gtid_next = 'AUTOMATIC'");
  await root.run("RESET BINARY LOGS AND GTIDS");
});

test("tables that cannot be moved, or not in chunks, are named", async () => {
  await root.run("SET SESSION sql_generate_invisible_primary_key = ON");
  await root.run("CREATE TABLE keyless_made (a INT)");
  await root.run("SET SESSION sql_generate_invisible_primary_key = OFF");
  await root.run("CREATE TABLE keyless (a INT)");
  await root.run("CREATE TABLE by_set (a SET('x') PRIMARY KEY)");
  await root.run("CREATE TABLE old (a INT PRIMARY KEY) ENGINE=MyISAM");
  try {
    expect(await codesFor(root)).toEqual([
      "refusal no-consistent-snapshot old",
      "warning no-chunk-key by_set",
      "warning no-chunk-key keyless",
      "warning generated-invisible-key keyless_made",
    ]);
  } finally {
    await root.run("DROP TABLE keyless_made, keyless, by_set, old");
  }
});

const columnOf = (table: TableSchema, name: string) =>
  table.columns.find((column) => column.name === name) ?? expect.fail();

test("rows beyond a limit are found by key, and only where a row could be", async () => {
  await inOwnDatabase("source_oversized", async (session, own) => {
    await session.run(
      "CREATE TABLE t (a INT, b VARBINARY(4), doc JSON, txt MEDIUMTEXT, twice MEDIUMTEXT AS (CONCAT(txt, txt)), PRIMARY KEY (a, b))",
    );
    await session.run(
      "INSERT INTO t (a, b, doc, txt) VALUES (1, x'ff', NULL, REPEAT('x', 900)), (2, '', '[1]', REPEAT('é', 500)), (3, x'0001', JSON_ARRAY(REPEAT('j', 999)), NULL)",
    );
    const table = await inspectOne(session, own, "t");
    expect(await oversizedRows(session, table, 1_000)).toEqual([
      { key: "a=2, b=0x", value: "1004" },
      { key: "a=3, b=0x0001", value: "1006" },
    ]);
    expect(mayPassLimit(table, 16 << 20)).toBe(true);
    await session.run("CREATE TABLE small (id INT PRIMARY KEY, name VARCHAR(200))");
    expect(mayPassLimit(await inspectOne(session, own, "small"), 1_000)).toBe(false);
  });
});

test("text that does not survive the way over utf8mb4 is found", async () => {
  await inOwnDatabase("source_lossy_text", async (session, own) => {
    await session.run(
      "CREATE TABLE t (id INT PRIMARY KEY, j VARCHAR(20) CHARACTER SET cp932, l VARCHAR(20) CHARACTER SET latin1)",
    );
    await session.run("INSERT INTO t VALUES (1, _cp932 x'8754', x'81'), (2, _cp932 x'FA4A', 'é'), (3, NULL, NULL)");
    const table = await inspectOne(session, own, "t");
    expect(suspectTextColumns(table).map((column) => column.name)).toEqual(["j"]);
    expect(await lossyTextRows(session, table, columnOf(table, "j"))).toEqual([{ key: "id=2", value: "FA4A" }]);
    expect(await lossyTextRows(session, table, columnOf(table, "l"))).toEqual([]);
  });
});

test("documents with scalars that JSON text cannot hold are found at any depth", async () => {
  await inOwnDatabase("source_json_scalars", async (session, own) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, doc JSON)");
    const docs = [
      `'{"a": [1, 2.5, 1e308, "x", null, true, {"b": []}], "n": 18446744073709551615}'`,
      "JSON_OBJECT('a', JSON_ARRAY(1, JSON_OBJECT('b', CAST(1.10 AS DECIMAL(5, 2)))))",
      "JSON_ARRAY(JSON_ARRAY(DATE '2024-01-01'))",
      "CAST(TIMESTAMP '2024-01-01 10:00:00' AS JSON)",
      "JSON_OBJECT('blob', CAST('x' AS BINARY))",
      "NULL",
      "'7'",
    ];
    await session.run(`INSERT INTO t VALUES ${docs.map((doc, id) => `(${id}, ${doc})`).join(", ")}`);
    const table = await inspectOne(session, own, "t");
    const found = await jsonScalarRows(session, table, columnOf(table, "doc"));
    expect(found.map(({ key }) => key)).toEqual(["id=1", "id=2", "id=3", "id=4"]);
  });
});
