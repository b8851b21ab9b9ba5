import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { LeakReport } from "../../../src/run/jobs/verify-leaks.ts";
import type { CliResult } from "../../support/cli.ts";
import { connectTarget, testDatabase } from "../../support/database.ts";
import { type Migration, newMigration, onShards } from "./migration.ts";
import { joinCount, joins, people, personalRules, personalTables } from "./personal-data.ts";

const tables = personalTables();
let migration: Migration;

beforeAll(async () => {
  migration = await newMigration("run_anonymise", tables);
});

afterAll(() => migration?.[Symbol.asyncDispose]());

const policy = { require: "all" };
type Changes = Parameters<typeof personalRules>[0];
const configure = (changes: Changes = {}) => migration.configure({ policy, tables: personalRules(changes) });

const leaksOf = ({ events }: CliResult): LeakReport =>
  (events.find(({ type }) => type === "report") ?? expect.fail("no report")) as unknown as LeakReport;
const placesOf = (result: CliResult): string[] =>
  leaksOf(result).findings.map(
    ({ table, column, foundIn }) => `${table}.${column} in ${foundIn.table}.${foundIn.column}`,
  );

/** Anything that could tell who is meant. */
function expectNoPerson({ stdout, stderr }: CliResult): void {
  for (const { email, phone, name } of people) {
    for (const secret of [email, phone, name])
      expect(`${stdout}${stderr}`.includes(secret), "a value is shown").toBe(false);
  }
}

