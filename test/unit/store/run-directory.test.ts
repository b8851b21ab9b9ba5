import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chunkFilePath, tableFolder } from "../../../src/store/chunk-paths.ts";
import {
  createRunDirectory,
  openRunDirectory,
  removeUnfinished,
  removeUnrecorded,
} from "../../../src/store/run-directory.ts";
import { refusalOf, temporaryFolder } from "./make.ts";

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

test("a new directory is its owner's alone and has no warnings", async () => {
  const path = join(await temporaryFolder(), "runs", "first");
  const directory = await createRunDirectory(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  expect(directory.warnings).toEqual([]);
  expect(directory.manifestFile).toBe(join(directory.path, "manifest.json"));
});

test("a directory that others may enter is told, with its files", async () => {
  const path = await temporaryFolder();
  await chmod(path, 0o755);
  await writeFile(join(path, "ledger.jsonl"), "", { mode: 0o644 });
  const { warnings } = await createRunDirectory(path);
  expect(warnings).toHaveLength(2);
  expect(warnings.join()).toContain("ledger.jsonl");
});

test("a folder with other files is refused, an earlier run's is opened", async () => {
  const path = await temporaryFolder();
  await writeFile(join(path, "thesis.tex"), "");
  const error = await refusalOf(() => createRunDirectory(path));
  expect(error.message).toContain("it holds thesis.tex");
  await writeFile(join(path, "ledger.jsonl"), "");
  expect((await createRunDirectory(path)).path).toBe((await openRunDirectory(path)).path);
});

test("a file, a missing folder and an empty one are no run directory", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "file"), "");
  expect((await refusalOf(() => createRunDirectory(join(folder, "file")))).code).toBe("disk");
  expect((await refusalOf(() => openRunDirectory(join(folder, "missing")))).message).toContain("does not exist");
  await mkdir(join(folder, "empty"));
  expect((await refusalOf(() => openRunDirectory(join(folder, "empty")))).message).toContain("is no run directory");
});

test.each(["/etc/passwd", "../x", "chunks/../../x", "", "a//b", "./a", "a\0b", "C:\\x", "a\\..\\b"])(
  "the path %j of a manifest is refused",
  async (path) => {
    const directory = await createRunDirectory(await temporaryFolder());
    expect((await refusalOf(() => directory.fileOf(path))).message).toContain(JSON.stringify(path));
  },
);

test("symbolic links may lead inside but not out", async () => {
  const outside = await temporaryFolder();
  await writeFile(join(outside, "1-1.zst"), "");
  const directory = await createRunDirectory(await temporaryFolder());
  await mkdir(join(directory.path, "chunks", "0002-b"), { recursive: true });
  await symlink(outside, join(directory.path, "chunks", "0001-a"));
  await symlink("0002-b", join(directory.path, "chunks", "0003-c"));
  await expect(directory.fileOf("chunks/0001-a/1-1.zst")).rejects.toThrow(/does not stay inside/);
  await expect(directory.fileOf("chunks/0001-a/missing.zst")).rejects.toThrow(/does not stay inside/);
  expect(await directory.fileOf("chunks/0003-c/1-1.zst")).toContain("chunks/0003-c/1-1.zst");
  expect(await directory.fileOf("chunks/0002-b/new/1-1.zst")).toContain("0002-b/new/1-1.zst");
});

test("hostile table names become folders that every file system takes, told apart by number", () => {
  expect(tableFolder(3, "customer_orders")).toBe("chunks/0003-customer_orders");
  const names = ["..", ".", "a/b", "a b`c", "Köln", "表", "x".repeat(200), "A", "a", "con", "a\0b", "-rf", "a\\b"];
  const folders = names.map((name, index) => tableFolder(index + 1, name));
  for (const folder of folders) expect(folder).toMatch(/^chunks\/\d{4}-[A-Za-z0-9_-]{0,60}$/);
  expect(new Set(folders.map((folder) => folder.toLowerCase())).size).toBe(names.length);
  expect(chunkFilePath(tableFolder(1, "a"), "1-7")).toBe("chunks/0001-a/1-7.zst");
});

