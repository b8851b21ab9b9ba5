import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Migration, newMigration, onShards, onSource, urls, usualConfig } from "../integration/run/migration.ts";
import { type CliResult, recordsOf } from "../support/cli.ts";
import { type FaultProxy, faultProxy } from "../support/fault-proxy.ts";
import { type FaultCase, faultCases, nameOf, oneIn, tlsCases } from "./fault-cases.ts";

/** `every` is for the night: some 250 runs. Otherwise one case in eleven. */
const every = process.env["VTPIPE_TEST_FAULTS"] === "every";
const chosen = (cases: readonly FaultCase[]): readonly FaultCase[] => (every ? cases : oneIn(cases, 11));

/** The silence both sides are allowed here, and the longest any of these runs may take: a login, its retry, silences, the work. */
const silenceSeconds = 2;
const longestMs = 90_000;

const rows = 600;
const database = "fault_answers";
const tables = ["fa_keyed", "fa_keyless", "fa_unique"] as const;
const definitions: Record<(typeof tables)[number], string> = {
  fa_keyed: "id BIGINT NOT NULL PRIMARY KEY, v VARCHAR(220)",
  fa_keyless: "id BIGINT NOT NULL, v VARCHAR(220)",
  fa_unique: "id BIGINT NOT NULL, v VARCHAR(220), UNIQUE KEY by_id (id)",
};

let migration: Migration;
let proxies: Record<FaultCase["side"], FaultProxy>;
const counts = { cases: 0, succeeded: 0, resumable: 0, hangs: 0, wrong: 0 };

beforeAll(async () => {
  const entries = tables.map((table) => {
    // The table without a key has every third row twice.
    const id = table === "fa_keyless" ? "n - (n % 3 = 1)" : "n";
    const fill = `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows})
      SELECT ${id}, REPEAT(CONCAT('v', ${id}, ' '), 40) FROM r`;
    return [
      table,
      { source: [`CREATE TABLE ${table} (${definitions[table]})`, fill, `ANALYZE TABLE ${table}`] },
    ] as const;
  });
  migration = await newMigration(database, Object.fromEntries(entries));
  proxies = { source: await faultProxy(inject("source")), target: await faultProxy(inject("vtgate")) };
});
afterAll(async () => {
  process.stderr.write(
    `fault proxy: ${counts.cases} cases, ${counts.succeeded} succeeded, ${counts.resumable} ended in a resumable error, ` +
      `${counts.hangs} hangs, ${counts.wrong} wrong counts\n`,
  );
  await migration?.[Symbol.asyncDispose]();
  for (const proxy of Object.values(proxies ?? {})) await proxy[Symbol.asyncDispose]();
});

/** What a source's address ends in. */
type Tls = "" | "?tls=required";

/** Source and target behind the proxies. */
async function configure(tls: Tls, prepares: boolean): Promise<void> {
  const usual = usualConfig(database) as Record<FaultCase["side"], { readonly password: string }>;
  const through = (side: FaultCase["side"], suffix: string) => ({
    url: `${urls(database)[side].replace(/@[^/]+/, `@${proxies[side].host}:${proxies[side].port}`)}${suffix}`,
    password: usual[side].password,
    silenceSeconds,
  });
  await migration.configure({
    source: through("source", tls),
    target: through("target", ""),
    load: { statementRows: { min: 50, max: 200 }, ...(prepares ? { strategy: "json-table" } : {}) },
  });
}

/** One run that is struck, another one if that did not get to its end; then every row is there once. */
async function runStruck({ side, fault, prepares }: FaultCase, tls: Tls): Promise<void> {
  await migration.clear();
  await configure(tls, prepares);
  counts.cases++;
  const proxy = proxies[side];
  proxy.plan(fault);
  const struck = await migration.run("run", [], { longestMs });
  if (struck.signal !== null) counts.hangs++;
  expect(struck.signal, "the run came to no end").toBeNull();
  expect(proxy.struck(), "the fault did not happen").toBe(1);
  expectOrderly(struck);
  proxy.plan(null);
  proxy.endAll();

  const claimed = recordsOf(migration.directory).reduce((sum, of) => sum + (of.type === "loaded" ? of.rows : 0), 0);
  const there = await rowsOnShards();
  if (claimed > there) counts.wrong++;
  expect(there, "rows that the ledger has as loaded").toBeGreaterThanOrEqual(claimed);
  if (struck.error === null) {
    counts.succeeded++;
    return expectExact(struck);
  }
  expect(struck.exitCode).toBe(1);
  const again = await migration.run("run", [], { longestMs });
  expect(again.error).toBeNull();
  counts.resumable++;
  return expectExact(again);
}

/** An end with a reason: nothing on stderr, which would be a stack or a library's warning; and an error says all it should. */
function expectOrderly({ stderr, error, summary }: CliResult): void {
  expect(stderr).toBe("");
  expect(summary).not.toBeNull();
  if (error === null) return;
  expect(error.code, `${error.message}\n${error.stack}`).not.toBe("internal");
  for (const text of [error.message, error.now, error.todo]) expect(text).toMatch(/^\S.*\S$/s);
}

async function rowsOnShards(): Promise<number> {
  const count = (table: string): string => `SELECT COUNT(*) FROM ${table}`;
  const found = await onShards(tables.map(count).join(" UNION ALL "));
  return found.reduce((sum, row) => sum + Number(JSON.parse(row)[0]), 0);
}

async function expectExact(result: CliResult): Promise<void> {
  try {
    expect(result.exitCode).toBe(0);
    expect(result.summary?.tables.map((table) => [table.rows, table.verified])).toEqual(tables.map(() => [rows, true]));
    for (const table of tables) {
      const select = `SELECT * FROM ${table}`;
      expect(await onShards(select), table).toEqual(await onSource(migration.source, select));
    }
  } catch (error) {
    counts.wrong++;
    throw error;
  }
}

describe("one connection fails once, and the run ends with every row or can be gone on with", {
  timeout: 200_000,
}, () => {
  test.each(chosen(faultCases).map((one) => [nameOf(one), one] as const))("%s", (_, one) => runStruck(one, ""));
});

describe("the same over TLS", { timeout: 200_000 }, () => {
  test.each(chosen(tlsCases).map((one) => [nameOf(one), one] as const))("%s", (_, one) =>
    runStruck(one, "?tls=required"),
  );
});
