import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type BusyHandoff, newBusyHandoff } from "../support/busy-handoff.ts";
import { busyNames } from "../support/busy-tables.ts";
import { startWriter } from "../support/busy-writer.ts";
import { connectTarget } from "../support/database.ts";
import { numberOf } from "../support/same-rows.ts";

const { kind, description } = inject("vtgate");
if (kind !== "vitess") {
  process.stderr.write(`SKIPPED: handoffs to real VReplication; the target is the ${description}\n`);
}

/** A whole online migration through the command line, one step after the other. */
describe.skipIf(kind !== "vitess")("a handoff to real VReplication under a busy writer", () => {
  const prefix = "hand_";
  let handoff: BusyHandoff;

  beforeAll(async () => {
    handoff = await newBusyHandoff(prefix, 8000);
  });
  afterAll(() => handoff?.[Symbol.asyncDispose]());

  test("rows that change during and after the copy arrive, transformed or not, none twice and none lost", async () => {
    const writer = await startWriter({ ...handoff.busy, seed: "handoff", sessions: 3 });
    await handoff.succeeds("run");
    await writer.more(500);
    const first = await handoff.succeeds("handoff");
    expect(first.events.filter(({ type }) => type === "step").length).toBeGreaterThan(3);
    await writer.more(500);
    const written = await writer.stop();
    expect(written.transactions).toBeGreaterThan(1000);
    await handoff.same();
  });

  test("done again it changes nothing", async () => {
    const again = await handoff.succeeds("handoff");
    expect(again.events.filter(({ type }) => type === "step")).toEqual([]);
  });

  test("switching waits for a vdiff and for the word that writers are fenced", async () => {
    const refused = await handoff.run("switch");
    expect(refused.exitCode).toBe(1);
    expect(refused.error?.message).toContain("were not compared since the handoff");
    expect(refused.error?.message).toContain("held off by nobody");
  });

  test("vdiff finds a row that was changed behind VReplication's back, and is clean once it is put right", async () => {
    const clean = await handoff.succeeds("vdiff");
    const verified = clean.events.flatMap((event) => (event.type === "table:verified" ? [event.table] : []));
    expect(verified.sort()).toEqual(busyNames.map((name) => prefix + name).sort());
    await onOneShard(`UPDATE ${prefix}persons SET salary = salary + 1 ORDER BY id LIMIT 1`);
    const found = await handoff.run("vdiff");
    expect(found.exitCode).toBe(3);
    expect(found.error?.message).toContain(`${prefix}people (1 different)`);
    expect((await handoff.run("switch", "--writers-fenced")).error?.message).toContain("found differences");
    await onOneShard(`UPDATE ${prefix}persons SET salary = salary - 1 ORDER BY id LIMIT 1`);
    await handoff.succeeds("vdiff");
  });

  test("switched, the target's writes reach the source; reversed, the source's reach the target; then it is completed", async () => {
    const source = { ...handoff.busy.server, database: handoff.busy.database };
    await handoff.succeeds("switch", "--writers-fenced");
    const gate = await connectTarget();
    try {
      await gate.query(`INSERT INTO ${prefix}pages VALUES ('new-side', 'written on the target', 1)`);
    } finally {
      await gate.end();
    }
    await handoff.same(["pages"]);
    expect(await numberOf(source, `SELECT COUNT(*) FROM ${prefix}pages WHERE slug = 'new-side'`)).toBe(1);

    expect((await handoff.run("reverse")).error?.message).toContain("would be lost to the source");
    await handoff.succeeds("reverse", "--lose-target-writes");
    const writer = await startWriter({ ...handoff.busy, seed: "reversed", sessions: 2 });
    await writer.more(300);
    await writer.stop();
    await handoff.same();

    await handoff.succeeds("switch", "--writers-fenced");
    await handoff.succeeds("complete");
    expect((await handoff.run("handoff")).error?.message).toContain("This handoff is completed");
    // The source keeps its tables.
    for (const name of busyNames) {
      expect(await numberOf(source, `SELECT COUNT(*) FROM ${prefix}${name}`)).toBeGreaterThan(0);
    }
  });

  async function onOneShard(sql: string): Promise<void> {
    const [server] = inject("shardServers");
    if (server === undefined) throw new Error("no shards");
    const { host, port, user, password, database } = server;
    const connection = await createConnection({ host, port, user, password, database });
    await connection.query(sql);
    await connection.end();
  }
});
