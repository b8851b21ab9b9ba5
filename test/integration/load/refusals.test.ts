import { expect, test } from "vitest";
import { createSessionPool } from "../../../src/load/session-pool.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { prepareForLoading } from "../../../src/vitess/shard-session.ts";
import { batchOf } from "../../support/rows.ts";
import { inOwnDatabase } from "../mysql/own-database.ts";
import { batches, loaderFor, loadTable, plainPool, primary } from "./loading.ts";

const id = columnFromType("id", "int not null");
const chunk = { chunk: "1-1", recover: false };
const strategies = ["values", "json-table"] as const;

test.each(strategies)("%s: a value that does not fit is refused with its row's key, never cut", async (strategy) => {
  await inOwnDatabase(`vt_load_too_long_${strategy.length}`, async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(3))");
    const table = loadTable("t", [id, columnFromType("v", "varchar(9)")], primary("id"));
    const pool = plainPool(address);
    const rows = batchOf([
      [Buffer.from("1"), Buffer.from("abc")],
      [Buffer.from("2"), Buffer.from("private")],
    ]);
    const loading = loaderFor(table, pool, { strategy }).load(batches(rows), chunk);
    const failure = await loading.catch((error: Error) => error);
    expect(failure).toMatchObject({ code: "target" });
    expect((failure as Error).message).toMatch(/Data too long for column 'v' at row 2.*That row is id = 2\./);
    expect((failure as Error).message).not.toContain("private");
    expect(await session.query("SELECT * FROM t")).toEqual([]);
    await pool.close();
  });
});

test.each(strategies)("%s: a value that is stored changed without an error is reported", async (strategy) => {
  await inOwnDatabase(`vt_load_rounded_${strategy.length}`, async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, v DECIMAL(5,1))");
    const table = loadTable("t", [id, columnFromType("v", "decimal(5,2)")], primary("id"));
    const pool = plainPool(address);
    const loading = loaderFor(table, pool, { strategy }).load(
      batches(batchOf([[Buffer.from("1"), Buffer.from("1.25")]])),
      chunk,
    );
    await expect(loading).rejects.toThrow(/not stored as they were sent: 1 warnings, .*Data truncated for column 'v'/);
    await pool.close();
  });
});

test("an answer that counts other rows than were sent is no success", async () => {
  await inOwnDatabase("vt_load_miscounted", async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY)");
    const pool = createSessionPool({
      places: () => 1,
      async open() {
        const real = await openSession(address, { purpose: "target" });
        await prepareForLoading(real);
        // vtgate drops a row with a NULL in its sharding column and says so only by the count.
        const session: Session = { ...real, run: (sql) => real.run(sql.replace("(2),", "")) };
        return session;
      },
    });
    const rows = batchOf([[Buffer.from("1")], [Buffer.from("2")], [Buffer.from("3")]]);
    const loading = loaderFor(loadTable("t", [id], primary("id")), pool, { strategy: "values" });
    await expect(loading.load(batches(rows), chunk)).rejects.toThrow(/3 were sent, the target counts 2/);
    await pool.close();
  });
});

test("text that is no UTF-8 is named by column and key before it is sent", async () => {
  await inOwnDatabase("vt_load_not_utf8", async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, b BLOB, v TEXT)");
    const columns = [id, columnFromType("b", "blob"), columnFromType("v", "text")];
    const pool = plainPool(address);
    const rows = batchOf([
      [Buffer.from("1"), Buffer.from([255]), Buffer.from("fine")],
      [Buffer.from("2"), Buffer.from([255]), Buffer.from([0x61, 0xff])],
    ]);
    const loading = loaderFor(loadTable("t", columns, primary("id")), pool).load(batches(rows), chunk);
    await expect(loading).rejects.toThrow("Column v of table t holds bytes that are no UTF-8 text: id = 2.");
    expect(await session.query("SELECT * FROM t")).toEqual([]);
    await pool.close();
  });
});

test.each(strategies)("%s: an ENUM's error value arrives as it is, next to strict rows", async (strategy) => {
  await inOwnDatabase(`vt_load_enum_${strategy.length}`, async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a','b'), v VARCHAR(3))");
    const columns = [id, columnFromType("e", "enum('a','b')"), columnFromType("v", "varchar(3)")];
    const pool = plainPool(address, 1);
    const loader = loaderFor(loadTable("t", columns, primary("id")), pool, { strategy });
    const row = (key: string, e: string, v: string): Buffer[] => [Buffer.from(key), Buffer.from(e), Buffer.from(v)];
    await loader.load(batches(batchOf([row("1", "a", "x"), row("2", "", "y"), row("3", "b", "z")])), chunk);
    expect(await session.query("SELECT id, e + 0 AS e, v FROM t ORDER BY id")).toEqual([
      { id: "1", e: "1", v: "x" },
      { id: "2", e: "0", v: "y" },
      { id: "3", e: "2", v: "z" },
    ]);
    // The session is strict again.
    const loading = loader.load(batches(batchOf([row("4", "a", "long")])), chunk);
    await expect(loading).rejects.toThrow(/Data too long/);
    await pool.close();
  });
});
