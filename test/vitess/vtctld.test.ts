import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { openVtctld, type Vtctld } from "../../src/vitess/vtctld/client.ts";
import { equivalent } from "../../src/vitess/vtctld/equivalent.ts";
import type { VtctldMethod, VtctldRequest } from "../../src/vitess/vtctld/field.ts";
import { resultRows } from "../../src/vitess/vtctld/query-result.ts";
import { readTabletVersion } from "../../src/vitess/vtctld/version.ts";
import { keepCellsAndTypes } from "../../src/vitess/vtctld/workflow-update.ts";
import { targetTables } from "../support/database.ts";

const { kind, keyspace, shards, description, vtctld: address } = inject("vtgate");
const sourceKeyspace = inject("vtgate").sourceKeyspace ?? "";
const server = { address: address ?? "" };
const run = promisify(execFile);

describe.skipIf(kind !== "vitess")("a real vtctld", () => {
  let vtctld: Vtctld;
  beforeAll(async () => {
    vtctld = await openVtctld(server);
  });
  afterAll(() => vtctld.close());

  async function primaryOf(shard: string) {
    const found = await vtctld.call("GetShard", { keyspace, shardName: shard });
    const tabletAlias = found.shard?.shard?.primaryAlias;
    if (!tabletAlias) throw new Error(`no primary in ${shard}`);
    return tabletAlias;
  }

  async function query(shard: string, sql: string) {
    const request = { tabletAlias: await primaryOf(shard), query: sql, maxRows: 100 };
    return resultRows((await vtctld.call("ExecuteFetchAsDBA", request)).result);
  }

  test("shows keyspaces, shards and tablets", async () => {
    const { keyspaces } = await vtctld.call("GetKeyspaces", {});
    expect(keyspaces.map(({ name }) => name).sort()).toEqual([keyspace, sourceKeyspace].sort());
    const found = await vtctld.call("FindAllShardsInKeyspace", { keyspace });
    expect(Object.keys(found.shards).sort()).toEqual([...shards].sort());
    for (const shard of Object.values(found.shards)) {
      const { tablets } = await vtctld.call("GetTablets", { keyspace, shard: shard.name });
      expect(tablets.map(({ alias, type }) => ({ alias, type }))).toEqual([
        { alias: shard.shard?.primaryAlias, type: "PRIMARY" },
      ]);
      const { tablet } = await vtctld.call("GetTablet", { tabletAlias: await primaryOf(shard.name) });
      expect(tablet).toEqual(tablets[0]);
    }
  });

  test("says which version a tablet runs", async () => {
    const { tablets } = await vtctld.call("GetTablets", { keyspace });
    const versions = await Promise.all(tablets.map((tablet) => readTabletVersion(tablet)));
    for (const version of versions) expect(description).toContain(version);
    expect(await readTabletVersion({ hostname: "127.0.0.1", portMap: { vt: 1 } })).toBeNull();
    expect(await readTabletVersion({ hostname: "127.0.0.1", portMap: {} })).toBeNull();
  });

  test("runs a statement as DBA on one shard; NULL, empty, numbers and 4-byte text come whole", async () => {
    const [row] = await query("-80", "select 18446744073709551615 n, null x, '' e, '𝄞' t, x'00ff' b, @@port p");
    const at = inject("shardServers")[shards.indexOf("-80")]?.port;
    expect(row).toEqual({ n: "18446744073709551615", x: null, e: "", t: "𝄞", b: "\0\ufffd", p: String(at) });
  });

  test("gives a failed statement as an error that names it and its code", async () => {
    await expect(query("-80", "select * from no_such_table_of_mine")).rejects.toMatchObject({
      name: "VtpipeError",
      code: "target",
      message: expect.stringMatching(/ExecuteFetchAsDBA \(UNKNOWN\): .*no_such_table_of_mine.* doesn't exist/),
      context: { grpcCode: "UNKNOWN", address: server.address },
    });
  });

  test("changes a vschema, and what is read and applied again has lost nothing", async () => {
    const own = "vtctld_vschema";
    const table = {
      type: "reference",
      columns: [{ name: "c", type: 6165, nullable: false, collationName: "utf8mb4_bin" }],
    };
    const now = (await vtctld.call("GetVSchema", { keyspace })).vSchema;
    if (now === null) throw new Error("no vschema");
    const wanted = { ...now, tables: { ...now.tables, [own]: table } };
    const applied = await vtctld.call("ApplyVSchema", { keyspace, vSchema: wanted, dryRun: true });
    expect(applied.vSchema?.tables[own]).toMatchObject(table);
    const again = await vtctld.call("ApplyVSchema", { keyspace, vSchema: applied.vSchema, dryRun: true });
    expect(again).toEqual(applied);
    expect((await vtctld.call("GetVSchema", { keyspace })).vSchema?.tables).not.toHaveProperty(own);
  });

  test("shows throttlers, schemas and routing rules", async () => {
    const tabletAlias = await primaryOf("-80");
    const { status } = await vtctld.call("GetThrottlerStatus", { tabletAlias });
    expect(status).toMatchObject({ keyspace, shard: "-80", isEnabled: false });
    const { check } = await vtctld.call("CheckThrottler", { tabletAlias, appName: "vtpipe", scope: "shard" });
    expect(check?.responseCode).toBe("OK");
    const { schema } = await vtctld.call("GetSchema", { tabletAlias, tableNamesOnly: true });
    expect(schema?.databaseSchema).toContain("CREATE DATABASE");
    expect((await vtctld.call("GetRoutingRules", {})).routingRules).not.toBeNull();
  });

  test("takes a MoveTables workflow from its making, stopped, to its end, which leaves the rows", async () => {
    const table = "vtctld_moved";
    const workflow = "vtctld_move";
    const create = `CREATE TABLE ${table} (id BIGINT PRIMARY KEY, t VARCHAR(20))`;
    await using source = await sourceTable(table, create);
    const vschema = { column_vindexes: [{ column: "id", name: "hash" }] };
    await using _target = await targetTables({ [table]: { create, vschema } }, { hash: { type: "hash" } });
    await source.run(`INSERT INTO ${table} VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four')`);
    const ends = { keyspace, workflow, keepData: true, keepRoutingRules: true };
    await vtctld.call("WorkflowDelete", ends).catch(() => {});
    try {
      const created = await vtctld.call("MoveTablesCreate", {
        ...{ workflow, sourceKeyspace, targetKeyspace: keyspace, includeTables: [table] },
        ...{ tabletTypes: ["PRIMARY", "REPLICA"], tabletSelectionPreference: "INORDER" },
        ...{ autoStart: false, noRoutingRules: true },
      });
      expect(Object.keys(created.shardStreams)).toHaveLength(shards.length);
      expect(await states(workflow)).toEqual(["Stopped", "Stopped"]);
      expect(await deniedOf("-80")).toContain(table);
      for (const shard of shards) {
        const lift = { keyspace, shard, tabletType: "PRIMARY", deniedTables: [table], remove: true } as const;
        await vtctld.call("SetShardTabletControl", lift);
        expect(await deniedOf(shard)).not.toContain(table);
        const refreshed = await vtctld.call("RefreshStateByShard", { keyspace, shard });
        expect(refreshed).toEqual({ isPartialRefresh: false, partialRefreshDetails: "" });
      }
      const start = { workflow, ...keepCellsAndTypes, state: "Running" } as const;
      const updated = await vtctld.call("WorkflowUpdate", { keyspace, tabletRequest: start });
      expect(updated.details.map(({ changed }) => changed)).toEqual([true, true]);
      // Vitess writes a stream's rows_copied down with its next position only, which a quiet source never gives it.
      const progress = async () => {
        const streams = (await streamsOf(workflow)).map(({ state, message }) => `${state}${message}`);
        return { rows: await rowsOnTarget(), streams };
      };
      await expect.poll(progress, { timeout: 60_000 }).toEqual({ rows: 4, streams: ["Running", "Running"] });
      const streams = await streamsOf(workflow);
      for (const stream of streams) {
        expect(stream).toMatchObject({ tabletTypes: ["PRIMARY", "REPLICA"], tabletSelectionPreference: "INORDER" });
        expect(stream.position).toMatch(/[0-9a-f-]{36}:/);
        expect(stream.binlogSource?.filter?.rules).toHaveLength(1);
      }
      const status = await vtctld.call("WorkflowStatus", { keyspace, workflow });
      expect(status.trafficState).toContain("Not Switched");

      await vdiff(workflow);
      const switched = await vtctld.call("WorkflowSwitchTraffic", {
        ...{ keyspace, workflow, tabletTypes: ["PRIMARY"], direction: 0, dryRun: true, enableReverseReplication: true },
        ...{ maxReplicationLagAllowed: { seconds: 30 }, timeout: { seconds: 30 } },
      });
      expect(switched.dryRunResults.join("\n")).toContain(table);
      await expect(
        vtctld.call("MoveTablesComplete", { workflow, targetKeyspace: keyspace, keepData: true, dryRun: true }),
      ).rejects.toThrow(/traffic/);
      await vtctld.call("WorkflowUpdate", { keyspace, tabletRequest: { ...start, state: "Stopped" } });
      expect(await states(workflow)).toEqual(["Stopped", "Stopped"]);
    } finally {
      await vtctld.call("WorkflowDelete", ends);
    }
    expect(await streamsOf(workflow)).toEqual([]);
    expect(await rowsOnTarget()).toBe(4);

    async function rowsOnTarget(): Promise<number> {
      const rows = await Promise.all(shards.map((shard) => query(shard, `select count(*) n from vt_main.${table}`)));
      return rows.reduce((sum, [row]) => sum + Number(row?.["n"]), 0);
    }
  });

  async function vdiff(workflow: string): Promise<void> {
    const uuid = "0d3e9d5e-8f0c-4d5e-9f51-2d6d0a3a7c11";
    const of = { workflow, targetKeyspace: keyspace };
    const created = await vtctld.call("VDiffCreate", {
      ...{ ...of, uuid, tabletTypes: ["PRIMARY"], limit: "9223372036854775807", autoRetry: true },
      ...{ filteredReplicationWaitTime: { seconds: 30 }, maxExtraRowsToCompare: 1000, maxReportSampleRows: 10 },
    });
    expect(created.uuid).toBe(uuid);
    const summary = async () => {
      const { tabletResponses } = await vtctld.call("VDiffShow", { ...of, arg: uuid });
      const rows = Object.values(tabletResponses).flatMap(({ output }) => resultRows(output));
      return rows.map((row) => [row["vdiff_state"], row["has_mismatch"]]);
    };
    await expect.poll(summary, { timeout: 60_000 }).toEqual([
      ["completed", "0"],
      ["completed", "0"],
    ]);
    await vtctld.call("VDiffDelete", { ...of, arg: uuid });
  }

  async function streamsOf(workflow: string) {
    const { workflows } = await vtctld.call("GetWorkflows", { keyspace, workflow });
    return workflows.flatMap(({ shardStreams }) => Object.values(shardStreams).flatMap(({ streams }) => streams));
  }

  async function states(workflow: string): Promise<string[]> {
    return (await streamsOf(workflow)).map(({ state }) => state);
  }

  async function deniedOf(shard: string): Promise<string[]> {
    const found = await vtctld.call("GetShard", { keyspace, shardName: shard });
    return found.shard?.shard?.tabletControls.flatMap(({ deniedTables }) => deniedTables) ?? [];
  }

  test("there are no workflows of a name nobody gave", async () => {
    expect(await vtctld.call("GetWorkflows", { keyspace, workflow: "nobody_s" })).toEqual({ workflows: [] });
  });

  /** Runs the printed line by a shell. */
  async function line<M extends VtctldMethod>(method: M, request: VtctldRequest<M>): Promise<string> {
    return (await run("/bin/sh", ["-c", equivalent(server, method, request)], { cwd: "/" })).stdout;
  }

  test("printed lines do what the calls do", async () => {
    const tabletAlias = await primaryOf("80-");
    expect(JSON.parse(await line("GetTablet", { tabletAlias }))).toMatchObject({ alias: tabletAlias, keyspace });
    expect(JSON.parse(await line("GetShard", { keyspace, shardName: "80-" }))).toMatchObject({ name: "80-" });
    expect(JSON.parse(await line("GetTablets", { keyspace, shard: "80-", tabletType: "PRIMARY" }))).toHaveLength(1);
    const hostile = `-- it's "$HOME" \`id\`\nselect 'a\\'b', "c;d", '$(id)', '𝄞'`;
    const said = JSON.parse(await line("ExecuteFetchAsDBA", { tabletAlias, query: hostile, maxRows: 5 }));
    expect(said.rows).toEqual([Object.fromEntries(["a'b", "c;d", "$(id)", "𝄞"].entries())].map(Object.values));
    expect(JSON.parse(await line("GetWorkflows", { keyspace }))).toHaveProperty("workflows");

    const names = ["vtctld_a,b", 'vtctld_"c"', "vtctld_it's", "vtctld_d e"];
    const control = { keyspace, shard: "80-", tabletType: "PRIMARY", deniedTables: names } as const;
    await line("SetShardTabletControl", { ...control, remove: false });
    expect(await deniedOf("80-")).toEqual(expect.arrayContaining(names));
    await line("SetShardTabletControl", { ...control, remove: true });
    expect((await deniedOf("80-")).filter((name) => names.includes(name))).toEqual([]);
  });
});

/** A table in the source keyspace's own database. */
async function sourceTable(
  name: string,
  create: string,
): Promise<AsyncDisposable & { run(sql: string): Promise<void> }> {
  const { createConnection } = await import("mysql2/promise");
  const { host, port, user, password, database } = inject("source");
  const connection = await createConnection({ host, port, user, password, database });
  const drop = `DROP TABLE IF EXISTS ${name}`;
  await connection.query(drop);
  await connection.query(create);
  return {
    run: async (sql) => void (await connection.query(sql)),
    [Symbol.asyncDispose]: async () => {
      await connection.query(drop);
      await connection.end();
    },
  };
}
