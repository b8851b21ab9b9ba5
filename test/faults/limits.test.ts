import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Migration, newMigration, onShards, onSource } from "../integration/run/migration.ts";

const run = promisify(execFile);
const large = "run_limits_large";
const noise = "run_limits_noise";
let migration: Migration;

beforeAll(async () => {
  migration = await newMigration("run_limits", {
    [large]: {
      source: [
        `CREATE TABLE ${large} (id INT NOT NULL PRIMARY KEY, doc LONGTEXT)`,
        `INSERT INTO ${large} VALUES (1, 'a'), (2, 'b'), (3, REPEAT('c', 20 * 1024 * 1024)), (4, 'd')`,
      ],
    },
    [noise]: {
      source: [
        `CREATE TABLE ${noise} (id INT NOT NULL PRIMARY KEY, bytes VARBINARY(1024))`,
        `INSERT INTO ${noise} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 1000) SELECT n, RANDOM_BYTES(1024) FROM r`,
        "SET SESSION cte_max_recursion_depth = 4000",
        `INSERT INTO ${noise} WITH RECURSIVE r AS (SELECT 1001 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 4000) SELECT n, RANDOM_BYTES(1024) FROM r`,
        `ANALYZE TABLE ${noise}`,
      ],
    },
  });
});

afterAll(() => migration?.[Symbol.asyncDispose]());
beforeEach(() => migration.clear());

test("a row of 20 MB is refused by name before any row of its table is sent", async () => {
  const only = ["--include", large];
  const refused = await migration.run("run", only);
  expect(refused.exitCode).toBe(1);
  expect(refused.error?.code).toBe("target");
  expect(refused.error?.message).toMatch(new RegExp(`\\b3\\b.*${large}`));
  expect(refused.error?.now).toContain(`No row of table ${large} was sent`);
  expect(refused.error?.todo).toContain("where");
  expect(await onShards(`SELECT id FROM ${large}`)).toEqual([]);

  // The row is on disk now: the same command says so again, and so does a load once the dump is finished.
  const again = await migration.run("run", only);
  expect((await migration.run("dump", only)).error).toBeNull();
  const load = await migration.run("load", [migration.directory]);
  for (const { exitCode, error } of [again, load]) {
    expect(exitCode).toBe(1);
    expect(error?.message).toBe(refused.error?.message);
  }
  expect(await onShards(`SELECT id FROM ${large}`)).toEqual([]);
});

test("a disk that is full is named, nothing half is left, and with room the same command goes on", async ({ skip }) => {
  const disk = join(migration.folder, "disk");
  await mkdir(disk);
  try {
    await run("mount", ["-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", disk]);
  } catch {
    process.stderr.write("SKIPPED: a full disk: no small file system could be mounted here (root may)\n");
    skip();
  }
  try {
    const args = ["--include", noise, "--directory", join(disk, "run")];
    const full = await migration.run("run", args);
    expect(full.exitCode).toBe(1);
    expect(full.error?.code).toBe("disk");
    expect(full.error?.message).toContain(join(disk, "run"));
    expect(full.error?.now).not.toBe("");
    expect(full.error?.todo).not.toBe("");
    await run("mount", ["-o", "remount,size=64m", disk]);
    const done = await migration.run("run", args);
    expect(done.error).toBeNull();
    expect(done.exitCode).toBe(0);
    const rows = `SELECT id, HEX(bytes) FROM ${noise}`;
    expect(await onShards(rows)).toEqual(await onSource(migration.source, rows));
  } finally {
    await run("umount", [disk]);
  }
});
