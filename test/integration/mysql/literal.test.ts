import { expect, test } from "vitest";
import type { Column } from "../../../src/contracts/schema.ts";
import { findCells } from "../../../src/mysql/cells.ts";
import { quoteName } from "../../../src/mysql/identifiers.ts";
import { cellLiteral } from "../../../src/mysql/literal.ts";
import { readList } from "../../../src/mysql/read-expression.ts";
import { openSession } from "../../../src/mysql/session.ts";
import { createEveryType, everyColumn, everyRowCount, insertEveryType } from "./every-type.ts";
import { hexRows, inOwnDatabase } from "./own-database.ts";

function rowLiterals(columns: readonly Column[], row: Buffer): string {
  const bounds = new Int32Array(columns.length * 2);
  findCells(row, 0, row.length, columns.length, bounds);
  const literals = columns.map((column, i) => {
    const start = bounds[i * 2] as number;
    return cellLiteral(column, start < 0 ? null : row.subarray(start, bounds[i * 2 + 1]));
  });
  return `(${literals.join(", ")})`;
}

test("a row written with the literals of its cells is the same row, stored bytes included", async () => {
  await inOwnDatabase("vt_mysql_literal", async (session, address) => {
    await session.run(createEveryType("t"));
    await session.run(createEveryType("copy"));
    for (const insert of insertEveryType("t")) await session.run(insert);
    // A DECIMAL or DATE inside a JSON document has no text form of its own; that loss is known and reported elsewhere.
    await session.run("UPDATE t SET json = CAST(CAST(json AS CHAR) AS JSON)");
    // What is written must not depend on the writer's zone.
    await session.run("SET SESSION time_zone = '+05:30'");
    await using reader = await openSession(address, { purpose: "source" });
    const select = `SELECT ${readList(everyColumn)} FROM`;
    const read = await hexRows(reader, `${select} t ORDER BY id`);
    const names = everyColumn.map((column) => quoteName(column.name)).join(", ");
    for (const row of read) {
      await session.run(`INSERT INTO copy (${names}) VALUES ${rowLiterals(everyColumn, Buffer.from(row, "hex"))}`);
    }
    // Column by column, so that a failure names the column.
    for (const column of everyColumn) {
      const cells = `SELECT ${readList([column])} FROM`;
      const written = await hexRows(reader, `${cells} copy ORDER BY id`);
      expect(written, column.name).toEqual(await hexRows(reader, `${cells} t ORDER BY id`));
      if (column.kind === "vector" || column.kind === "json") continue;
      const stored = `SELECT HEX(CONCAT(${quoteName(column.name)})) AS h FROM`;
      expect(await reader.query(`${stored} copy ORDER BY id`), column.name).toEqual(
        await reader.query(`${stored} t ORDER BY id`),
      );
    }
    expect(read).toHaveLength(everyRowCount);
  });
});
