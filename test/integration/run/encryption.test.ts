import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { chmod, cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import type { CliResult, PlannedSignal } from "../../support/cli.ts";
import { changeShard, fromEnvironment, type Migration, newMigration, onShards, onSource } from "./migration.ts";

const table = "run_encrypted";
/** Some sixteen chunks at the smallest chunk size. */
const rows = 4000;
const key = randomBytes(32);
const env = { RUN_KEY: key.toString("base64") };
const otherEnv = { RUN_KEY: randomBytes(32).toString("base64") };
const encryption = { key: fromEnvironment("RUN_KEY") };
const everything = `SELECT id, planted_email, txt FROM ${table}`;
let migration: Migration;

beforeAll(async () => {
  migration = await newMigration(table, {
    [table]: {
      source: [
        // Keys are values of rows, too: ranges are cut by them.
        `CREATE TABLE ${table} (id INT NOT NULL, planted_email VARCHAR(60) NOT NULL, txt TEXT, PRIMARY KEY (planted_email, id))`,
        `SET SESSION cte_max_recursion_depth = ${rows}`,
        `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows}) SELECT n, CONCAT('planted-key-', n, '@example.org'), REPEAT(CONCAT('planted-text-', n, ' '), 14) FROM r`,
        `ANALYZE TABLE ${table}`,
      ],
    },
  });
});

afterAll(() => migration?.[Symbol.asyncDispose]());

beforeEach(async () => {
  await migration.clear();
  await migration.configure({ encryption });
});

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());

const chunkFiles = (folder: string): string[] => filesBelow(folder).filter((file) => file.endsWith(".zst"));

/** Which of a folder's files hold something of the rows, their columns, or the key. */
function tellTales(folder: string): string[] {
  const wanted = ["planted", env.RUN_KEY, key.toString("hex"), key];
  return filesBelow(folder).flatMap((file) => {
    const bytes = readFileSync(file);
    return wanted.filter((text) => bytes.includes(text)).map((text) => `${file} holds ${text.toString()}`);
  });
}

function expectDone(result: CliResult): void {
  expect(result.error).toBeNull();
  expect(result.exitCode).toBe(0);
  expect(`${result.stdout}${result.stderr}`).not.toContain(env.RUN_KEY);
}

async function expectEqualTables(): Promise<void> {
  expect(await onShards(everything)).toEqual(await onSource(migration.source, everything));
}

/** A refusal for the key's sake: exit code 2, and nothing on the target. */
async function expectRefused(result: CliResult, message: string, todo: string): Promise<void> {
  expect(result.error, `${result.signal ?? result.exitCode} ${result.stderr} ${result.stdout}`).not.toBeNull();
  expect(result.error?.message).toContain(message);
  expect(result.error).toMatchObject({ code: "config", now: "No row was read or sent." });
  expect(result.error?.todo).toContain(todo);
  expect(result.exitCode).toBe(2);
  expect(await onShards(`SELECT id FROM ${table}`)).toEqual([]);
}

const otherKey = "and the config's key is ";
const noKey = "and no key was given.";

test("run: every row arrives and is verified; of rows, columns, key values and key nothing is in the run directory", async () => {
  const ran = await migration.run("run", [], { env });
  expectDone(ran);
  expect(ran.summary?.tables).toMatchObject([{ source: table, rows, verified: true }]);
  await expectEqualTables();
  expect(chunkFiles(migration.directory).length).toBeGreaterThan(8);
  expect(tellTales(migration.directory)).toEqual([]);
  const tool = spawnSync("zstd", ["-d", "-c", ...chunkFiles(migration.directory)]);
  if (tool.error === undefined) expect([tool.status, tool.stdout.length]).toEqual([0, 0]);
  else process.stderr.write("encryption: no zstd tool here, so that it gives nothing was not tried\n");

  // The same search finds all of it where nothing is encrypted, so that it is worth something.
  await migration.clear();
  await migration.configure();
  expectDone(await migration.run("dump"));
  const found = tellTales(migration.directory).join("\n");
  for (const name of ["manifest.json", "ledger.jsonl"]) expect(found).toContain(`${name} holds planted`);
  expect(found).toMatch(/\.zst holds planted/);
});

