import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { brokenRelations, busyNames, createBusyTables, personsTwin, rowsOfEach } from "../../support/busy-tables.ts";
import { busyTransactions } from "../../support/busy-transactions.ts";
import { startWriter } from "../../support/busy-writer.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { differenceOf, expectSameRows, numberOf } from "../../support/same-rows.ts";

/** What the handoff's tests stand on has to be right itself. */
describe("the busy writer", () => {
  const name = "support_busy";
  const fill = { rows: 4000, prefix: "b_" };
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(name);
    await createBusyTables({ server: inject("source"), database: name, ...fill });
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test("does the same for the same seed, session by session", () => {
    const first = (seed: string, session: number): string[] => {
      const planned = busyTransactions({ seed, session, rows: rowsOfEach(4000), prefix: "b_" });
      return Array.from({ length: 2000 }, () => planned.next().value.statements.join("\n"));
    };
    expect(first("s", 0)).toEqual(first("s", 0));
    expect(first("s", 0)).not.toEqual(first("s", 1));
    expect(first("s", 0)).not.toEqual(first("t", 0));
  });

  test("changes every table in every way, keeps relations, and stands still when it is paused", async () => {
    const server = inject("source");
    await using writer = await startWriter({ server, database: name, seed: "all", sessions: 4, ...fill });
    await writer.more(6000);
    await writer.pause();
    const tables = busyNames.map((table) => `b_${table}`).join(", ");
    const sums = async (): Promise<unknown[]> =>
      (await database.query(`CHECKSUM TABLE ${tables}`)).map((row) => row["Checksum"]);
    const [before, { transactions }] = [await sums(), writer.written];
    expect(transactions).toBeGreaterThanOrEqual(6000);
    await database.query("DO SLEEP(0.05)");
    expect([writer.written.transactions, await sums()]).toEqual([transactions, before]);
    expect(new Set(before).size).toBe(busyNames.length);
    writer.resume();
    await writer.more(500);
    const written = await writer.stop();
    expect(written.transactions).toBeGreaterThan(transactions);
    expect(written.rolledBack).toBeGreaterThan(0);
    expect(written.duplicates).toBeGreaterThan(0);
    expect(written.large).toBeGreaterThan(0);
    expect(await numberOf({ ...server, database: name }, brokenRelations("b_"))).toBe(0);
    expect((await sums()).filter((sum, i) => sum === before[i])).toEqual([]);
  });

  test("an error no such writer should meet fails its end", async () => {
    const server = inject("source");
    const writer = await startWriter({ server, database: name, seed: "broken", sessions: 2, ...fill });
    await writer.more(10);
    await database.query("RENAME TABLE b_people TO b_people_gone");
    await expect(writer.more(100_000)).rejects.toThrow(/the writer could not do/);
    await expect(writer.stop()).rejects.toThrow(/the writer could not do/);
    await database.query("RENAME TABLE b_people_gone TO b_people");
  });
});

describe("the comparison of rows", () => {
  const [here, there] = ["support_same_a", "support_same_b"];
  const login = inject("source");
  let databases: TestDatabase[] = [];
  beforeAll(async () => {
    databases = [await testDatabase(here), await testDatabase(there)];
    for (const database of [here, there]) await createBusyTables({ server: login, database, rows: 3000 });
  });
  afterAll(async () => {
    for (const database of databases) await database[Symbol.asyncDispose]();
  });

  /** As if database b were one shard, or two that hold halves. */
  const compare = (table: string, more: { select?: Record<string, string>; where?: string; to?: string } = {}) => {
    const { to = table, ...source } = more;
    const servers = [{ ...login, database: there }];
    return differenceOf({
      source: { server: login, database: here, table, ...source },
      target: { servers, table: to },
    });
  };

  test("equal tables of every kind are equal", async () => {
    for (const table of busyNames) expect(await compare(`busy_${table}`), table).toBeNull();
  });

  test("a changed byte, a missing row and one too many are named by key", async () => {
    const [, b] = databases;
    await b?.query("UPDATE busy_things SET fixed = x'0102030405ff' WHERE id = 40");
    await b?.query("UPDATE busy_things SET title = CONCAT(title, '!'), seen = '2030-01-01 00:00:00.5' WHERE id = 42");
    expect(await compare("busy_things")).toMatch(
      /id = 40 differs on .*: fixed is "x0102030405FF".*\n {2}id = 42 differs .*title is ".*seen is "2030-01-01 00:00:00.500000"/s,
    );
    await b?.query("DELETE FROM busy_stock WHERE sku = 'Sku-00000020'");
    await b?.query("INSERT INTO busy_stock VALUES (3, 'it''s \\\\ new', 0, NULL)");
    expect(await compare("busy_stock")).toMatch(
      /warehouse = 10, sku = Sku-00000020: 1 times on the source, 0 on the target.*sku = it's \\ new: 0 times on the source, 1/s,
    );
    await b?.query("UPDATE busy_pages SET slug = UPPER(slug) WHERE slug = 'prägung-8'");
    expect(await compare("busy_pages")).toContain("slug = PRÄGUNG-8: 0 times on the source, 1");
  });

  test("a twin and a condition stand for the rows that should be there", async () => {
    const [, b] = databases;
    await b?.query(`CREATE TABLE persons (id BIGINT PRIMARY KEY, email CHAR(64) CHARACTER SET ascii, full_name VARCHAR(80),
      phone VARCHAR(30), born DATE, salary DECIMAL(10,2), tenant_id INT)`);
    const values = Object.values(personsTwin).join(", ");
    await b?.query(`INSERT INTO persons SELECT ${values} FROM busy_people WHERE id <= 100`);
    const comparison = { select: personsTwin, where: "id <= 100", to: "persons" };
    expect(await compare("busy_people", comparison)).toBeNull();
    await b?.query("UPDATE persons SET born = '1990-02-01' WHERE id = 8");
    expect(await compare("busy_people", comparison)).toMatch(/id = 8 differs on .*: born is "1990-02-01"/);
  });

  test("a row on two shards is one too many", async () => {
    const servers = [here, there].map((database) => ({ ...login, database }));
    const source = { server: login, database: here, table: "busy_orders" };
    await expect(expectSameRows({ source, target: { servers, table: "busy_orders" } })).rejects.toThrow(
      /id = 2: 1 times on the source, 2 on the target/,
    );
    await expectSameRows({ source, target: { servers, table: "busy_orders" }, everywhere: true });
  });
});
