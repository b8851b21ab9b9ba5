import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { stringify } from "yaml";
import type { RunEvent } from "../../src/contracts/events.ts";
import { openSession, type Session } from "../../src/mysql/session.ts";
import { type Migration, newMigration, onShards } from "../integration/run/migration.ts";
import { type OwnServer, startOwnServer } from "../integration/source/own-server.ts";
import { type CliResult, vtpipe } from "../support/cli.ts";

/** The least there is: a stall is told of after a second and a half and ends the run after ten and a half. */
const stallSeconds = 10;
const loaded = "run_stalls";
let migration: Migration;
let server: OwnServer;
let root: Session;

const fill = (name: string, rows: number): string[] => [
  `CREATE TABLE ${name} (id INT NOT NULL PRIMARY KEY, body VARBINARY(900) NOT NULL)`,
  `INSERT INTO ${name} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows}) SELECT n, RANDOM_BYTES(900) FROM r`,
  `ANALYZE TABLE ${name}`,
];

beforeAll(async () => {
  migration = await newMigration(loaded, { [loaded]: { source: fill(loaded, 900) } });
  server = await startOwnServer("stalls");
  root = await openSession(server.address, { purpose: "target" });
  await root.run("CREATE DATABASE stalls");
  await root.run("USE stalls");
  for (const sql of [...fill("large", 900), ...fill("small", 10)]) await root.run(sql);
});

afterAll(async () => {
  await root?.close();
  await server?.[Symbol.asyncDispose]();
  await migration?.[Symbol.asyncDispose]();
});

type Stalled = Extract<RunEvent, { type: "stalled" }>;
const stalls = ({ events }: CliResult): Stalled[] =>
  events.filter((event): event is Stalled => event.type === "stalled");

test("a table that the source does not give out is named with all that waits, ends the run, and is read by the next one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-stalls-"));
  const { host, port, user } = server.address;
  const config = {
    version: 1,
    source: { url: `mysql://${user}@${host}:${port}/stalls` },
    ...{ directory: "./run", workers: 1, stallSeconds },
  };
  await writeFile(join(folder, "vtpipe.yaml"), stringify(config));
  const dump = (args: readonly string[], onEvent?: (event: { readonly type: string }) => void): Promise<CliResult> =>
    vtpipe(["dump", ...args], { cwd: folder, ...(onEvent ? { onEvent } : {}) });
  try {
    // Held at the large table, the one reader has not touched the small one: then somebody locks that.
    let locking: Promise<void> | null = null;
    const lock = async (): Promise<void> => {
      await root.run("LOCK TABLES small WRITE");
      expect((await vtpipe(["limits", join(folder, "run"), "--max-rate", "none"])).error).toBeNull();
    };
    const stopped = await dump(["--max-rate", "1KiB"], (event) => {
      if (event.type === "throttle") locking ??= lock();
    });
    await locking;
    await root.run("UNLOCK TABLES");
    expect(stopped.exitCode).toBe(1);
    expect(stalls(stopped)).toMatchObject([
      { worker: 0, way: "reading", table: "small", stage: "the source", picture: { workers: [{ inFlight: [] }] } },
    ]);
    expect(stopped.error).toMatchObject({ code: "source", retryable: true, context: { table: "small", worker: 0 } });
    expect(stopped.error?.message).toMatch(
      /^Reading chunk \S+ of table small \(worker 0\) has made no progress for 10 s, at the source\.$/,
    );
    expect(stopped.error?.todo).toContain("process list");
    const again = await dump([]);
    expect(again.error).toBeNull();
    expect(again.summary?.tables.map(({ source, rows }) => [source, rows])).toEqual([
      ["large", 900],
      ["small", 10],
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("shards that do not answer are named with their statements, and every row arrives once they do", async () => {
  const shard = inject("shardServers")[0];
  if (shard === undefined) throw new RangeError("no shard");
  const { host, port, user, password, database } = shard;
  const locker = await createConnection({ host, port, user, password, database });
  try {
    await migration.configure({ stallSeconds });
    expect((await migration.run("dump")).error).toBeNull();
    let locking: Promise<void> | null = null;
    const lock = async (): Promise<void> => {
      await locker.query(`LOCK TABLES ${loaded} WRITE`);
      expect((await vtpipe(["limits", migration.directory, "--max-rate", "none"])).error).toBeNull();
    };
    // The target was looked at by then, and no row was sent.
    const stopped = await migration.run("load", [migration.directory, "--max-rate", "1KiB"], {
      onEvent: (event) => {
        if (event.type === "throttle") locking ??= lock();
      },
    });
    await locking;
    await locker.query("UNLOCK TABLES");
    expect(stopped.exitCode).toBe(1);
    expect(stalls(stopped)[0]).toMatchObject({ way: "loading", table: loaded, stage: "the target" });
    const inFlight = stalls(stopped)[0]?.picture.workers.flatMap((worker) => worker.inFlight) ?? [];
    expect(inFlight.map(({ shard: name }) => name)).toContain(inject("vtgate").shards[0]);
    expect(stopped.error).toMatchObject({ code: "target", retryable: true });
    expect(stopped.error?.now).toMatch(/At that moment: worker 0: .*statements at shard/);
    const again = await migration.run("load", [migration.directory]);
    expect(again.error).toBeNull();
    expect(again.summary?.tables).toMatchObject([{ rows: 900, verified: true }]);
    const counts = (await onShards(`SELECT COUNT(*) FROM ${loaded}`)).map((row) => Number(JSON.parse(row)[0]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(900);
  } finally {
    await locker.end();
  }
});
