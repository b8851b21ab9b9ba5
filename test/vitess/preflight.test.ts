import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { migrationId } from "../../src/handoff/preflight/migration-id.ts";
import { readView } from "../../src/handoff/view.ts";
import { openVtctld } from "../../src/vitess/vtctld/client.ts";
import type { CliResult } from "../support/cli.ts";
import { testDatabase } from "../support/database.ts";
import { newSmallHandoff, type SmallHandoff, sharedSite } from "../support/small-handoff.ts";

const { kind, description } = inject("vtgate");
if (kind !== "vitess") process.stderr.write(`SKIPPED: preflight of handoffs; the target is the ${description}\n`);

/** What would fail hours later is refused before a row is read, on a cluster that really is so. */
describe.skipIf(kind !== "vitess")("the preflight of a handoff, on a real cluster", () => {
  const workflow = "pre_test";
  let handoff: SmallHandoff;

  beforeAll(async () => {
    const create = (name: string, more = "PRIMARY KEY (id)") =>
      `CREATE TABLE ${name} (id BIGINT NOT NULL, note VARCHAR(20) NOT NULL${more === "" ? "" : `, ${more}`})`;
    const fill = (name: string) => `INSERT INTO ${name} VALUES (1, 'a'), (2, 'b'), (3, 'c')`;
    const byId = { column: "id", name: "small_hash" };
    handoff = await newSmallHandoff(
      sharedSite(),
      workflow,
      {
        pre_orders: { source: [create("pre_orders"), fill("pre_orders")] },
        pre_bare: { source: [create("pre_bare", ""), fill("pre_bare")] },
        pre_owner: {
          source: [create("pre_owner"), fill("pre_owner")],
          vschema: { column_vindexes: [byId, { column: "note", name: "pre_lookup" }] },
        },
      },
      {
        pre_lookup: {
          type: "consistent_lookup",
          params: { table: "main.pre_notes", from: "note", to: "keyspace_id" },
          owner: "pre_owner",
        },
      },
    );
  });
  afterAll(() => handoff?.[Symbol.asyncDispose]());
  afterEach(() => handoff?.again());

  const warnings = ({ events }: CliResult): string[] =>
    events.flatMap((event) => (event.type === "warning" ? [event.code] : []));

  test("a cluster and tables that are as they should be are handed over; who else is on the source is said", async () => {
    const plan = await handoff.run("plan");
    expect(plan.error).toBeNull();
    // The test's own session is root's, and so is the reader here; the tablet's are no news.
    expect(warnings(plan)).toEqual([]);
    expect((await handoff.run("handoff prepare")).error).toBeNull();
    expect((await handoff.run("run")).error).toBeNull();
    expect((await handoff.run("handoff")).error).toBeNull();
    expect((await handoff.run("handoff")).error).toBeNull();
  });

  test("everything is refused at once, by plan, by prepare and by run, and nothing is begun", async () => {
    await handoff.configure({
      tables: { include: ["pre_*"] },
      handoff: { cells: ["nowhere"] },
    });
    for (const verb of ["plan", "handoff prepare", "run"]) {
      const { error, exitCode } = await handoff.run(verb);
      expect(exitCode).toBe(1);
      expect(error?.code).toBe("preflight");
      expect(error?.message).toContain("handoff.cells names nowhere, and the cluster has zone1");
      expect(error?.message).toContain("Table pre_bare has no primary key");
      expect(error?.message).toContain("Table pre_owner owns lookup vindex pre_lookup");
    }
    expect((await handoff.run("status")).error?.message).toContain("run");
  });

  test("tables that handoff.follow names are not looked at and take no lane", async () => {
    await handoff.configure({ tables: { include: ["pre_orders", "pre_bare"] }, handoff: { follow: ["pre_bare"] } });
    const prepared = await handoff.run("handoff prepare");
    expect(prepared.error).toBeNull();
    const lines = prepared.events.flatMap((event) => (event.type === "step" ? event.commands : []));
    expect(lines.join("\n")).toContain("pre_orders");
    expect(lines.join("\n")).not.toContain("pre_bare");
  });

  test("a workflow that another run directory made is not taken for ours", async () => {
    expect((await handoff.run("handoff prepare")).error).toBeNull();
    const mine = join(handoff.folder, "run");
    await rm(mine, { recursive: true });
    const plan = await handoff.run("plan");
    expect(plan.error).toBeNull();
    expect(warnings(plan)).toContain("workflow-exists");
    const { error } = await handoff.run("run");
    expect(error?.message).toContain(
      "Workflow pre_test is in keyspace main already, and the run directory knows nothing of it.",
    );
    await using vtctld = await openVtctld({ address: sharedSite().vtctld });
    const request = { keyspace: "main", workflow, keepData: true, keepRoutingRules: false };
    await vtctld.call("WorkflowDelete", request);
    for (const shard of ["-80", "80-"]) {
      await vtctld.call("SetShardTabletControl", {
        ...{ keyspace: "main", shard, tabletType: "PRIMARY", deniedTables: ["pre_orders"], remove: true },
      });
      await vtctld.call("RefreshStateByShard", { keyspace: "main", shard });
    }
  });

  test("a table whose name Vitess cannot read is refused, though it does not move; Vitess itself fails there", async () => {
    const { source, vtctld: address } = sharedSite();
    const { host, port, user, password, database } = source;
    const session = await createConnection({ host, port, user, password, database });
    try {
      await session.query("CREATE TABLE `pre``odd` (id INT PRIMARY KEY)");
      await handoff.configure({ tables: { include: ["pre_orders"] } });
      expect((await handoff.run("plan")).error?.message).toContain("tables with a backtick in their name (pre`odd)");
      await using vtctld = await openVtctld({ address });
      const tabletAlias = { cell: "zone1", uid: 100 };
      await expect(vtctld.call("GetSchema", { tabletAlias })).rejects.toThrow("odd");
    } finally {
      await session.query("DROP TABLE `pre``odd`");
      await session.end();
    }
  });

  test("a database that the source's tablet does not serve is refused", async () => {
    await using other = await testDatabase("pre_other");
    await other.query("CREATE TABLE pre_orders (id BIGINT NOT NULL PRIMARY KEY, note VARCHAR(20) NOT NULL)");
    const { host, port, user, database } = sharedSite().source;
    await handoff.configure({ source: { url: `mysql://${user}@${host}:${port}/pre_other` } });
    expect((await handoff.run("plan")).error?.message).toContain(
      `Rows are read from database pre_other, and zone1-0000000100 of keyspace ext serves database ${database}.`,
    );
  });

  test("rows on the target are refused before the workflow is made, and so is a journal with its id afterwards", async () => {
    const site = sharedSite();
    await site.onEveryShard(["INSERT INTO pre_orders VALUES (77, 'mine')"]);
    expect((await handoff.run("run")).error?.message).toContain("The target's tables pre_orders hold rows at zone1-");
    await site.onEveryShard(["DELETE FROM pre_orders"]);
    expect((await handoff.run("handoff prepare")).error).toBeNull();
    await using vtctld = await openVtctld({ address: site.vtctld });
    const view = await readView(vtctld, {
      sourceKeyspace: site.sourceKeyspace,
      targetKeyspace: site.gate.keyspace,
      workflow,
    });
    if (view.moveTables === null) throw new Error("no workflow");
    const id = migrationId(site.gate.keyspace, view.moveTables);
    await handoff.source.query(`INSERT INTO _vt.resharding_journal (id, db_name, val) VALUES (${id}, 'x', '')`);
    try {
      const { error } = await handoff.run("run");
      expect(error?.message).toContain(`a journal of an earlier migration with the id of this one (${id})`);
      // Vitess takes the number for the same: it would go on as if the switch had been made.
      const dry = await vtctld.call("WorkflowSwitchTraffic", {
        ...{ keyspace: site.gate.keyspace, workflow, tabletTypes: ["PRIMARY", "REPLICA", "RDONLY"], dryRun: true },
        ...{
          maxReplicationLagAllowed: { seconds: 30 },
          timeout: { seconds: 30 },
          enableReverseReplication: true,
          direction: 0,
        },
      });
      expect(dry.dryRunResults.join("\n")).not.toContain("Stop writes on keyspace ext");
    } finally {
      await handoff.source.query(`DELETE FROM _vt.resharding_journal WHERE id = ${id}`);
    }
    expect((await handoff.run("run")).error).toBeNull();
  });
});
