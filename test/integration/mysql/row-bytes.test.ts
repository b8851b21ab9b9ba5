import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { addChecksums, checksumOf, emptyChecksum } from "../../../src/contracts/checksum.ts";
import type { Column } from "../../../src/contracts/schema.ts";
import { findCells } from "../../../src/mysql/cells.ts";
import { columnFromType, membersOf } from "../../../src/mysql/column-type.ts";
import { quoteName } from "../../../src/mysql/identifiers.ts";
import { readList } from "../../../src/mysql/read-expression.ts";
import { cellBytesExpression, checksumSelect, rowBytesExpression } from "../../../src/mysql/row-bytes.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { createEveryType, everyColumn, everyRowCount, insertEveryType } from "./every-type.ts";
import { hexRows, inOwnDatabase } from "./own-database.ts";

/** Settings of a session that has nothing in common with ours. */
const foreignSettings = [
  "SET NAMES latin1",
  "SET SESSION time_zone = '+05:30', sql_mode = 'ANSI_QUOTES,NO_ZERO_DATE,NO_ZERO_IN_DATE,STRICT_ALL_TABLES,PIPES_AS_CONCAT'",
  "SET SESSION character_set_connection = utf16",
];

async function differingColumns(reader: Session, other: Session, columns: readonly Column[]): Promise<string[]> {
  const differing: string[] = [];
  for (const column of columns) {
    const read = await hexRows(reader, `SELECT ${readList([column])} FROM t ORDER BY id`);
    const made = await other.query(`SELECT HEX(${rowBytesExpression([column])}) AS h FROM t ORDER BY id`);
    for (const [i, hex] of read.entries()) {
      if (made[i]?.["h"]?.toLowerCase() !== hex)
        differing.push(`${column.name}: read ${hex}, made ${made[i]?.["h"]}`.slice(0, 300));
    }
  }
  return differing;
}

test("the SQL for row bytes gives what the text protocol carries, for every type, in a foreign session", async () => {
  await inOwnDatabase("vt_mysql_row_bytes", async (session, address) => {
    await session.run(createEveryType("t"));
    for (const insert of insertEveryType("t")) await session.run(insert);
    await using reader = await openSession(address, { purpose: "source" });
    await using other = await openSession(address, { purpose: "target" });
    for (const setting of foreignSettings) await other.run(setting);

    expect(await differingColumns(reader, other, everyColumn)).toEqual([]);
    await other.run("SET NAMES latin1");
    expect(await differingColumns(reader, other, everyColumn)).toEqual([]);

    const rows = await hexRows(reader, `SELECT ${readList(everyColumn)} FROM t ORDER BY id`);
    expect(rows).toHaveLength(everyRowCount);
    const whole = rowBytesExpression(everyColumn);
    const made = await other.query(`SELECT HEX(${whole}) AS h, CRC32(${whole}) AS c FROM t ORDER BY id`);
    expect(made.map((row) => row["h"]?.toLowerCase())).toEqual(rows);
    expect(made.map((row) => row["c"])).toEqual(rows.map((row) => String(crc32(Buffer.from(row, "hex")))));
  });
});

test("checksumSelect gives the checksum of the rows read", async () => {
  await inOwnDatabase("vt_mysql_checksum_select", async (session, address) => {
    await session.run(createEveryType("t"));
    for (const insert of insertEveryType("t")) await session.run(insert);
    await using reader = await openSession(address, { purpose: "source" });
    let checksum = emptyChecksum;
    for await (const batch of reader.readRows(`SELECT ${readList(everyColumn)} FROM t`, { batchBytes: 1000 })) {
      checksum = addChecksums(checksum, checksumOf(batch));
    }
    const [all] = await session.query(checksumSelect("t", everyColumn, null));
    expect(all).toEqual({ rows: String(checksum.rows), xor: String(checksum.xor), sum: checksum.sum });
    const [chunk] = await session.query(checksumSelect("t", everyColumn, "id >= 0"));
    expect(chunk).toEqual(all);
    const [none] = await session.query(checksumSelect("t", everyColumn, "id < 0"));
    expect(none).toEqual({ rows: "0", xor: "0", sum: "0" });
  });
});

test("length prefixes are right on both sides of every change of their width", async () => {
  await inOwnDatabase("vt_mysql_prefixes", async (session, address) => {
    await session.run("CREATE TABLE t (id int primary key, b longblob, c longtext, d longtext character set latin1)");
    for (const [id, length] of [0, 250, 251, 255, 256, 65_535, 65_536, 16_777_215, 16_777_216].entries()) {
      await session.run(
        `INSERT INTO t VALUES (${id}, REPEAT(x'fb', ${length}), REPEAT('c', ${length}), REPEAT('d', ${length}))`,
      );
    }
    const columns = [
      columnFromType("b", "longblob"),
      columnFromType("c", "longtext"),
      columnFromType("d", "longtext character set latin1"),
    ];
    await using reader = await openSession(address, { purpose: "source" });
    const sql = rowBytesExpression(columns);
    let id = 0;
    for await (const batch of reader.readRows(`SELECT ${readList(columns)} FROM t ORDER BY id`)) {
      for (let row = 0; row < batch.rows; row++, id++) {
        const [made] = await session.query(
          `SELECT LENGTH(${sql}) AS bytes, CRC32(${sql}) AS crc FROM t WHERE id = ${id}`,
        );
        const bytes = batch.bytes.subarray(batch.offsets[row], batch.offsets[row + 1]);
        expect(made).toEqual({ bytes: String(bytes.length), crc: String(crc32(bytes)) });
      }
    }
    expect(id).toBe(9);
  });
});

test("the SQL for one cell's bytes gives the cell without its length", async () => {
  await inOwnDatabase("vt_mysql_cell_bytes", async (session, address) => {
    await session.run(createEveryType("t"));
    for (const insert of insertEveryType("t")) await session.run(insert);
    await using reader = await openSession(address, { purpose: "source" });
    for (const setting of foreignSettings) await session.run(setting);
    for (const column of everyColumn) {
      const rows = await hexRows(reader, `SELECT ${readList([column])} FROM t ORDER BY id`);
      const made = await session.query(
        `SELECT HEX(${cellBytesExpression(column, quoteName(column.name))}) AS h FROM t ORDER BY id`,
      );
      const bounds = new Int32Array(2);
      const cells = rows.map((hex) => {
        const row = Buffer.from(hex, "hex");
        findCells(row, 0, row.length, 1, bounds);
        return bounds[0] === -1 ? null : row.toString("hex", bounds[0], bounds[1]).toUpperCase();
      });
      expect(
        made.map((row) => row["h"]),
        column.name,
      ).toEqual(cells);
    }
  });
});

test("members of an enum are understood as information_schema prints them", async () => {
  await inOwnDatabase("vt_mysql_members", async (session) => {
    await session.run("CREATE TABLE t (e enum('a','b''c','é\u20ac','x,y(','back\\\\slash','\"','new\\nline',''))");
    const [column] = await session.query(
      "SELECT COLUMN_TYPE AS type FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'vt_mysql_members'",
    );
    expect(membersOf(column?.["type"] ?? "")).toEqual(["a", "b'c", "é€", "x,y(", "back\\slash", '"', "new\nline", ""]);
  });
});
