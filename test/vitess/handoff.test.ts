import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { stringify } from "yaml";
import { fromEnvironment, passwords, urls } from "../integration/run/migration.ts";
import {
  type BusyName,
  busyNames,
  busyTargets,
  busyVindexes,
  createBusyTables,
  dropBusyTables,
  personsRule,
  personsTarget,
  personsTwin,
} from "../support/busy-tables.ts";
import { startWriter } from "../support/busy-writer.ts";
import { type CliResult, vtpipe } from "../support/cli.ts";
import { connectTarget, targetTables } from "../support/database.ts";
import { becomesSame, numberOf } from "../support/same-rows.ts";

const { kind, description, sourceKeyspace, vtctld } = inject("vtgate");
if (kind !== "vitess")
  process.stderr.write(`SKIPPED: handoffs to real VReplication; the target is the ${description}\n`);

/** A whole online migration through the command line, one step after the other. */
describe.skipIf(kind !== "vitess")("a handoff to real VReplication under a busy writer", () => {
  const prefix = "hand_";
  const busy = { server: inject("source"), database: inject("source").database, rows: 8000, prefix };
  const verbatim = busyNames.filter((name) => name !== "people");
  let targets: AsyncDisposable;
  let folder: string;

  const run = (verb: string, ...args: string[]): Promise<CliResult> =>
    vtpipe([...verb.split(" "), "-c", join(folder, "vtpipe.yaml"), ...args], { cwd: folder, env: passwords() });
  const succeeds = async (verb: string, ...args: string[]): Promise<CliResult> => {
    const result = await run(verb, ...args);
    expect(result.error, `${verb}: ${result.error?.message}`).toBeNull();
    expect(result.exitCode).toBe(0);
    return result;
  };
  const same = (name: BusyName): Promise<void> =>
    becomesSame({
      source: {
        server: busy.server,
        database: busy.database,
        table: prefix + name,
        ...(name === "people" ? { select: personsTwin } : {}),
      },
      target: { servers: inject("shardServers"), table: prefix + (name === "people" ? "persons" : name) },
    });

  beforeAll(async () => {
    await createBusyTables(busy);
    targets = await targetTables({ ...busyTargets(prefix), ...personsTarget(prefix) }, busyVindexes);
    folder = await mkdtemp(join(tmpdir(), "vtpipe-handoff-"));
    const { source, target } = urls(busy.database);
    const config = {
      version: 1,
      source: { url: source, password: fromEnvironment("SOURCE_PASSWORD") },
      target: { url: target, password: fromEnvironment("TARGET_PASSWORD"), vtctld },
      directory: "./run",
      workers: 2,
      chunkBytes: "64KiB",
      handoff: { sourceKeyspace, workflow: "hand_test" },
      tables: { include: [`${prefix}*`], rules: { [`${prefix}people`]: personsRule(prefix) } },
    };
    await writeFile(join(folder, "vtpipe.yaml"), stringify(config));
  });

  afterAll(async () => {
    if (folder === undefined) return;
    await run("cancel");
    await rm(folder, { recursive: true, force: true });
    await targets[Symbol.asyncDispose]();
    await dropBusyTables(busy);
  });

  test("rows that change during and after the copy arrive, transformed or not, none twice and none lost", async () => {
    const writer = await startWriter({ ...busy, seed: "handoff", sessions: 3 });
    await succeeds("run");
    await writer.more(500);
    const first = await succeeds("handoff");
    expect(first.events.filter(({ type }) => type === "step").length).toBeGreaterThan(3);
    await writer.more(500);
    const written = await writer.stop();
    expect(written.transactions).toBeGreaterThan(1000);
    for (const name of busyNames) await same(name);
  });

  test("done again it changes nothing", async () => {
    const again = await succeeds("handoff");
    expect(again.events.filter(({ type }) => type === "step")).toEqual([]);
  });

  test("switching waits for a vdiff and for the word that writers are fenced", async () => {
    const refused = await run("switch");
    expect(refused.exitCode).toBe(1);
    expect(refused.error?.message).toContain("were not compared since the handoff");
    expect(refused.error?.message).toContain("held off by nobody");
  });

  test("vdiff finds a row that was changed behind VReplication's back, and is clean once it is put right", async () => {
    const clean = await succeeds("vdiff");
    const verified = clean.events
      .filter(({ type }) => type === "table:verified")
      .map((event) => (event as { table: string }).table);
    expect(verified.sort()).toEqual(busyNames.map((name) => prefix + name).sort());
    await onOneShard(`UPDATE ${prefix}persons SET salary = salary + 1 ORDER BY id LIMIT 1`);
    const found = await run("vdiff");
    expect(found.exitCode).toBe(3);
    expect(found.error?.message).toContain(`${prefix}people (1 different)`);
    expect((await run("switch", "--writers-fenced")).error?.message).toContain("found differences");
    await onOneShard(`UPDATE ${prefix}persons SET salary = salary - 1 ORDER BY id LIMIT 1`);
    await succeeds("vdiff");
  });

  test("switched, the target's writes reach the source; reversed, the source's reach the target; then it is completed", async () => {
    await succeeds("switch", "--writers-fenced");
    const gate = await connectTarget();
    try {
      await gate.query(`INSERT INTO ${prefix}pages VALUES ('new-side', 'written on the target', 1)`);
      await same("pages");
      const onSource = `SELECT COUNT(*) FROM ${prefix}pages WHERE slug = 'new-side'`;
      expect(await numberOf({ ...busy.server, database: busy.database }, onSource)).toBe(1);

      expect((await run("reverse")).error?.message).toContain("would be lost to the source");
      await succeeds("reverse", "--lose-target-writes");
      const writer = await startWriter({ ...busy, seed: "reversed", sessions: 2 });
      await writer.more(300);
      await writer.stop();
      for (const name of busyNames) await same(name);

      await succeeds("switch", "--writers-fenced");
      await succeeds("complete");
      expect((await run("handoff")).error?.message).toContain("This handoff is completed");
      // The source keeps its tables.
      for (const name of verbatim) {
        const count = `SELECT COUNT(*) FROM ${prefix}${name}`;
        expect(await numberOf({ ...busy.server, database: busy.database }, count)).toBeGreaterThan(0);
      }
    } finally {
      await gate.end();
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
