import { createConnection, type RowDataPacket } from "mysql2/promise";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { loadSample } from "../../../src/sandbox/sample/load-sample.ts";
import { testDatabase } from "../../support/database.ts";

const quote = (name: string): string => `\`${name.replaceAll("`", "``")}\``;

async function load(database: string, seed: string): Promise<number> {
  const { host, port, user, password, mysqlxPort } = inject("source");
  return loadSample({ host, port, user, password, database, mysqlxPort, seed, scale: 0.02, onEvent: () => {} });
}

/** CHECKSUM TABLE of every table by name. */
async function checksums(database: Awaited<ReturnType<typeof testDatabase>>): Promise<Map<string, string>> {
  const tables = await database.query("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'");
  const names = tables.map((row) => String(Object.values(row)[0]));
  const rows = await database.query(`CHECKSUM TABLE ${names.map(quote).join(", ")}`);
  return new Map(names.map((name, index) => [name, String(rows[index]?.["Checksum"])]));
}

describe("the sample database", () => {
  let version = 0;
  beforeAll(async () => {
    await using database = await testDatabase("sandbox_sample_version");
    const [row] = await database.query("SELECT VERSION() AS version");
    version = Number.parseInt(row?.["version"], 10);
  });

  test("is the same for the same seed, and another for another", async () => {
    await using one = await testDatabase("sandbox_sample_one");
    await using same = await testDatabase("sandbox_sample_same");
    await using other = await testDatabase("sandbox_sample_other");
    const rows = await load(one.name, "seed");
    expect(await load(same.name, "seed")).toBe(rows);
    await load(other.name, "another");
    const first = await checksums(one);
    expect(first.size).toBe(20);
    expect(await checksums(same)).toEqual(first);
    expect((await checksums(other)).get("people")).not.toBe(first.get("people"));
  });

  test("holds what is hard to move", async () => {
    await using database = await testDatabase("sandbox_sample_hard");
    await load(database.name, "seed");
    const one = async (sql: string): Promise<RowDataPacket | undefined> => (await database.query(sql))[0];

    expect(await one("SELECT t_decimal, t_bit64 + 0 AS bits, t_big_u FROM all_types WHERE id = -4")).toEqual({
      t_decimal: `${"9".repeat(35)}.${"9".repeat(30)}`,
      bits: "18446744073709551615",
      t_big_u: "18446744073709551615",
    });
    expect(await one("SELECT t_date, t_timestamp, t_enum + 0 AS member FROM all_types WHERE id = -6")).toEqual({
      t_date: "0000-00-00",
      t_timestamp: "0000-00-00 00:00:00",
      member: 0,
    });
    expect(await one("SELECT COUNT(*) AS n FROM all_types WHERE CAST(t_float AS DOUBLE) = 5592405.5")).toEqual({
      n: "1",
    });
    expect(await one("SELECT HEX(t_varbinary) AS bytes FROM all_types WHERE id = -5")).toEqual({
      bytes: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
        .toString("hex")
        .toUpperCase(),
    });
    expect(await one("SELECT ST_SRID(t_point) AS srid FROM all_types WHERE id = -4")).toEqual({ srid: "4326" });
    expect(await one("SELECT MAX(LENGTH(body)) AS n FROM documents")).toEqual({ n: String(6 * 1024 * 1024) });
    expect(await one("SELECT MAX(id) AS n FROM counters")).toEqual({ n: "18446744073709551615" });
    expect(await one("SELECT COUNT(*) AS n FROM archive")).toEqual({ n: "0" });
    const vectors = await database.query("SHOW COLUMNS FROM all_types LIKE 't_vector'");
    expect(vectors).toHaveLength(version >= 9 ? 1 : 0);
    // Rows that only their number tells apart.
    expect(
      await one("SELECT COUNT(*) > COUNT(DISTINCT person_id, action) AS alike FROM audit_log WHERE at IS NULL"),
    ).toEqual({ alike: "1" });
  });

  test("is consistent: every foreign key finds its row, at any scale", async () => {
    await using database = await testDatabase("sandbox_sample_keys");
    await load(database.name, "seed");
    const orphans = [
      "SELECT COUNT(*) AS n FROM orders o LEFT JOIN people p ON p.id = o.customer_id WHERE p.id IS NULL",
      "SELECT COUNT(*) AS n FROM order_lines l LEFT JOIN orders o ON o.id = l.order_id WHERE o.id IS NULL",
      "SELECT COUNT(*) AS n FROM order_lines l LEFT JOIN products p ON p.sku = l.sku WHERE p.sku IS NULL",
    ];
    for (const sql of orphans) expect(await database.query(sql)).toEqual([{ n: "0" }]);
  });

  test("has a Document Store collection, two views, a trigger, two routines and an event", async () => {
    await using database = await testDatabase("sandbox_sample_programs");
    await load(database.name, "seed");
    const counts = await database.query(
      `SELECT (SELECT COUNT(*) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()) AS views,
         (SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()) AS triggers,
         (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()) AS routines,
         (SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()) AS events`,
    );
    expect(counts).toEqual([{ views: "2", triggers: "1", routines: "2", events: "1" }]);
    const columns = await database.query("SHOW COLUMNS FROM catalog");
    expect(columns.map((row) => `${row["Field"]} ${row["Extra"]}`)).toEqual(
      expect.arrayContaining(["doc ", "_id STORED GENERATED"]),
    );
    expect(await database.query("SELECT COUNT(*) AS n FROM catalog WHERE doc->>'$._id' = _id")).toEqual([{ n: "6" }]);
  });
});

describe("the reader account", () => {
  async function asReader<T>(work: (query: (sql: string) => Promise<unknown>) => Promise<T>): Promise<T> {
    const { host, port, reader, database } = inject("source");
    const connection = await createConnection({ host, port, ...reader, database });
    try {
      return await work((sql) => connection.query(sql));
    } finally {
      await connection.end();
    }
  }

  test.each([
    "LOCK INSTANCE FOR BACKUP",
    "FLUSH NO_WRITE_TO_BINLOG TABLES",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    "SELECT @@global.gtid_executed",
    "SHOW TRIGGERS",
    "SHOW EVENTS",
  ])("may %s", async (sql) => {
    await asReader(async (query) => expect(await query(sql)).toBeDefined());
  });

  test.each(["CREATE TABLE t (id INT)", "SELECT * FROM mysql.user", "SET GLOBAL max_connections = 10"])(
    "may not %s",
    async (sql) => {
      await asReader(async (query) => expect(query(sql)).rejects.toThrow(/denied/));
    },
  );
});
