import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { readerSql } from "../../../src/sandbox/accounts.ts";
import type { CliResult, ReportEvent } from "../../support/cli.ts";
import { root as repository } from "../../unit/house/repository.ts";
import { type OwnServer, startOwnServer } from "../source/own-server.ts";
import { type Migration, newMigration, onShards } from "./migration.ts";

interface Granted {
  readonly privilege: string;
  readonly on: string;
}

const database = "run_privileges";
const account = "'least'@'127.0.0.1'";
const table = "run_privileges_rows";
let migration: Migration;
let server: OwnServer;
let root: Session;

/** The GRANTs of README's chapter, for our account and database, one privilege each. */
const granted: readonly Granted[] = privilegesIn(await documented());

async function documented(): Promise<string[]> {
  const readme = await readFile(join(repository, "README.md"), "utf8");
  const [, sql = ""] = /\n## Privileges\n[\s\S]*?```sql\n([\s\S]*?)```/.exec(readme) ?? [];
  return sql.replace(/^--.*\n/gm, "").split(";\n");
}

function privilegesIn(statements: readonly string[]): Granted[] {
  return statements.flatMap((sql) => {
    const [, list = "", on = ""] = /^GRANT ([\w, ]+) ON (\S+) TO /.exec(sql) ?? [];
    const place = on.replace(/`\w+`/, `\`${database}\``);
    return list === "" ? [] : list.split(", ").map((privilege) => ({ privilege, on: place }));
  });
}

beforeAll(async () => {
  const create = `CREATE TABLE ${table} (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(40))`;
  migration = await newMigration(database, { [table]: { source: [create] } });
  // A server of our own: its locks and its position are nobody else's.
  server = await startOwnServer("privileges");
  root = await openSession(server.address, { purpose: "control" });
  for (const sql of [
    `CREATE DATABASE ${database}`,
    `USE ${database}`,
    create,
    `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 500) SELECT n, CONCAT('name ', n) FROM r`,
    `CREATE VIEW its_view AS SELECT id FROM ${table}`,
    `CREATE TRIGGER its_trigger BEFORE INSERT ON ${table} FOR EACH ROW SET NEW.name = UPPER(NEW.name)`,
    "CREATE EVENT its_event ON SCHEDULE EVERY 1 YEAR DISABLE DO DO 1",
    "CREATE PROCEDURE its_procedure() DO 1",
  ]) {
    await root.run(sql);
  }
  const { user, password } = await server.account("least");
  // A connection without TLS would be refused, of whatever part of a run it is.
  await root.run(`ALTER USER ${account} REQUIRE SSL`);
  const [data] = await root.query("SELECT @@datadir AS folder");
  const url = `mysql://${user}@127.0.0.1:${server.address.port}/${database}?tls=verify-ca&ca=${data?.["folder"]}ca.pem`;
  await migration.configure({ source: { url, password } });
});
afterAll(async () => {
  await root?.close();
  await server?.[Symbol.asyncDispose]();
  await migration?.[Symbol.asyncDispose]();
});

async function grant(privileges: readonly Granted[]): Promise<void> {
  await root.run(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account}`);
  for (const { privilege, on } of privileges) await root.run(`GRANT ${privilege} ON ${on} TO ${account}`);
}
beforeEach(async () => {
  await migration.clear();
  await grant(granted);
});

const warningsOf = ({ events }: CliResult): string[] =>
  events.flatMap((event) => (event.type === "warning" ? [event.text] : []));

test("README's privileges are those of the sandbox's reader", () => {
  expect(granted.length).toBeGreaterThan(6);
  expect(privilegesIn(readerSql("reader", "secret", "commerce"))).toEqual(granted);
});

test("the documented privileges suffice for plan, dump, run, verify and follow, without a warning", async () => {
  const planned = await migration.run("plan");
  expect([planned.error, warningsOf(planned)]).toEqual([null, []]);
  const report =
    planned.events.find((event): event is ReportEvent => event.type === "report") ?? expect.fail("no report");
  const behind = (report["unmoved"] as { what: string; name: string }[]).map(({ what, name }) => `${what} ${name}`);
  expect(behind.sort()).toEqual(["event its_event", "routine its_procedure", "trigger its_trigger", "view its_view"]);

  for (const verb of ["dump", "run", "verify"]) {
    const ran = await migration.run(verb);
    expect([ran.error, warningsOf(ran)], verb).toEqual([null, []]);
  }
  await root.run(`INSERT INTO ${table} VALUES (501, 'later')`);
  const followed = await migration.run("follow", ["--until-caught-up"]);
  expect([followed.error, warningsOf(followed)]).toEqual([null, []]);
  expect(await onShards(`SELECT id FROM ${table}`)).toHaveLength(501);
  expect((await migration.run("follow", ["--finish"])).error).toBeNull();
  await root.run(`DELETE FROM ${table} WHERE id = 501`);
});

test.each(granted)("without $privilege on $on its name is what one is told", async ({ privilege, on }) => {
  await grant(granted.filter((other) => other.privilege !== privilege));
  const wanted = `GRANT ${privilege} ON ${on} TO `;
  if (privilege === "REPLICATION SLAVE") {
    expect((await migration.run("run")).error).toBeNull();
    await root.run(`UPDATE ${table} SET name = CONCAT(name, '!') WHERE id = 1`);
    const { error } = await migration.run("follow", ["--until-caught-up"]);
    expect(error).toMatchObject({ code: "access", todo: expect.stringContaining(wanted) });
    expect((await migration.run("follow", ["--finish"])).error).toBeNull();
    return;
  }
  for (const verb of ["plan", "run"]) {
    const result = await migration.run(verb);
    if (privilege === "SELECT") {
      expect(result.error, verb).toMatchObject({ code: "preflight", todo: expect.stringContaining(wanted) });
    } else {
      expect(result.error, verb).toBeNull();
      expect(warningsOf(result).join("\n"), verb).toContain(wanted);
    }
  }
});

test("what SELECT alone can do: everything, with a warning for each that is missing", async () => {
  await grant(granted.filter(({ privilege }) => privilege === "SELECT"));
  const ran = await migration.run("run");
  expect(ran.error).toBeNull();
  const warnings = warningsOf(ran).join("\n");
  for (const { privilege } of granted) {
    if (privilege !== "SELECT" && privilege !== "REPLICATION SLAVE") expect(warnings).toContain(privilege);
  }
  expect(await onShards(`SELECT id FROM ${table}`)).toHaveLength(500);
});