describe("30 tables with personal data, anonymised by one config", () => {
  test("all of it moves, joins match as before, and no value that was hidden is in a file", async () => {
    expect(Object.keys(tables)).toHaveLength(30);
    await configure();
    const run = await migration.run("run");
    expect(run.error).toBeNull();
    expect(run.summary?.tables).toHaveLength(30);
    expect(run.summary?.tables.every(({ verified }) => verified)).toBe(true);

    const expected = await counts((sql) => migration.source.query(sql));
    expect(Math.min(...expected.map(Number))).toBeGreaterThan(20);
    await using copy = await targetCopy();
    expect(await counts((sql) => copy.query(sql))).toEqual(expected);
    if (inject("vtgate").kind === "vitess") {
      const gate = await connectTarget();
      expect(await counts(async (sql) => (await gate.query(sql))[0] as Record<string, unknown>[])).toEqual(expected);
      await gate.end();
    }

    const leaks = await migration.run("verify", ["--leaks"]);
    expect(leaks.error).toBeNull();
    const report = leaksOf(leaks);
    expect(report.findings).toEqual([]);
    expect(report.rowsSampled).toBeGreaterThan(5000);
    const looked = new Map(report.columns.map(({ table, column, values }) => [`${table}.${column}`, values]));
    for (const name of [
      "users.email",
      "users.phone",
      "users.ssn",
      "users.password_hash",
      "messages.doc",
      "logs.line",
    ]) {
      expect(looked.get(`anon_${name}`), name).toBeGreaterThan(300);
    }
    expect(looked.get("anon_users.birth_date")).toBe(0);
    expect(looked.has("anon_users.created_at")).toBe(false);
    expectNoPerson(leaks);
    const plain = await migration.run("verify", ["--leaks"], { json: false });
    expect(plain.stdout).toContain("None of them is there.");
    expect(plain.exitCode).toBe(0);
  });

  test.each(["plan", "dump", "run"])("%s refuses when one rule is taken out, before anything is read", async (verb) => {
    await configure({ "tickets.user_email": null, "users.phone": null, "users.ssn": null });
    const { error, exitCode } = await migration.run(verb, verb === "plan" ? [] : ["--directory", "./refused"]);
    expect([exitCode, error?.code, error?.context["finding"]]).toEqual([1, "preflight", "undecided-columns"]);
    expect(error?.message).toContain("Table anon_tickets has columns without a decision: user_email varchar(120).");
    expect(error?.message).toContain(
      "Table anon_users has columns without a decision: phone varchar(30), ssn char(11).",
    );
    expect(error?.todo).toContain("keep");
    expect(await readdir(migration.folder)).not.toContain("refused");
  });

  test("a column and a table that are new on the source are named", async () => {
    await configure();
    await migration.source.query(
      "ALTER TABLE anon_users ADD nickname VARCHAR(40), ADD shout VARCHAR(40) AS (UPPER(nickname))",
    );
    await migration.source.query("CREATE TABLE anon_visitors (id INT PRIMARY KEY, ip VARCHAR(45))");
    const { error } = await migration.run("dump", ["--directory", "./refused"]);
    await migration.source.query("ALTER TABLE anon_users DROP shout, DROP nickname");
    await migration.source.query("DROP TABLE anon_visitors");
    expect(error?.message.split("\n").map((line) => line.trim())).toEqual([
      "Table anon_users has columns without a decision: nickname varchar(40).",
      "Table anon_visitors has no rule, so none of its columns has a decision: id int, ip varchar(45).",
    ]);
    expect((await migration.run("plan")).error).toBeNull();
  });

  test.each([
    ["tickets.user_email", "anon_users.email in anon_tickets.user_email"],
    ["messages.doc", "anon_users.email in anon_messages.doc"],
    ["logs.line", "anon_users.email in anon_logs.line"],
    ["audit.detail", "anon_sessions.ip in anon_audit.detail"],
    ["invoices.billed_to", "anon_users.full_name in anon_invoices.billed_to"],
  ])("with `keep` in place of the rule of %s its values are found, and not shown", async (column, place) => {
    await configure({ [column]: "keep" });
    const directory = ["--directory", `./kept-${column}`];
    expect((await migration.run("dump", directory)).error).toBeNull();
    const leaks = await migration.run("verify", ["--leaks", ...directory]);
    expect([leaks.exitCode, leaks.error?.code], leaks.error?.stack).toEqual([3, "leak"]);
    expect(placesOf(leaks)).toContain(place);
    expect(leaks.error?.message).toContain(place);
    expect(new Set(leaksOf(leaks).findings.map(({ foundIn }) => `${foundIn.table}.${foundIn.column}`))).toEqual(
      new Set([`anon_${column}`]),
    );
    const finding = leaksOf(leaks).findings.find(({ table }) => place.startsWith(`${table}.`));
    expect(finding?.foundIn.decision).toMatch(/^kept by tables\.rules\.anon_/);
    expect(finding?.row).toMatch(/^\d+$/);
    expect(finding?.example).toMatch(/^\w?… \(\d+ bytes( or more)?\)$/);
    expectNoPerson(leaks);
  });

  test("columns may be excepted by name, and others are searched for all the same", async () => {
    const directory = ["--directory", "./kept-logs.line"];
    await configure({ "logs.line": "keep" });
    const all = placesOf(await migration.run("verify", ["--leaks", ...directory]));
    const columns = [...new Set(all.map((place) => place.split(" ")[0] ?? ""))];
    expect(columns.length).toBeGreaterThan(1);
    const [first = "", ...rest] = columns;
    const some = await migration.run("verify", ["--leaks", ...directory, "--except", ...rest]);
    expect(placesOf(some).map((place) => place.split(" ")[0])).toEqual([first]);
    expect((await migration.run("verify", ["--leaks", ...directory, "--except", ...columns])).error).toBeNull();
    const wrong = await migration.run("verify", ["--leaks", ...directory, "--except", "anon_users.emial"]);
    expect([wrong.exitCode, wrong.error?.code]).toEqual([2, "usage"]);
    expect(wrong.error?.message).toContain("anon_users.emial");
  });

  test("sensitive names that pass are warned of by plan, until they are kept or the list is another", async () => {
    const rules = (decision: "keep" | null) =>
      personalRules({ "users.email": decision, "payments.card_number": decision, "users.birth_date": decision });
    const warned = async (sections: object) => {
      await migration.configure({ ...sections });
      const { events, error } = await migration.run("plan");
      expect(error).toBeNull();
      return events.flatMap((event) =>
        event.type === "warning" && event.code === "sensitive-column" ? [`${event.table}.${event.column}`] : [],
      );
    };
    expect(await warned({ tables: rules(null) })).toEqual([
      "anon_payments.card_number",
      "anon_users.email",
      "anon_users.birth_date",
    ]);
    expect(await warned({ tables: rules(null), sensitive: ["birth*"] })).toEqual(["anon_users.birth_date"]);
    expect(await warned({ tables: rules(null), sensitive: [] })).toEqual([]);
    expect(await warned({ tables: rules("keep") })).toEqual([]);
  });
});

async function counts(query: (sql: string) => Promise<readonly object[]>): Promise<string[]> {
  const found: string[] = [];
  for (const join of joins) found.push(String(Object.values((await query(joinCount(join)))[0] ?? {})[0]));
  return found;
}

/** The target's rows together in one database, where one server can join them whatever the gate is able to. */
async function targetCopy(): ReturnType<typeof testDatabase> {
  const database = await testDatabase("run_anonymise_target");
  for (const [name, { target = "" }] of Object.entries(tables)) {
    await database.query(target);
    const rows = (await onShards(`SELECT * FROM ${name}`)).map((row) => JSON.parse(row) as (string | null)[]);
    const columns = await database.query(`SHOW COLUMNS FROM ${name} WHERE Type = 'json'`);
    expect(rows.length, name).toBeGreaterThan(0);
    // Documents come as the driver's text of an object; nobody joins by them.
    if (columns.length > 0) await database.query(`ALTER TABLE ${name} MODIFY ${columns[0]?.["Field"]} TEXT`);
    await database.query(`INSERT INTO ${name} VALUES ?`, [rows]);
  }
  return database;
}