test("a second run is told which process has the directory, until it is released", async () => {
  const directory = await createRunDirectory(await temporaryFolder());
  const lock = await directory.lock();
  const error = await refusalOf(() => directory.lock());
  expect(error.code).toBe("busy");
  expect(error.message).toContain(`process ${process.pid} on host ${hostname()}`);
  await lock.release();
  await (await directory.lock()).release();
  expect(await exists(join(directory.path, "lock"))).toBe(false);
});

test("of many that try at once exactly one gets the lock, also when a dead one holds it", async () => {
  const directory = await createRunDirectory(await temporaryFolder());
  const dead = JSON.stringify(await deadMark());
  for (let round = 0; round < 15; round++) {
    await writeFile(join(directory.path, "lock"), dead);
    const attempts = await Promise.allSettled(Array.from({ length: 12 }, () => directory.lock()));
    const [lock, ...others] = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
    expect(others).toHaveLength(0);
    await lock?.release();
    expect(await readdir(directory.path)).toEqual([]);
  }
});

/** The lock content of a process that has ended. */
async function deadMark(): Promise<object> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return { pid: child.pid, host: hostname(), started: "some boot 1" };
}

test("a lock of a process that is gone, or whose id belongs to another one now, is taken over", async () => {
  const directory = await createRunDirectory(await temporaryFolder());
  const marks = [await deadMark(), { pid: process.pid, host: hostname(), started: "an earlier boot 12" }];
  for (const mark of marks) {
    await writeFile(join(directory.path, "lock"), JSON.stringify(mark));
    const lock = await directory.lock();
    expect(JSON.parse(await readFile(join(directory.path, "lock"), "utf8"))).toMatchObject({ pid: process.pid });
    await lock.release();
  }
});

test("claims and drafts of processes that were killed while they asked for the lock are removed, those of others stay", async () => {
  const directory = await createRunDirectory(await temporaryFolder());
  const dead = JSON.stringify(await deadMark());
  for (const name of ["lock.1", "lock.2.draft"]) await writeFile(join(directory.path, name), dead);
  await writeFile(join(directory.path, "lock.3.draft"), JSON.stringify({ pid: 1, host: "elsewhere", started: null }));
  const lock = await directory.lock();
  expect((await readdir(directory.path)).sort()).toEqual(["lock", "lock.3.draft"]);
  await lock.release();
});

test("a lock from another host or without a name is respected", async () => {
  const directory = await createRunDirectory(await temporaryFolder());
  const lockFile = join(directory.path, "lock");
  await writeFile(lockFile, JSON.stringify({ pid: 1, host: "elsewhere", started: null }));
  expect((await refusalOf(() => directory.lock())).message).toContain("process 1 on host elsewhere");
  await writeFile(lockFile, "");
  expect((await refusalOf(() => directory.lock())).message).toContain("did not leave its name");
});

test("releasing does not remove another's lock", async () => {
  const directory = await createRunDirectory(await temporaryFolder());
  const lock = await directory.lock();
  await writeFile(join(directory.path, "lock"), "another");
  await lock.release();
  expect(await exists(join(directory.path, "lock"))).toBe(true);
});

test("half-written files of a killed run are removed, complete ones stay", async () => {
  const directory = await createRunDirectory(await temporaryFolder());
  expect(await removeUnfinished(directory)).toBe(0);
  const folder = join(directory.path, "chunks", "0001-a");
  await mkdir(folder, { recursive: true });
  for (const name of ["1-1.zst", "1-2.zst.part"]) await writeFile(join(folder, name), "");
  expect(await removeUnfinished(directory)).toBe(1);
  expect(await exists(join(folder, "1-1.zst"))).toBe(true);
});

test("whole files that a killed run did not record are removed, and nothing that is no chunk's", async () => {
  const directory = await createRunDirectory(await temporaryFolder());
  expect(await removeUnrecorded(directory, new Set())).toBe(0);
  const folder = join(directory.path, "chunks", "0001-a");
  await mkdir(folder, { recursive: true });
  const others = ["0001-000003.zst.part", "0001-000004.zst.bak", "mine.zst", "notes.txt"];
  for (const name of ["0001-000001.zst", "0001-000002.zst", ...others]) await writeFile(join(folder, name), "");
  expect(await removeUnrecorded(directory, new Set(["chunks/0001-a/0001-000002.zst"]))).toBe(1);
  expect((await readdir(folder)).sort()).toEqual(["0001-000002.zst", ...others]);
});
