import { describe, expect, test } from "vitest";
import { customerTable, makeCustomers } from "../../../bench/data/customer.ts";
import { fillTable } from "../../../bench/data/fill-table.ts";
import type { TableShape } from "../../../src/bench/shapes/shape.ts";
import { shapes } from "../../../src/bench/shapes/shapes.ts";
import { smallShapes } from "../../../src/bench/shapes/small.ts";
import { readList } from "../../../src/mysql/read-expression.ts";
import type { Session } from "../../../src/mysql/session.ts";
import { inOwnDatabase } from "../mysql/own-database.ts";

/** All of a table's row bytes, by id. */
async function bytesOf(session: Session, table: string, shape: TableShape): Promise<Buffer> {
  const parts: Buffer[] = [];
  const sql = `SELECT ${readList(shape.columns)} FROM \`${table}\` ORDER BY id`;
  for await (const batch of session.readRows(sql)) {
    parts.push(Buffer.from(batch.bytes.subarray(0, batch.offsets[batch.rows])));
  }
  return Buffer.concat(parts);
}

describe.each([...shapes, ...smallShapes(12)].map((shape) => [shape.name, shape] as const))("%s", (_, shape) => {
  test("what is put into a server reads back byte for byte", async () => {
    await inOwnDatabase("bench_shapes", async (session) => {
      await fillTable(session, shape, { table: "a `name`", rows: 300, seed: "it's" });
      const [made] = await session.query("SHOW TABLES");
      expect(Object.values(made ?? {})).toEqual(["a `name`"]);
      expect((await bytesOf(session, "a ``name``", shape)).equals(shape.rows("it's", 1, 300).bytes)).toBe(true);
    });
  });
});

test("a table grows out of its first rows, which repeat but for their ids", async () => {
  await inOwnDatabase("bench_shapes", async (session) => {
    const shape = shapes.find(({ name }) => name === "narrow") as TableShape;
    await fillTable(session, shape, { table: "t", rows: 1234, seed: "s", distinct: 100 });
    const [ids] = await session.query("SELECT COUNT(*) AS n, MIN(id) AS low, MAX(id) AS high FROM t");
    expect(ids).toEqual({ n: "1234", low: "1", high: "1234" });
    const others = shape.columns.slice(1).map(({ name }) => name);
    const same = others.map((name) => `a.${name} <=> b.${name}`).join(" AND ");
    const [different] = await session.query(
      `SELECT COUNT(*) AS n FROM t a JOIN t b ON b.id = 1 + (a.id - 1) % 100 WHERE NOT (${same})`,
    );
    expect(different).toEqual({ n: "0" });
    const [first] = await session.query("SELECT COUNT(DISTINCT account_id) AS n FROM t");
    expect(Number(first?.["n"])).toBeGreaterThan(95);
  });
});

test("customers are those that the server makes itself, secondary key and all; the log is as it was", async () => {
  await inOwnDatabase("bench_shapes", async (session) => {
    const shape = shapes.find(({ name }) => name === "customer") as TableShape;
    await session.run("SET sql_log_bin = 1");
    await fillTable(session, shape, { table: "sent", rows: 2000, seed: "bench" });
    expect(await session.query("SELECT @@SESSION.sql_log_bin AS log")).toEqual([{ log: "1" }]);
    await makeCustomers(session, 2000, "bench");
    const [sent, made] = [await bytesOf(session, "sent", shape), await bytesOf(session, customerTable, shape)];
    expect(sent.equals(made)).toBe(true);
    const [[a], [b]] = [
      await session.query("SHOW CREATE TABLE sent"),
      await session.query("SHOW CREATE TABLE customer"),
    ];
    expect(a?.["Create Table"]?.replace("`sent`", "`customer`")).toBe(b?.["Create Table"]);
  });
});