test("killed and gone on with by the same key, each row arrives once; by another key, or none, it is refused", async () => {
  const when = (): boolean => {
    try {
      return chunkFiles(migration.directory).length >= 5;
    } catch {
      return false; // It is not there yet, or a file got its name while we looked.
    }
  };
  const killed = await migration.run("run", [], { env, signals: [{ signal: "SIGKILL", when }] });
  expect(killed.signal).toBe("SIGKILL");
  expect(tellTales(migration.directory)).toEqual([]);
  const before = await onShards(`SELECT id FROM ${table}`);

  const refused = [await migration.run("run", [], { env: otherEnv })];
  await migration.configure();
  refused.push(await migration.run("run"));
  for (const [at, message] of [otherKey, noKey].entries()) {
    expect(refused[at]?.error).toMatchObject({ code: "config", now: "No row was read or sent." });
    expect(refused[at]?.error?.message).toMatch(/^The ledger .*ledger\.jsonl is encrypted with the key [0-9a-f]{16}/);
    expect(refused[at]?.error?.message).toContain(message);
  }
  expect(await onShards(`SELECT id FROM ${table}`)).toEqual(before);

  await migration.configure({ encryption });
  const ran = await migration.run("run", [], { env });
  expectDone(ran);
  expect(ran.summary?.tables).toMatchObject([{ rows, verified: true }]);
  await expectEqualTables();
  expect(tellTales(migration.directory)).toEqual([]);
});

test("a directory that is not encrypted is not gone on with, or loaded, by a config with a key", async () => {
  await migration.configure();
  expectDone(await migration.run("dump"));
  await migration.configure({ encryption });
  for (const verb of ["run", "dump", "load", "verify"]) {
    const args = verb === "load" || verb === "verify" ? [migration.directory] : [];
    const refused = await migration.run(verb, args, { env });
    await expectRefused(
      refused,
      "is not encrypted, and the config has an encryption section.",
      "as a whole or not at all",
    );
  }
});

test("loaded on another host by its key, from a file; by another key or none nothing is sent", async () => {
  expectDone(await migration.run("dump", [], { env }));
  const copy = join(migration.folder, "copy");
  await rm(copy, { recursive: true, force: true });
  await cp(migration.directory, copy, { recursive: true });
  await rm(join(copy, "ledger.jsonl"));

  const load = (): Promise<CliResult> => migration.run("load", [copy]);
  await migration.configure({ encryption: { keyFile: "other.key" } });
  await writeFile(join(migration.folder, "other.key"), otherEnv.RUN_KEY);
  await expectRefused(await load(), otherKey, "Without that key it cannot be read by anybody");
  await migration.configure();
  await expectRefused(await load(), noKey, "encryption.key or encryption.keyFile");
  await expectRefused(await migration.run("verify", [copy]), noKey, "encryption.key or encryption.keyFile");
  await migration.configure({ encryption: { key: "correct horse battery staple" } });
  const passphrase = await load();
  expect(passphrase.error?.message ?? passphrase.stderr).toContain("openssl rand -base64 32");
  expect(`${passphrase.stdout}${passphrase.stderr}`).not.toContain("horse");
  expect(passphrase.exitCode).toBe(2);

  await migration.configure({ encryption: { keyFile: "run.key" } });
  await writeFile(join(migration.folder, "run.key"), `${key.toString("hex")}\n`);
  await chmod(join(migration.folder, "run.key"), 0o600);
  const loaded = await load();
  expectDone(loaded);
  expect(loaded.summary?.tables).toMatchObject([{ rows, verified: true }]);
  await expectEqualTables();
  expect(tellTales(copy)).toEqual([]);

  // A manifest that was exchanged for one without encryption is no way around the key.
  await migration.clear();
  await migration.configure();
  expectDone(await migration.run("dump"));
  await cp(join(migration.directory, "manifest.json"), join(copy, "manifest.json"));
  await rm(join(copy, "ledger.jsonl"));
  await migration.configure({ encryption });
  await expectRefused(await migration.run("load", [copy], { env }), "manifest.json is not encrypted", "as a whole");
});

