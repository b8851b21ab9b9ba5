import { expect, inject, test } from "vitest";
import { connectTarget, onEveryShard, targetTables, testDatabase } from "../../support/database.ts";

test("the source is a real MySQL with a binary log and GTIDs", async () => {
  await using database = await testDatabase("sandbox_support");
  const [row] = await database.query(
    "SELECT @@version AS version, @@gtid_mode AS gtid, @@binlog_format AS binlog, DATABASE() AS db",
  );
  expect(row).toMatchObject({ gtid: "ON", binlog: "ROW", db: "sandbox_support" });
  expect(Number.parseInt(row?.["version"], 10)).toBeGreaterThanOrEqual(8);
});

test("a table of a test's own is made on every shard, routed by the gate and dropped again", async () => {
  const table = "sandbox_support_routed";
  {
    await using _tables = await targetTables(
      {
        [table]: {
          create: `CREATE TABLE ${table} (id BIGINT PRIMARY KEY, note VARCHAR(20))`,
          vschema: { column_vindexes: [{ column: "id", name: "sandbox_support_hash" }] },
        },
      },
      { sandbox_support_hash: { type: "hash" } },
    );
    await using gate = await disposable(connectTarget());
    // Of these keys hash(1)=166b… belongs to -80 and hash(4)=d2fd… to 80-.
    await gate.connection.query(`INSERT INTO ${table} (id, note) VALUES (1, 'low'), (4, 'high')`);
    const [rows] = await gate.connection.query(`SELECT COUNT(*) AS n FROM ${table}`);
    expect(rows).toEqual([{ n: "2" }]);
    const notes: unknown[] = [];
    for (const shard of inject("vtgate").shards) {
      await using session = await disposable(connectTarget(shard));
      notes.push((await session.connection.query(`SELECT note FROM ${table}`))[0]);
    }
    expect(notes).toEqual([[{ note: "low" }], [{ note: "high" }]]);
  }
  await expect(onEveryShard([`SELECT 1 FROM ${table}`])).rejects.toThrow(/doesn't exist|not exist|not found/);
});

async function disposable(connecting: ReturnType<typeof connectTarget>) {
  const connection = await connecting;
  return { connection, [Symbol.asyncDispose]: () => connection.end() };
}
