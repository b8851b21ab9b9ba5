import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { stringify } from "yaml";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { type CliResult, vtpipe } from "../../support/cli.ts";
import { targetTables } from "../../support/database.ts";
import { type OwnServer, startOwnServer } from "../source/own-server.ts";
import { byId, fromEnvironment } from "./migration.ts";

/** The statements vtpipe may send to a source. None of them writes: what is not named here fails the test. */
const allowed: Readonly<Record<string, RegExp>> = {
  "SELECT, also with WITH":
    /^(WITH\b[\s\S]*?\)\s*)?\(?SELECT\b(?![\s\S]*\b(INTO\s+(OUTFILE|DUMPFILE|@)|FOR\s+UPDATE|FOR\s+SHARE|LOCK\s+IN)\b)/i,
  SHOW: /^SHOW\b/i,
  EXPLAIN: /^EXPLAIN\b(?!\s+ANALYZE)/i,
  "SET of the session": /^SET (NAMES utf8mb4$|SESSION \w+ =|@\w+ =)(?![\s\S]*\b(GLOBAL|PERSIST|PERSIST_ONLY)\b)/i,
  "START TRANSACTION, read only": /^START TRANSACTION (WITH CONSISTENT SNAPSHOT, )?READ ONLY$/i,
  "the end of it": /^(COMMIT|ROLLBACK)$/i,
  "the global read lock": /^FLUSH TABLES WITH READ LOCK$/i,
  "read locks on tables": /^LOCK TABLES (`[^`]+`\.`[^`]+` READ(, )?)+$/i,
  "the backup lock": /^(LOCK INSTANCE FOR BACKUP|UNLOCK INSTANCE)$/i,
  "no lock": /^UNLOCK TABLES$/i,
  "KILL QUERY": /^KILL QUERY \d+$/i,
};

const kindOf = (sql: string): string | null =>
  Object.entries(allowed).find(([, pattern]) => pattern.test(sql.trim()))?.[0] ?? null;

describe("the list of allowed statements", () => {
  test.each([
    ...["INSERT INTO t VALUES (1)", "UPDATE t SET a = 1", "DELETE FROM t", "REPLACE INTO t VALUES (1)", "TRUNCATE t"],
    ...["CREATE TEMPORARY TABLE t (a INT)", "DROP TABLE t", "ANALYZE TABLE t", "OPTIMIZE TABLE t", "CALL p()"],
    ...["SELECT 1 INTO OUTFILE 'x'", "SELECT a FROM t FOR UPDATE", "SELECT a FROM t LOCK IN SHARE MODE"],
    ...["SET GLOBAL a = 1", "SET SESSION a = 1, GLOBAL b = 2", "SET PERSIST a = 1", "FLUSH TABLES", "FLUSH LOGS"],
    ...["START TRANSACTION", "LOCK TABLES `d`.`t` WRITE", "KILL 7", "EXPLAIN ANALYZE DELETE FROM t", "XA START 'x'"],
    ...["WITH r AS (SELECT 1) DELETE FROM t", "PURGE BINARY LOGS TO 'x'", "RESET BINARY LOGS AND GTIDS"],
  ])("does not have %s", (sql) => expect(kindOf(sql)).toBeNull());
});

const database = "untouched";
const [people, orders] = ["untouched_people", "untouched_orders"];
let server: OwnServer;
let root: Session;
let folder: string;
let target: AsyncDisposable;
let environment: Record<string, string>;

const peopleColumns = "id BIGINT NOT NULL PRIMARY KEY, email VARCHAR(200) NOT NULL, note TEXT, seen TIMESTAMP NULL";
const hashedColumns = peopleColumns.replace("VARCHAR(200)", "CHAR(64) CHARACTER SET ascii COLLATE ascii_bin");
const ordersColumns = "id BIGINT NOT NULL, line INT NOT NULL, price DECIMAL(10,2), PRIMARY KEY (id, line)";

beforeAll(async () => {
  server = await startOwnServer("untouched", ["--general-log=ON", "--log-output=TABLE"]);
  root = await openSession(server.address, { purpose: "target" });
  await root.run(`CREATE DATABASE ${database}`);
  await root.run(`USE ${database}`);
  await root.run("SET SESSION cte_max_recursion_depth = 5000");
  const numbers = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3000)";
  await root.run(`CREATE TABLE ${people} (${peopleColumns})`);
  await root.run(`INSERT INTO ${people} ${numbers} SELECT n, CONCAT(n, '@example.org'), REPEAT('n', 200), NULL FROM r`);
  await root.run(`CREATE TABLE ${orders} (${ordersColumns})`);
  await root.run(`INSERT INTO ${orders} ${numbers} SELECT n DIV 3, n, n / 4 FROM r`);
  await root.run(`CREATE VIEW seen AS SELECT id FROM ${people}`);
  await root.run(`CREATE TRIGGER noted BEFORE UPDATE ON ${people} FOR EACH ROW SET NEW.note = 'changed'`);
  for (const table of [people, orders]) await root.run(`ANALYZE TABLE ${table}`);
  // None of these lets anybody write; TRIGGER and EVENT, which list what does not move, would let make some.
  const reader = await server.account(
    "reader",
    `SELECT, SHOW VIEW ON ${database}.*`,
    "FLUSH_TABLES, REPLICATION CLIENT, REPLICATION SLAVE ON *.*",
    "BACKUP_ADMIN, SHOW_ROUTINE, PROCESS ON *.*",
  );
  target = await targetTables(
    {
      [people]: { create: `CREATE TABLE ${people} (${hashedColumns})`, vschema: byId },
      [orders]: { create: `CREATE TABLE ${orders} (${ordersColumns})`, vschema: byId },
    },
    { run_hash: { type: "hash" } },
  );
  folder = await mkdtemp(join(tmpdir(), "vtpipe-untouched-"));
  const gate = inject("vtgate");
  environment = { SOURCE_PASSWORD: reader.password ?? "", TARGET_PASSWORD: gate.password };
  const config = {
    version: 1,
    source: {
      url: `mysql://${reader.user}@${reader.host}:${reader.port}/${database}`,
      password: fromEnvironment("SOURCE_PASSWORD"),
    },
    target: {
      url: `vtgate://${gate.user}@${gate.host}:${gate.port}/${gate.keyspace}`,
      password: fromEnvironment("TARGET_PASSWORD"),
    },
    directory: "./run",
    workers: 2,
    chunkBytes: "64KiB",
    limits: { threadsRunning: 1000, sourceLagSeconds: 600, targetLagSeconds: 600, historyListLength: 10_000_000 },
    tables: {
      rules: { [people]: { transforms: [{ hash: { column: "email", salt: "pepper" } }] } },
    },
  };
  await writeFile(join(folder, "vtpipe.yaml"), stringify(config));
});

