import { execFile, spawn } from "node:child_process";
import { access, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { createConnection } from "mysql2/promise";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { sandboxDown, sandboxStatus, sandboxUp } from "../../../src/sandbox/sandbox.ts";
import { readState, type SandboxState, writeState } from "../../../src/sandbox/state-file.ts";

/** Each test's sandbox, apart from the one the run shares. */
let parent = "";
let directory = "";
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "vtpipe-lifecycle-"));
  directory = join(parent, "sandbox");
});
afterEach(async () => {
  await sandboxDown(directory).catch(() => false);
  await rm(parent, { recursive: true, force: true });
});

/** Command lines of running processes that name one of these folders. */
async function processesNaming(...folders: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ps", ["-eo", "args"], { maxBuffer: 16 * 1024 * 1024 });
  return stdout.split("\n").filter((line) => folders.some((folder) => line.includes(folder)));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function expectNothingLeft(state: SandboxState): Promise<void> {
  expect(await processesNaming(directory, state.runtimeDirectory)).toEqual([]);
  expect(await exists(state.runtimeDirectory)).toBe(false);
  expect(await readdir(parent)).toEqual([]);
}

describe("up and down", () => {
  test("serve a whole sandbox and leave no process and no folder", async () => {
    const notes: string[] = [];
    const state = await sandboxUp({
      directory,
      onEvent: (event) => notes.push(event.type === "note" ? event.text : event.type),
    });
    expect(state.target?.kind).toBe(inject("vtgate").kind);
    expect(notes.at(-1)).toContain(state.target?.description);
    const status = await sandboxStatus(directory);
    expect(status?.running).toBe(true);
    expect(status?.processes.length).toBeGreaterThanOrEqual(4);

    const { host, port, user, password, keyspace } = state.target as NonNullable<typeof state.target>;
    const gate = await createConnection({ host, port, user, password, database: keyspace });
    const [shards] = await gate.query("SHOW VITESS_SHARDS");
    await gate.end();
    expect(JSON.stringify(shards)).toMatch(/main\/-80.*main\/80-/);

    await expect(sandboxUp({ directory, onEvent: () => {} })).rejects.toMatchObject({ code: "busy" });
    expect(await sandboxDown(directory)).toBe(true);
    await expectNothingLeft(state);
    expect(await sandboxDown(directory)).toBe(false);
  });

  test("passwords are in no command line, and files that hold them are private", async () => {
    const state = await sandboxUp({ directory, vitess: "never", shards: 1, onEvent: () => {} });
    const secrets = [state.source.password, state.source.reader.password, state.target?.password ?? ""];
    expect(await processesNaming(...secrets)).toEqual([]);
    for (const name of ["sandbox.json", "router.json"]) {
      expect((await stat(join(directory, name))).mode & 0o077).toBe(0);
    }
    expect((await readdir(directory)).filter((name) => name.endsWith(".init.sql"))).toEqual([]);
  });

  test("a folder with something else in it is refused and left as it is", async () => {
    const mine = join(parent, "keep.txt");
    await writeFile(mine, "mine");
    await expect(sandboxUp({ directory: parent, vitess: "never", onEvent: () => {} })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(parent),
    });
    expect(await sandboxDown(parent)).toBe(false);
    expect(await exists(mine)).toBe(true);
  });
});

describe("what goes wrong", () => {
  test("an interrupted up takes down what it had started", async () => {
    const stop = new AbortController();
    const up = sandboxUp({ directory, vitess: "never", signal: stop.signal, onEvent: () => {} });
    const [state] = await Promise.all([
      stateWith((now) => now.processes.length > 0).finally(() => stop.abort()),
      expect(up).rejects.toMatchObject({ code: "interrupted" }),
    ]);
    await expectNothingLeft(state);
  });

  test("after kill -9 of up, down finds and ends every process", async () => {
    const up = spawnUp({ directory, vitess: "never" });
    const state = await stateWith((now) => now.processes.length >= 3);
    up.kill("SIGKILL");
    expect((await sandboxStatus(directory))?.running).toBe(false);
    expect(await sandboxDown(directory)).toBe(true);
    await expectNothingLeft(state);
  });

  test("a sandbox ends with its owner, also when that is killed", async () => {
    const up = spawnUp({ directory, vitess: "never", owner: true });
    const state = await stateWith((now) => now.up);
    up.kill("SIGKILL");
    for (let tries = 0; tries < 300 && (await exists(state.directory)); tries++) await sleep(100);
    // The guard that took it down is itself the last to go.
    for (let tries = 0; tries < 50 && (await processesNaming(directory)).length > 0; tries++) await sleep(100);
    await expectNothingLeft(state);
  });

  test("a process that has got the id of one of ours since is not ended", async () => {
    const bystander = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    try {
      const state = await sandboxUp({ directory, vitess: "never", shards: 1, onEvent: () => {} });
      const recycled = { name: "mysqld of old", pid: bystander.pid as number, started: "1", log: "/dev/null" };
      await writeState({ ...state, processes: [...state.processes, recycled] });
      await sandboxDown(directory);
      expect(bystander.exitCode).toBeNull();
      expect(bystander.signalCode).toBeNull();
      expect(() => process.kill(bystander.pid as number, 0)).not.toThrow();
    } finally {
      bystander.kill();
    }
  });

  test("real Vitess is refused by name where its programs are not", async () => {
    const path = process.env["PATH"];
    const named = process.env["VTPIPE_VITESS_BIN"];
    process.env["PATH"] = "/nonexistent";
    process.env["VTPIPE_VITESS_BIN"] = "";
    try {
      const up = sandboxUp({ directory, vitess: "always", onEvent: () => {} });
      await expect(up).rejects.toMatchObject({ code: "preflight", message: expect.stringContaining("vttablet") });
    } finally {
      process.env["PATH"] = path;
      if (named === undefined) delete process.env["VTPIPE_VITESS_BIN"];
      else process.env["VTPIPE_VITESS_BIN"] = named;
    }
  });
});

/** `up` in a process of its own, as built, to be killed. */
function spawnUp({ owner = false, ...options }: { directory: string; vitess: string; owner?: boolean }) {
  const dist = join(import.meta.dirname, "../../../dist/src/sandbox");
  const url = (file: string): string => JSON.stringify(pathToFileURL(join(dist, file)).href);
  const script = `
    const { sandboxUp } = await import(${url("sandbox.js")});
    const { identityOf } = await import(${url("process-identity.js")});
    const owner = ${owner} ? { owner: await identityOf(process.pid) } : {};
    await sandboxUp({ ...${JSON.stringify(options)}, ...owner, onEvent() {} });
    setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: join(createRequire(import.meta.url).resolve("mysql2"), ".."),
    stdio: "ignore",
  });
}

async function stateWith(reached: (state: SandboxState) => boolean): Promise<SandboxState> {
  for (let tries = 0; tries < 600; tries++) {
    const state = await readState(directory);
    if (state !== null && reached(state)) return state;
    await sleep(50);
  }
  throw new Error("the sandbox did not get that far");
}
