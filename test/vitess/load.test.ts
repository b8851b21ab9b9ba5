import { describe, expect, inject, test } from "vitest";
import { createLoadLedger, dropLoadLedger } from "../../src/load/ledger-table.ts";
import type { RoutingPlan } from "../../src/load/routing.ts";
import { columnFromType } from "../../src/mysql/column-type.ts";
import { readList } from "../../src/mysql/read-expression.ts";
import { openSession, type Session } from "../../src/mysql/session.ts";
import { makeShardRouter } from "../../src/vitess/shard-router.ts";
import { openLoadSession, setLoadMode } from "../../src/vitess/shard-session.ts";
import { orderShards } from "../../src/vitess/topology.ts";
import { vindexFunction } from "../../src/vitess/vindexes/vindex-function.ts";
import { batches, gateAddress, gatePool, loaderFor, loadTable, primary, readAll } from "../integration/load/loading.ts";
import { createEveryType, everyColumn, everyRowCount, insertEveryType } from "../integration/mysql/every-type.ts";
import { hexRows, inOwnDatabase } from "../integration/mysql/own-database.ts";
import { batchOf } from "../support/rows.ts";

/** One shard's primary through the gate, for looking and for DDL. */
function shardSession(index: number): Promise<Session> {
  const { keyspace, shards } = inject("vtgate");
  return openLoadSession(gateAddress(), { keyspace, shard: shards[index] ?? null }, {});
}

/** Runs `work` with tables of its own on every shard; shard-targeted sessions need no vschema. */
async function withTables(creates: Record<string, string>, work: (shards: Session[]) => Promise<void>): Promise<void> {
  const sessions = await Promise.all(inject("vtgate").shards.map((_, index) => shardSession(index)));
  const drop = async (session: Session): Promise<void> => {
    for (const name of Object.keys(creates)) await session.run(`DROP TABLE IF EXISTS ${name}`);
  };
  try {
    for (const session of sessions) {
      await drop(session);
      for (const create of Object.values(creates)) await session.run(create);
    }
    await work(sessions);
  } finally {
    for (const session of sessions) {
      await drop(session);
      await session.close();
    }
  }
}

const byId: RoutingPlan = { kind: "vindex", cell: 0, type: "hash", why: "test" };

function hashRouter() {
  const vindex = vindexFunction("hash", { kind: "integer" });
  if (vindex === null) throw new Error("no hash");
  return makeShardRouter(vindex, orderShards("main", inject("vtgate").shards));
}

