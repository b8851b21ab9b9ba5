import { expect, test } from "vitest";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { quoteName } from "../../../src/mysql/identifiers.ts";
import { readList } from "../../../src/mysql/read-expression.ts";
import { openSession } from "../../../src/mysql/session.ts";
import { batchOf } from "../../support/rows.ts";
import { createEveryType, everyColumn, everyRowCount, insertEveryType } from "../mysql/every-type.ts";
import { hexRows, inOwnDatabase } from "../mysql/own-database.ts";
import { batches, loaderFor, loadTable, plainPool, primary, readAll } from "./loading.ts";

const id = columnFromType("id", "int not null");
const columns = everyColumn;

test.each(["values", "json-table"] as const)("%s: every type arrives byte for byte", async (strategy) => {
  await inOwnDatabase(`vt_load_round_trip_${strategy.replace("-", "_")}`, async (session, address) => {
    await session.run(createEveryType("t"));
    for (const insert of insertEveryType("t")) await session.run(insert);
    // A DECIMAL inside JSON has no text form of its own (it comes back a DOUBLE); the source's checks report such documents.
    await session.run("UPDATE t SET json = CAST(CAST(json AS CHAR) AS JSON)");
    await session.run("CREATE TABLE arrived LIKE t");
    await using reader = await openSession(address, { purpose: "source" });
    const rows = await readAll(reader, `SELECT ${readList(columns)} FROM t`);

    const pool = plainPool(address);
    const loader = loaderFor(loadTable("arrived", columns, primary("id")), pool, { strategy });
    const result = await loader.load(batches(...rows), { chunk: "1-1", recover: false });
    await pool.close();

    expect(result).toMatchObject({ rows: everyRowCount, retries: 0 });
    for (const column of columns) {
      // Text also as it is stored, in its own character set.
      const stored = column.kind === "text" ? `, HEX(${quoteName(column.name)})` : "";
      const list = `SELECT id, ${readList([column])}${stored} FROM`;
      expect(await hexRows(reader, `${list} arrived ORDER BY id`), column.name).toEqual(
        await hexRows(reader, `${list} t ORDER BY id`),
      );
    }
  });
});

test.each(["values", "json-table"] as const)("%s: every character of one and two bytes arrives", async (strategy) => {
  await inOwnDatabase(`vt_load_characters_${strategy.replace("-", "_")}`, async (session, address) => {
    // The database's own character set must not matter to the text on its way.
    await session.run(`ALTER DATABASE vt_load_characters_${strategy.replace("-", "_")} CHARACTER SET latin1`);
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, c TEXT CHARACTER SET utf8mb4, b BLOB)");
    const texts = Array.from({ length: 0x800 }, (_, code) => `a${String.fromCharCode(code)}b`);
    texts.push("😀'\"\\漢\u{10ffff}", "\\u0041\\n", "%_\\%", "");
    const rows = texts.map((text, i) => [
      Buffer.from(String(i)),
      Buffer.from(text),
      Buffer.from([i & 255, 0, i >> 8, 39, 92].slice(0, i % 6)),
    ]);
    const table = loadTable("t", [id, columnFromType("c", "text"), columnFromType("b", "blob")], primary("id"));
    const pool = plainPool(address);
    await loaderFor(table, pool, { strategy }).load(batches(batchOf(rows)), { chunk: "1-1", recover: false });
    await pool.close();

    const found = await session.query("SELECT id, HEX(c) AS c, HEX(b) AS b FROM t ORDER BY id");
    expect(found.map((row) => [row["c"], row["b"]])).toEqual(
      rows.map(([, text, bytes]) => [text?.toString("hex").toUpperCase(), bytes?.toString("hex").toUpperCase()]),
    );
  });
});
