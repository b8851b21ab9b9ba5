import { createConnection, type RowDataPacket } from "mysql2/promise";
import { describe, expect, inject, test } from "vitest";

describe.skipIf(inject("vtgate").kind !== "vitess")("the real cluster", () => {
  test("has a primary for every shard and for the source", async () => {
    const { host, port, user, password, keyspace, shards, sourceKeyspace } = inject("vtgate");
    const connection = await createConnection({ host, port, user, password });
    try {
      const [tablets] = await connection.query<RowDataPacket[]>("SHOW VITESS_TABLETS");
      const serving = tablets.map((row) => `${row["Keyspace"]}/${row["Shard"]} ${row["TabletType"]} ${row["State"]}`);
      const wanted = [`${sourceKeyspace}/0`, ...shards.map((shard) => `${keyspace}/${shard}`)];
      expect(serving.sort()).toEqual(wanted.map((shard) => `${shard} PRIMARY SERVING`).sort());
    } finally {
      await connection.end();
    }
  });

  test("lets nobody in without the password", async () => {
    const { host, port, user } = inject("vtgate");
    await expect(createConnection({ host, port, user, password: "wrong" })).rejects.toThrow(/Access denied/);
  });
});