describe.skipIf(inject("vtgate").kind !== "vitess")("loading through vtgate", () => {
  test.each(["values", "json-table"] as const)("%s: every type arrives byte for byte", async (strategy) => {
    await inOwnDatabase("vt_load_vitess_types", async (session, address) => {
      await session.run(createEveryType("vt_load_types"));
      for (const insert of insertEveryType("vt_load_types")) await session.run(insert);
      await session.run("UPDATE vt_load_types SET json = CAST(CAST(json AS CHAR) AS JSON)");
      await using reader = await openSession(address, { purpose: "source" });
      const rows = await readAll(reader, `SELECT ${readList(everyColumn)} FROM vt_load_types`);
      await withTables({ vt_load_types: createEveryType("vt_load_types") }, async () => {
        const pool = gatePool();
        const table = loadTable("vt_load_types", everyColumn, primary("id"));
        const loader = loaderFor(table, pool, {
          strategy,
          plan: byId,
          router: hashRouter(),
          shards: inject("vtgate").shards.length,
        });
        const result = await loader.load(batches(...rows), { chunk: "1-1", recover: false });
        const again = await loader.load(batches(...rows), { chunk: "1-1", recover: true });
        await pool.close();
        expect(result).toMatchObject({ rows: everyRowCount, retries: 0 });
        expect(again).toMatchObject({ rows: everyRowCount, statements: 0 });

        const arrived: string[] = [];
        const shardRows: number[] = [];
        for (const server of inject("shardServers")) {
          await using direct = await openSession({ ...address, ...server, socketPath: null }, { purpose: "source" });
          const found = await hexRows(direct, `SELECT ${readList(everyColumn)} FROM vt_load_types`);
          shardRows.push(found.length);
          arrived.push(...found);
        }
        const sent = await hexRows(reader, `SELECT ${readList(everyColumn)} FROM vt_load_types`);
        expect(arrived.sort()).toEqual(sent.sort());
        expect(Math.min(...shardRows)).toBeGreaterThan(0);
      });
    });
  });

  test("without a key: a ledger line and its rows are one transaction on each shard", async () => {
    const rows = batchOf(Array.from({ length: 100 }, (_, i) => [Buffer.from(String(i)), Buffer.from("x")]));
    const table = loadTable(
      "vt_load_keyless",
      [columnFromType("id", "bigint not null"), columnFromType("v", "varchar(3)")],
      null,
    );
    await withTables({ vt_load_keyless: "CREATE TABLE vt_load_keyless (id BIGINT, v VARCHAR(3))" }, async (shards) => {
      for (const shard of shards) await createLoadLedger(shard, "test");
      const pool = gatePool();
      const more = { plan: byId, router: hashRouter(), shards: shards.length, size: { rows: 10, bytes: 1 << 20 } };
      for (const recover of [false, true]) {
        await loaderFor(table, pool, more).load(batches(rows), { chunk: "1-1", recover });
      }
      await pool.close();
      let total = 0;
      for (const shard of shards) {
        total += Number((await shard.query("SELECT COUNT(*) AS n FROM vt_load_keyless"))[0]?.["n"]);
        await dropLoadLedger(shard, "test");
      }
      expect(total).toBe(100);
    });
  });

  test("a strict session refuses what does not fit, a permissive one takes the ENUM error value, and neither checks foreign keys", async () => {
    const creates = {
      vt_load_child: "CREATE TABLE vt_load_child (id INT PRIMARY KEY, p INT)",
      vt_load_strict:
        "CREATE TABLE vt_load_strict (id INT PRIMARY KEY, v VARCHAR(3), n TINYINT, d DATETIME, e ENUM('a'))",
    };
    await withTables(creates, async ([session]) => {
      if (session === undefined) throw new Error("no shard");
      const insert = (values: string): Promise<unknown> => session.run(`INSERT INTO vt_load_strict VALUES (${values})`);
      await expect(insert("1, 'abcd', 1, NULL, 'a'")).rejects.toThrow(/Data too long/);
      await expect(insert("1, 'abc', 300, NULL, 'a'")).rejects.toThrow(/Out of range/);
      await expect(insert("1, 'abc', 1, NULL, ''")).rejects.toThrow(/Data truncated/);
      await insert("1, 'abc', 1, '0000-00-00 00:00:00', 'a'");
      await insert("2, 'abc', 1, '2024-02-31 00:00:00', 'a'");
      await setLoadMode(session, "permissive");
      await insert("3, 'abc', 1, NULL, ''");
      await setLoadMode(session, "strict");
      await expect(insert("4, 'abc', 1, NULL, ''")).rejects.toThrow(/Data truncated/);
      expect(await session.query("SELECT COUNT(*) AS n FROM vt_load_strict")).toEqual([{ n: "3" }]);
      await session.run("ALTER TABLE vt_load_child ADD FOREIGN KEY (p) REFERENCES vt_load_strict (id)");
      await session.run("INSERT INTO vt_load_child VALUES (1, 99)");
      await session.run("DROP TABLE vt_load_child");
    });
  });

  test("a row near vtgate's message limit arrives, one beyond it is refused by name", async () => {
    const table = loadTable(
      "vt_load_large",
      [columnFromType("id", "int not null"), columnFromType("b", "longblob")],
      primary("id"),
    );
    await withTables(
      { vt_load_large: "CREATE TABLE vt_load_large (id INT PRIMARY KEY, b LONGBLOB)" },
      async ([shard]) => {
        const pool = gatePool();
        const loader = loaderFor(table, pool);
        const fits = batchOf([[Buffer.from("1"), Buffer.alloc(11_500_000, 0xa7)]]);
        await loader.load(batches(fits), { chunk: "1-1", recover: false });
        expect(await shard?.query("SELECT id, LENGTH(b) AS n FROM vt_load_large")).toEqual([
          { id: "1", n: "11500000" },
        ]);
        const tooLarge = batchOf([[Buffer.from("2"), Buffer.alloc(13_000_000, 0xa7)]]);
        await expect(loader.load(batches(tooLarge), { chunk: "1-2", recover: false })).rejects.toThrow(
          /A row of table vt_load_large needs a statement of \d+ bytes, the target takes \d+: id = 2/,
        );
        await pool.close();
      },
    );
  });
});
