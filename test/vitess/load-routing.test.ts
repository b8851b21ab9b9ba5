import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Column } from "../../src/contracts/schema.ts";
import { planRouting, proveRouting, routerOf } from "../../src/load/routing.ts";
import { checkTargetTables } from "../../src/load/target-checks.ts";
import { columnFromType } from "../../src/mysql/column-type.ts";
import { openSession, type Session } from "../../src/mysql/session.ts";
import { openLoadSession } from "../../src/vitess/shard-session.ts";
import { readTopology, type Topology } from "../../src/vitess/topology.ts";
import { checkVindex } from "../../src/vitess/vindex-check.ts";
import { vindexFunction } from "../../src/vitess/vindexes/vindex-function.ts";
import { readVschema } from "../../src/vitess/vschema.ts";
import { batches, gateAddress, gatePool, loaderFor, loadTable, primary } from "../integration/load/loading.ts";
import { onEveryShard, targetTables } from "../support/database.ts";
import { batchOf } from "../support/rows.ts";

const types = ["hash", "xxhash", "binary", "binary_md5", "numeric", "reverse_bits", "null"] as const;
const vindexes = Object.fromEntries(types.map((type) => [`vt_load_${type}`, { type }]));
const integer = columnFromType("id", "bigint not null");
const text = columnFromType("id", "varchar(40) not null");

describe.skipIf(inject("vtgate").kind !== "vitess")("routing on the live vtgate", () => {
  const { keyspace } = inject("vtgate");
  let session: Session;
  let topology: Topology;
  let tables: AsyncDisposable;

  beforeAll(async () => {
    tables = await targetTables(
      {
        vt_load_routed: {
          create: "CREATE TABLE vt_load_routed (id VARCHAR(40) NOT NULL PRIMARY KEY, v INT)",
          vschema: { column_vindexes: [{ column: "id", name: "vt_load_loose" }] },
        },
        "vt_load o`dd": {
          create: "CREATE TABLE `vt_load o``dd` (`i d` BIGINT NOT NULL PRIMARY KEY, v INT)",
          vschema: { column_vindexes: [{ column: "i d", name: "vt_load_hash" }] },
        },
      },
      { ...vindexes, vt_load_loose: { type: "unicode_loose_xxhash" } },
    );
    session = await openSession(gateAddress(), { purpose: "control" });
    topology = await readTopology(session, keyspace);
  });

  afterAll(async () => {
    await session.close();
    await onEveryShard(["DROP TABLE vt_load_routed", "DROP TABLE `vt_load o``dd`"]);
    await tables[Symbol.asyncDispose]();
  });

  test("the topology is the cluster's", () => {
    expect(topology).toMatchObject({ kind: "vitess", sharded: true });
    expect(topology.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(topology.shards.map((shard) => shard.name)).toEqual(inject("vtgate").shards);
  });

  test("an unknown keyspace and a table outside the vschema are named", async () => {
    await expect(readTopology(session, `${keyspace}x`)).rejects.toThrow(`Did you mean "${keyspace}"?`);
    await expect(readVschema(session, keyspace, ["vt_load_route"])).rejects.toThrow(
      /vt_load_route is not in the vschema/,
    );
  });

  test("a table that is on the shards but not in the vschema is refused, though vtgate lists it", async () => {
    await onEveryShard(["DROP TABLE IF EXISTS vt_load_stray", "CREATE TABLE vt_load_stray (id INT PRIMARY KEY)"]);
    const stray = readVschema(session, keyspace, ["vt_load_stray"]);
    await expect(stray).rejects.toThrow("Table vt_load_stray is not in the vschema");
    await onEveryShard(["DROP TABLE vt_load_stray"]);
  });

  const columnsOf: Record<(typeof types)[number], Column[]> = {
    hash: [integer],
    numeric: [integer],
    reverse_bits: [integer],
    null: [integer, text],
    xxhash: [integer, text, columnFromType("id", "varbinary(40)"), columnFromType("id", "int zerofill")],
    binary: [text, columnFromType("id", "varbinary(40)")],
    binary_md5: [text, columnFromType("id", "varbinary(40)"), integer],
  };
  test.each(types)("vindex %s gives vtgate's keyspace ids and shards", async (type) => {
    const samples = [..."0123456789"].map((digit) => Buffer.from(digit.repeat(5)));
    for (const column of columnsOf[type]) {
      const ours = vindexFunction(type, column);
      if (ours === null) throw new Error(`no ${type}`);
      const vindex = { name: `vt_load_${type}`, type, params: "", columns: "id" };
      expect(await checkVindex(session, vindex, column, ours, topology.shards, samples), column.type).toBeNull();
    }
  });

  test("a vindex that is not what it is said to be is found out, and vtgate routes", async () => {
    const [table] = await readVschema(session, keyspace, ["vt_load o`dd"]);
    if (table === undefined) throw new Error("no table");
    const columns = [columnFromType("i d", "bigint not null"), columnFromType("v", "int")];
    const plan = planRouting(table, columns, topology);
    expect(plan).toMatchObject({ kind: "vindex", cell: 0, type: "hash" });
    expect(await proveRouting(session, plan, table, columns, topology, [])).toEqual({ plan, warning: null });
    const wrong = { ...plan, type: "numeric" } as typeof plan;
    const proven = await proveRouting(session, wrong, table, columns, topology, []);
    expect(proven.plan.kind).toBe("routed");
    expect(proven.warning).toMatch(/vtgate routes this table's rows/);
  });

  test("rows of a vindex that is not computed here are routed by vtgate, each exactly once", async () => {
    const [table] = await readVschema(session, keyspace, ["vt_load_routed"]);
    if (table === undefined) throw new Error("no table");
    const columns = [text, columnFromType("v", "int")];
    const plan = planRouting(table, columns, topology);
    expect(plan.kind).toBe("routed");
    const rows = batchOf(Array.from({ length: 60 }, (_, i) => [Buffer.from(`naïve '${i}`), Buffer.from(String(-i))]));
    const pool = gatePool();
    const loader = loaderFor(loadTable("vt_load_routed", columns, primary("id")), pool, {
      plan,
      router: routerOf(plan, columns, topology),
      shards: topology.shards.length,
      strategy: "values",
      size: { rows: 25, bytes: 1 << 20 },
    });
    await loader.load(batches(rows), { chunk: "1-1", recover: false });
    expect(await loader.load(batches(rows), { chunk: "1-1", recover: true })).toMatchObject({ statements: 0 });
    await pool.close();
    // vtgate finds every row by its key, so each is where vtgate looks for it.
    for (const i of [0, 7, 59]) {
      const found = await session.query(`SELECT v FROM vt_load_routed WHERE id = 'naïve \\'${i}'`);
      expect(found).toEqual([{ v: String(-i) }]);
    }
    await onEveryShard(["DELETE FROM vt_load_routed"]);
  });

  test("the checks of a target table work in a shard-targeted session", async () => {
    const shard = await openLoadSession(gateAddress(), { keyspace, shard: topology.shards[0]?.name ?? null }, {});
    const columns = [text, columnFromType("v", "int")];
    const codes = async (name: string): Promise<string[]> =>
      (await checkTargetTables(shard, [{ table: loadTable(name, columns, null), resuming: false }], "the shard"))
        .flat()
        .map(({ code }) => code);
    expect(await codes("vt_load_routed")).toEqual([]);
    expect(await codes("vt_load_nowhere")).toEqual(["target-table-missing"]);
    await shard.close();
  });
});
