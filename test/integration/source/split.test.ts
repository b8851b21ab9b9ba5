import { expect, test } from "vitest";
import type { KeyRange } from "../../../src/contracts/chunk.ts";
import type { TableSchema } from "../../../src/contracts/schema.ts";
import { rangePredicate } from "../../../src/mysql/key-range.ts";
import type { Session } from "../../../src/mysql/session.ts";
import { splitPoint } from "../../../src/source/split.ts";
import { createKeyTable, databaseOf, keyCases } from "./key-cases.ts";
import { inOwnDatabase, inspectOne } from "./own-database.ts";

async function countIn(session: Session, table: TableSchema, range: KeyRange): Promise<number> {
  const predicate = rangePredicate(table.chunkKey?.columns ?? [], range);
  const [row] = await session.query(`SELECT COUNT(*) AS c FROM t WHERE ${predicate ?? "TRUE"}`);
  return Number(row?.["c"]);
}

/** Cuts a range into pieces of one key each by asking again and again, and counts every piece by the server's own order. */
async function cutToPieces(session: Session, table: TableSchema, range: KeyRange, rows: number): Promise<void> {
  const at = await splitPoint(session, table, range);
  if (rows < 2) return expect(at).toBeNull();
  if (at === null) return expect.unreachable(`a range of ${rows} rows was not cut: ${JSON.stringify(range)}`);
  const left = { after: range.after, upTo: at };
  const right = { after: at, upTo: range.upTo };
  const lefts = await countIn(session, table, left);
  const rights = await countIn(session, table, right);
  expect(lefts, `left of ${at}`).toBeGreaterThan(0);
  expect(rights, `right of ${at}`).toBeGreaterThan(0);
  expect(lefts + rights).toBe(rows);
  if (rows > 40) {
    // Following the smaller side keeps the test short; the larger one is cut by the same code.
    return cutToPieces(session, table, lefts < rights ? left : right, Math.min(lefts, rights));
  }
  await cutToPieces(session, table, left, lefts);
  await cutToPieces(session, table, right, rights);
}

test.each(keyCases)("cuts $name keys where both sides have rows, down to single keys", async (keyCase) => {
  await inOwnDatabase(databaseOf("split", keyCase), async (session, database) => {
    const rows = await createKeyTable(session, keyCase);
    const table = await inspectOne(session, database, "t");
    expect(table.chunkKey?.index).toBe("PRIMARY");

    const whole = { after: null, upTo: null };
    const at = await splitPoint(session, table, whole);
    expect(at).not.toBeNull();
    const left = await countIn(session, table, { after: null, upTo: at });
    expect(Math.max(left, rows - left) / rows, `cut at ${at}`).toBeLessThanOrEqual(0.8);
    await cutToPieces(session, table, whole, rows);
  });
});

test("a table without a chunk key, an empty range and a single key cannot be cut", async () => {
  await inOwnDatabase("source_split_none", async (session, database) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY)");
    await session.run("CREATE TABLE keyless (id INT)");
    await session.run("INSERT INTO keyless VALUES (1), (2)");
    const table = await inspectOne(session, database, "t");
    expect(await splitPoint(session, table, { after: null, upTo: null })).toBeNull();
    await session.run("INSERT INTO t VALUES (1), (5), (9)");
    expect(await splitPoint(session, table, { after: ["1"], upTo: ["5"] })).toBeNull();
    expect(await splitPoint(session, table, { after: ["1"], upTo: null })).toEqual(["5"]);
    const keyless = await inspectOne(session, database, "keyless");
    expect(await splitPoint(session, keyless, { after: null, upTo: null })).toBeNull();
  });
});