afterAll(async () => {
  await root?.close();
  await server?.[Symbol.asyncDispose]();
  await target?.[Symbol.asyncDispose]();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<CliResult> => vtpipe(args, { cwd: folder, env: environment });

async function ask(sql: string): Promise<string> {
  return JSON.stringify(await root.query(sql));
}

/** Whatever a write would change. */
async function stateOfSource(): Promise<string> {
  return [
    await ask("SELECT @@GLOBAL.gtid_executed AS executed"),
    await ask(`CHECKSUM TABLE ${people}, ${orders}`),
    await ask(
      `SELECT TABLE_NAME, CREATE_TIME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${database}' ORDER BY 1`,
    ),
    await ask("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY 1"),
    await ask("SELECT * FROM performance_schema.persisted_variables"),
  ].join("\n");
}

/** What the server has logged of our account: what kind of command it was, and its text. */
async function logged(): Promise<{ readonly type: string; readonly sql: string }[]> {
  const rows = await root.query(
    "SELECT command_type AS type, CONVERT(argument USING utf8mb4) AS sql_text FROM mysql.general_log WHERE user_host LIKE 'reader%' ORDER BY event_time",
  );
  return rows.map((row) => ({ type: row["type"] ?? "", sql: row["sql_text"] ?? "" }));
}

test("the account may not write anywhere", async () => {
  const grants = (await root.query("SHOW GRANTS FOR 'reader'@'127.0.0.1'")).map((row) => Object.values(row)[0] ?? "");
  const writes =
    /\b(ALL|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|INDEX|REFERENCES|TRIGGER|EVENT|LOCK TABLES|FILE|SUPER|GRANT OPTION|EXECUTE|SYSTEM_VARIABLES_ADMIN|SESSION_VARIABLES_ADMIN|PERSIST_RO_VARIABLES_ADMIN|BINLOG_ADMIN|CONNECTION_ADMIN|REPLICATION_APPLIER)\b/;
  expect(grants.length).toBeGreaterThan(1);
  expect(grants.filter((grant) => writes.test(grant.replace(/^GRANT /, "")))).toEqual([]);
});

test("every command that knows a source works with it, and no statement of theirs writes there", async () => {
  const before = await stateOfSource();
  const commands = [
    ["plan", "--scan"],
    ["schema", "print"],
    ["types", "-o", "source.d.ts"],
    ["transform", "preview", "--full"],
    ["bench", "source", "--seconds", "1"],
    ["dump"],
    ["run"],
    ["verify"],
    ["verify", "--leaks"],
    ["status"],
    ["follow", "--until-snapshot"],
    ["follow", "--until-caught-up"],
  ];
  for (const command of commands) {
    const { error, exitCode, stderr } = await run(...command);
    expect(error, command.join(" ")).toBeNull();
    expect(exitCode, `${command.join(" ")}: ${stderr}`).toBe(0);
  }
  expect(await stateOfSource()).toBe(before);

  // A change for follow to carry on, which is the only one here, and not ours.
  await root.run(`UPDATE ${people} SET seen = '2026-01-02 03:04:05' WHERE id < 50`);
  const changed = await stateOfSource();
  expect((await run("follow", "--until-caught-up")).error).toBeNull();
  expect((await run("follow", "--finish")).error).toBeNull();
  expect(await stateOfSource()).toBe(changed);

  const log = await logged();
  const statements = log.filter(({ type }) => ["Query", "Prepare", "Execute"].includes(type));
  const others = [...new Set(log.map(({ type }) => type))].filter(
    (type) => !["Query", "Prepare", "Execute"].includes(type),
  );
  expect(statements.filter(({ sql }) => kindOf(sql) === null)).toEqual([]);
  // Logging in and out, and the binary log.
  expect(
    others.filter((type) => !/^(Connect|Quit|Init DB|Ping|Binlog Dump( GTID)?|Register (Slave|Replica))$/.test(type)),
  ).toEqual([]);
  const kinds = new Set(statements.map(({ sql }) => kindOf(sql)));
  for (const kind of ["the global read lock", "the backup lock", "START TRANSACTION, read only", "SHOW", "EXPLAIN"]) {
    expect(kinds, kind).toContain(kind);
  }
  process.stderr.write(
    `source untouched: ${statements.length} statements of ${commands.length + 2} commands, ${kinds.size} kinds\n`,
  );
});
