import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RowDataPacket } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { type OwnCluster, startOwnCluster } from "../support/cluster.ts";
import { newSmallHandoff, ownSite, type SmallHandoff } from "../support/small-handoff.ts";

const { kind, description } = inject("vtgate");
if (kind !== "vitess")
  process.stderr.write(`SKIPPED: handoffs on a damaged cluster; the target is the ${description}\n`);

/** Several commands one after the other, on a machine that may be busy. */
const longMs = 300_000;

/** What only a cluster of the test's own can be made to be. */
describe.skipIf(kind !== "vitess")("a handoff on a cluster of its own", () => {
  let cluster: OwnCluster;
  const handoffs: SmallHandoff[] = [];

  const create = (name: string) =>
    `CREATE TABLE ${name} (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, note VARCHAR(40)) AUTO_INCREMENT = 500`;
  const fill = (name: string) => `INSERT INTO ${name} (id, note) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')`;
  const upper = (name: string) => ({ [name]: { transforms: [{ case: { column: "note", to: "upper" } }] } });

  beforeAll(async () => {
    cluster = await startOwnCluster();
  });
  afterEach(async () => {
    for (const handoff of handoffs.splice(0)) await handoff[Symbol.asyncDispose]();
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  async function begin(name: string, vschema?: object): Promise<SmallHandoff> {
    const target = { name, create: create(name).replace(" AUTO_INCREMENT = 500", "").replace(" AUTO_INCREMENT", "") };
    const place = { column_vindexes: [{ column: "id", name: "small_hash" }], ...vschema };
    const made = await newSmallHandoff(ownSite(cluster), `${name}_test`, {
      [name]: { source: [create(name), fill(name)], target, vschema: place },
    });
    handoffs.push(made);
    return made;
  }

  async function succeeds(handoff: SmallHandoff, verb: string, ...args: string[]) {
    const result = await handoff.run(verb, ...args);
    expect(result.error, `${verb}: ${result.error?.message}`).toBeNull();
    expect(result.exitCode, verb).toBe(0);
    return result;
  }

  test(
    "a switch has the sequence of a transformed table go on above all that the source gave out, whatever range a tablet holds",
    async () => {
      // The source's keyspace is unsharded, so it may hold a sequence.
      const source = await cluster.connect("source");
      await source.query(
        "CREATE TABLE own_seq (id INT PRIMARY KEY, next_id BIGINT, cache BIGINT) COMMENT 'vitess_sequence'",
      );
      await source.query("INSERT INTO own_seq VALUES (0, 1, 100)");
      await cluster.vtctl("ReloadSchemaKeyspace", "--include-primary", cluster.target.sourceKeyspace);
      const file = join(cluster.state.directory, "sequences.json");
      await writeFile(file, JSON.stringify({ sharded: false, tables: { own_seq: { type: "sequence" } } }));
      await cluster.vtctl("ApplyVSchema", `--vschema-file=${file}`, cluster.target.sourceKeyspace);

      const handoff = await begin("own_notes", { auto_increment: { column: "id", sequence: "own_seq" } });
      await handoff.configure({ tables: { rules: upper("own_notes") } });
      const next = async (): Promise<number> => {
        const gate = await cluster.connectGate();
        const [rows] = await gate.query<RowDataPacket[]>("SELECT NEXT 1 VALUES FROM ext.own_seq");
        await gate.end();
        return Number(Object.values(rows[0] ?? {})[0]);
      };
      // Now the tablet holds 1 to 100.
      expect(await next()).toBe(1);
      await succeeds(handoff, "run");
      await succeeds(handoff, "handoff");
      await source.query("INSERT INTO own_notes (id, note) VALUES (900, 'late'), (901, 'gone')");
      await source.query("DELETE FROM own_notes WHERE id = 901");
      await source.end();
      const switched = await succeeds(handoff, "switch", "--writers-fenced", "--skip-vdiff");
      const steps = switched.events.flatMap((event) => (event.type === "step" ? [event.title] : []));
      expect(steps).toContain("Have sequence ext.own_seq go on above 901.");
      expect(await next()).toBeGreaterThan(901);
    },
    longMs,
  );

  test("a sequence that is nowhere is refused before the copy", async () => {
    const handoff = await begin("own_lost", { auto_increment: { column: "id", sequence: "nowhere_seq" } });
    expect((await handoff.run("run")).error?.message).toContain(
      "Sequence nowhere_seq of table own_lost is in the vschema of no",
    );
  });

  test(
    "a tablet that may not keep the streams back is refused when the workflow is made, and logs that are gone before it starts",
    async () => {
      const handoff = await begin("own_orders");
      const source = await cluster.connect("source");
      await source.query("SET GLOBAL partial_revokes = ON");
      await source.query("REVOKE DELETE ON _vt.* FROM vt_tablet@localhost");
      const { error } = await handoff.run("run");
      expect(error?.message).toContain("could not keep the streams back to it");
      expect(error?.message).toContain("DELETE permission");
      await source.query("GRANT DELETE ON _vt.* TO vt_tablet@localhost");
      await succeeds(handoff, "run");

      await source.query("INSERT INTO own_orders (note) VALUES ('late')");
      await source.end();
      await cluster.purgeBinlogs("source");
      const late = await handoff.run("handoff");
      expect(late.error?.message).toContain("has purged binary logs with transactions after the copy's position");
      expect(late.events.some(({ type }) => type === "step")).toBe(false);
    },
    longMs,
  );

  test(
    "a table without a twin is handed over from a source that stands still, and refused from one that has moved",
    async () => {
      const handoff = await begin("own_still");
      const everyLetter = { case: { column: "note", to: "upper", letters: "all" } };
      await handoff.configure({ tables: { rules: { own_still: { transforms: [everyLetter] } } } });
      expect((await handoff.run("plan")).error?.message).toContain("Table own_still cannot be handed to VReplication");

      const source = await cluster.connect("source");
      try {
        await source.query("SET GLOBAL super_read_only = ON");
        await succeeds(handoff, "run");
        const started = await succeeds(handoff, "handoff");
        expect(JSON.stringify(started.events)).toContain("The source stands still at the copy's position");
        const switched = await succeeds(handoff, "switch");
        expect(JSON.stringify(switched.events)).toContain("Now point the application to main for own_still");

        await source.query("SET GLOBAL super_read_only = OFF");
        await source.query("INSERT INTO own_still (note) VALUES ('late')");
        await source.query("SET GLOBAL super_read_only = ON");
        const moved = await handoff.run("handoff");
        expect(moved.error?.message).toContain("The source has moved on since own_still were copied");
      } finally {
        await source.query("SET GLOBAL super_read_only = OFF");
        await source.end();
      }
    },
    longMs,
  );
});