test("followed by its key, what it keeps on the way is encrypted; by another key it is not begun", async () => {
  expectDone(await migration.run("run", [], { env }));
  await migration.source.query(`UPDATE ${table} SET txt = CONCAT('planted-later-', id) WHERE id <= 50`);
  const follow = (given: typeof env): Promise<CliResult> =>
    migration.run("follow", ["--until-caught-up"], { env: given });
  const refused = await follow(otherEnv);
  expect(refused.error).toMatchObject({ code: "config", message: expect.stringContaining(otherKey) });
  expect(await onShards(`SELECT id FROM ${table} WHERE txt LIKE 'planted-later-%'`)).toEqual([]);
  expectDone(await follow(env));
  await expectEqualTables();
  expectDone(await migration.run("follow", ["--finish"], { env }));
  expect(tellTales(migration.directory)).toEqual([]);
});

test("inspect and status show it to whoever has the key", async () => {
  expectDone(await migration.run("dump", [], { env }));
  const file = chunkFiles(migration.directory).sort()[0] ?? expect.fail();
  const withKey = ["-c", migration.configFile];

  const shown = await migration.run("inspect", [file, "--format", "json", ...withKey], { env, json: false });
  expect(shown.exitCode).toBe(0);
  expect(shown.stdout).toContain("planted-text-");
  const header = await migration.run("inspect", [file, "--header", ...withKey], { env, json: false });
  expect(header.stdout).toContain("planted_email");
  const directory = await migration.run("inspect", [migration.directory, ...withKey], { env, json: false });
  expect(directory.stdout).toContain("4,000");
  const status = await migration.run("status", [], { env, json: false });
  expect(status.stdout).toContain("everything is read");

  for (const args of [[file], [file, "--header"], [migration.directory]]) {
    const none = await migration.run("inspect", args, { json: false });
    expect([none.exitCode, none.stdout]).toEqual([2, ""]);
    expect(none.stderr).toMatch(/is encrypted with the key [0-9a-f]{16}, and no key was given\./);
    const other = await migration.run("inspect", [...args, ...withKey], { env: otherEnv, json: false });
    expect([other.exitCode, other.stdout]).toEqual([2, ""]);
    expect(other.stderr).toContain(otherKey);
  }
  // A directory that is named is looked at without a config.
  const bare = await migration.run("inspect", [migration.directory]);
  expect(bare.error?.code).toBe("config");
});

test("verify finds a changed row in it, and verify --leaks a hidden value", async () => {
  expectDone(await migration.run("run", [], { env }));
  let changed = 0;
  for (const shard of inject("shardServers").keys()) {
    changed += await changeShard(shard, `UPDATE ${table} SET txt = 'other' WHERE id = 77`);
  }
  expect(changed).toBe(1);
  const verified = await migration.run("verify", [], { env });
  expect(verified.exitCode).toBe(3);
  expect(verified.events.filter(({ type }) => type === "difference")).toMatchObject([
    { table, what: "different", columns: ["txt"] },
  ]);

  const rules = { [table]: { transforms: [{ nullify: { column: "txt" } }] } };
  await migration.configure({ encryption, tables: { rules } });
  const leaks = await migration.run("verify", ["--leaks"], { env });
  expect(leaks.error).toMatchObject({ code: "leak", context: { table, column: "txt" } });
});

test("bench transform reads it, and what it writes on the way is encrypted, too", async () => {
  expectDone(await migration.run("dump", [], { env }));
  const rules = { [table]: { transforms: [{ trim: { column: "txt" } }] } };
  await migration.configure({ encryption, tables: { rules } });
  const temporary = join(migration.folder, "tmp");
  await mkdir(temporary);
  const bench = (seconds: string, signals: readonly PlannedSignal[] = []): Promise<CliResult> =>
    migration.run("bench transform", [migration.directory, "--seconds", seconds], {
      env: { ...env, TMPDIR: temporary },
      signals,
    });
  const measured = await bench("1");
  expect([measured.exitCode, measured.error]).toEqual([0, null]);

  // Killed while its file is there; it may be gone again before the kill arrives.
  const left = (): string[] => filesBelow(temporary).filter((file) => statSync(file).size > 0);
  const seen = (): boolean => {
    try {
      return left().length > 0;
    } catch {
      return false; // It was removed while we looked.
    }
  };
  for (let tries = 0; tries < 3 && left().length === 0; tries++) {
    await bench("20", [{ signal: "SIGKILL", when: seen }]);
  }
  expect(left().length).toBeGreaterThan(0);
  expect(tellTales(temporary)).toEqual([]);
});
