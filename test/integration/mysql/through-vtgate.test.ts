import { expect, inject, test } from "vitest";
import { addChecksums, checksumOf, emptyChecksum } from "../../../src/contracts/checksum.ts";
import type { Checksum } from "../../../src/contracts/rows.ts";
import { findCells } from "../../../src/mysql/cells.ts";
import { quoteName } from "../../../src/mysql/identifiers.ts";
import { cellLiteral } from "../../../src/mysql/literal.ts";
import { readList } from "../../../src/mysql/read-expression.ts";
import { checksumSelect } from "../../../src/mysql/row-bytes.ts";
import { noTls, type ServerAddress } from "../../../src/mysql/server-url.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { openReadSession, openSchemaSession } from "../../../src/vitess/shard-session.ts";
import { createEveryType, everyColumn, insertEveryType } from "./every-type.ts";
import { inOwnDatabase } from "./own-database.ts";

const table = "vt_mysql_through_vtgate";

function shardAddress(): ServerAddress {
  const { host, port, user, password, keyspace, shards } = inject("vtgate");
  const database = `${keyspace}:${shards[0]}@primary`;
  return { scheme: "vtgate", host, port, socketPath: null, user, password, database, tls: noTls };
}

/** Reads every row of `t`, giving each as the VALUES of an INSERT. */
async function literals(session: Session): Promise<{ rows: string[]; checksum: Checksum }> {
  const rows: string[] = [];
  const bounds = new Int32Array(everyColumn.length * 2);
  let checksum = emptyChecksum;
  for await (const batch of session.readRows(`SELECT ${readList(everyColumn)} FROM t`)) {
    checksum = addChecksums(checksum, checksumOf(batch));
    for (let row = 0; row < batch.rows; row++) {
      findCells(
        batch.bytes,
        batch.offsets[row] as number,
        batch.offsets[row + 1] as number,
        everyColumn.length,
        bounds,
      );
      const cells = everyColumn.map((column, i) => {
        const start = bounds[i * 2] as number;
        return cellLiteral(column, start < 0 ? null : batch.bytes.subarray(start, bounds[i * 2 + 1]));
      });
      rows.push(`(${cells.join(", ")})`);
    }
  }
  return { rows, checksum };
}

test("every type written with literals through the gate has the source's checksum there", async () => {
  await inOwnDatabase("vt_mysql_to_vtgate", async (session, address) => {
    await session.run(createEveryType("t"));
    for (const insert of insertEveryType("t")) await session.run(insert);
    await session.run("UPDATE t SET json = CAST(CAST(json AS CHAR) AS JSON)");
    await using source = await openSession(address, { purpose: "source" });
    const { rows, checksum } = await literals(source);

    await using shard = await openSession(shardAddress(), { purpose: "target" });
    await shard.run("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
    await shard.run(`DROP TABLE IF EXISTS ${table}`);
    await shard.run(createEveryType(table));
    try {
      const names = everyColumn.map((column) => quoteName(column.name)).join(", ");
      for (const row of rows) {
        expect(await shard.run(`INSERT INTO ${table} (${names}) VALUES ${row}`)).toMatchObject({ affectedRows: 1 });
      }
      const expected = { rows: String(checksum.rows), xor: String(checksum.xor), sum: checksum.sum };
      expect(await shard.query(checksumSelect(table, everyColumn, null))).toEqual([expected]);
      expect(await shard.query(checksumSelect(table, everyColumn, "`id` >= 0"))).toEqual([expected]);

      let back = emptyChecksum;
      for await (const batch of shard.readRows(`SELECT ${readList(everyColumn)} FROM ${table}`)) {
        back = addChecksums(back, checksumOf(batch));
      }
      expect(back).toEqual(checksum);
    } finally {
      await shard.run(`DROP TABLE ${table}`);
    }
  });
});

test("a statement that vttablet lets run on is waited for while the shard is at work on it; of others silence is loss", async () => {
  const { keyspace, shards } = inject("vtgate");
  const address = { ...shardAddress(), silenceSeconds: 1 };
  for (const open of [openReadSession, openSchemaSession]) {
    await using session = await open(address, keyspace, shards[0] ?? "");
    expect(await session.query("SELECT SLEEP(5) AS slept")).toEqual([{ slept: "0" }]);
  }
  await using usual = await openSession(address, { purpose: "target" });
  await expect(usual.query("SELECT SLEEP(5) AS slept")).rejects.toMatchObject({ context: { fault: "SILENCE" } });
});
