import { expect, test } from "vitest";
import type { KeyRange } from "../../../src/contracts/chunk.ts";
import type { TableSchema } from "../../../src/contracts/schema.ts";
import { keyBoundOf } from "../../../src/mysql/key-range.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { chunkQuery } from "../../../src/source/chunk-query.ts";
import { splitPoint } from "../../../src/source/split.ts";
import { createKeyTable, databaseOf, keyCases } from "./key-cases.ts";
import { inOwnDatabase, inspectOne, sourceAddress } from "./own-database.ts";

/** Reads a table chunk by chunk, each from where the last ended, as bytes of its rows in hex; plans are EXPLAIN's. */
async function readByChunks(
  table: TableSchema,
  where: string | null,
  limitRows: number,
  range: KeyRange = { after: null, upTo: null },
) {
  await using reader = await openSession(sourceAddress(), { purpose: "source" });
  const keyAt = (table.chunkKey?.columns ?? []).map((name) =>
    table.columns.findIndex((column) => column.name === name),
  );
  const rows: string[] = [];
  const plans: string[] = [];
  let after = range.after;
  for (let chunk = 1; chunk < 1_000; chunk++) {
    const request = { chunk: `0-${chunk}`, table: table.name, range: { after, upTo: range.upTo }, limitRows };
    const sql = chunkQuery({ table, columns: table.columns, where, request });
    plans.push(await planOf(reader, sql));
    let read = 0;
    for await (const { bytes, offsets, rows: count } of reader.readRows(sql)) {
      read += count;
      for (let row = 0; row < count; row++) {
        const [start = 0, end = 0] = [offsets[row], offsets[row + 1]];
        rows.push(bytes.toString("hex", start, end));
        after = keyBoundOf(table.columns, keyAt, bytes, start, end);
      }
    }
    if (read < limitRows) return { rows, plans };
  }
  throw new Error("no end");
}

async function planOf(session: Session, sql: string): Promise<string> {
  const [plan] = await session.query(`EXPLAIN FORMAT=TRADITIONAL ${sql}`);
  return `${plan?.["type"]} of ${plan?.["key"]}: ${plan?.["Extra"] ?? ""}`;
}

async function readWhole(table: TableSchema, where: string): Promise<string[]> {
  await using reader = await openSession(sourceAddress(), { purpose: "source" });
  const rows: string[] = [];
  const request = { chunk: "0-0", table: table.name, range: { after: null, upTo: null }, limitRows: null };
  for await (const batch of reader.readRows(chunkQuery({ table, columns: table.columns, where, request }))) {
    for (let row = 0; row < batch.rows; row++) {
      rows.push(batch.bytes.toString("hex", batch.offsets[row], batch.offsets[row + 1]));
    }
  }
  return rows;
}

test.each(keyCases)(
  "chunks by $name keys give every row once, from the key's index without sorting",
  async (keyCase) => {
    await inOwnDatabase(databaseOf("chunks", keyCase), async (session, database) => {
      const rows = await createKeyTable(session, keyCase);
      const table = await inspectOne(session, database, "t");
      const read = await readByChunks(table, null, 37);
      expect(read.rows).toHaveLength(rows);
      expect(new Set(read.rows).size).toBe(rows);
      expect(read.plans[0]).toMatch(/^index of PRIMARY: $/);
      for (const plan of read.plans.slice(1, -1)) expect(plan).toMatch(/^range of PRIMARY: Using where$/);

      const at = await splitPoint(session, table, { after: null, upTo: null });
      const left = await readByChunks(table, null, 37, { after: null, upTo: at });
      const right = await readByChunks(table, null, 37, { after: at, upTo: null });
      expect([...left.rows, ...right.rows]).toEqual(read.rows);
    });
  },
);

test.each([
  {
    what: "a unique key that is not primary, with a condition that another index would serve",
    create: "CREATE TABLE t (a INT, b BIGINT NOT NULL, c INT NOT NULL, UNIQUE u (b), KEY (c))",
    fill: (n: number) => `(NULL, ${n * 3}, ${n % 2})`,
    where: "c = 1 -- a comment",
    index: "u",
  },
  {
    what: "a partitioned table",
    create: "CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b)) PARTITION BY HASH (b) PARTITIONS 4",
    fill: (n: number) => `(${n % 9}, ${n})`,
    where: "b % 2 = 1 OR b = 4",
    index: "PRIMARY",
  },
  {
    what: "a document collection, whose key is generated",
    create: `CREATE TABLE t (doc JSON, _id VARBINARY(32) GENERATED ALWAYS AS (JSON_UNQUOTE(JSON_EXTRACT(doc, '$._id'))) STORED NOT NULL,
      _json_schema JSON GENERATED ALWAYS AS ('{"type": "object"}') VIRTUAL, PRIMARY KEY (_id))`,
    fill: (n: number) => `('{"_id": "${(n * 7919).toString(16).padStart(8, "0")}"}')`,
    columns: "(doc)",
    where: "doc->'$._id' > '0'",
    index: "PRIMARY",
  },
  {
    what: "a descending key and an invisible column",
    create: "CREATE TABLE t (`a``b ü` INT INVISIBLE, v INT, PRIMARY KEY (`a``b ü` DESC))",
    fill: (n: number) => `(${n - 50})`,
    columns: "(`a``b ü`)",
    where: "`a``b ü` <> 7",
    index: "PRIMARY",
  },
])("chunks of $what", async ({ create, fill, columns = "", where, index, what }) => {
  await inOwnDatabase(`source_chunks_of_${what.split(" ")[1]}_${index}`, async (session, database) => {
    await session.run(create);
    const values = Array.from({ length: 300 }, (_, n) => fill(n)).join(", ");
    await session.run(`INSERT INTO t ${columns} VALUES ${values}`);
    const table = await inspectOne(session, database, "t");
    expect(table.chunkKey?.index).toBe(index);
    const { rows, plans } = await readByChunks(table, where, 17);
    expect(rows).toEqual(await readWhole(table, where));
    expect(rows.length).toBeGreaterThan(100);
    for (const plan of plans) {
      expect(plan).toContain(`of ${index}:`);
      expect(plan).not.toContain("filesort");
    }
  });
});

test("a table without a chunk key is read as a whole, and only so", async () => {
  await inOwnDatabase("source_chunks_keyless", async (session, database) => {
    await session.run("CREATE TABLE t (a INT)");
    await session.run("INSERT INTO t VALUES (1), (1), (NULL)");
    const table = await inspectOne(session, database, "t");
    expect(table.chunkKey).toBeNull();
    const request = { chunk: "0-1", table: "t", range: { after: null, upTo: null }, limitRows: null };
    const sql = chunkQuery({ table, columns: table.columns, where: null, request });
    expect(await session.query(sql)).toHaveLength(3);
    expect(() =>
      chunkQuery({ table, columns: table.columns, where: null, request: { ...request, limitRows: 5 } }),
    ).toThrow(/only be read as a whole/);
  });
});
