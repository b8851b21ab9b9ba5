import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withFileLock } from "../../../src/sandbox/file-lock.ts";
import { freePorts } from "../../../src/sandbox/ports.ts";
import { identityOf, isAlive, parseProcStat } from "../../../src/sandbox/process-identity.ts";
import { startServer, stopServer, waitForServer } from "../../../src/sandbox/server-process.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-unit-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const shell = (script: string) =>
  startServer({ name: "a shell", command: ["/bin/sh", "-c", script], log: join(folder, "log") });

describe("processes", () => {
  test("a name with brackets and blanks does not shift the fields of /proc/<pid>/stat", () => {
    const after = ["S", ...Array.from({ length: 18 }, (_, index) => String(index)), "4711", "x"].join(" ");
    expect(parseProcStat(`42 (a) b (c) ${after}`)).toEqual({ state: "S", started: "4711" });
  });

  test("a process of the same id that started at another time is not the same, and is left alone", async () => {
    const server = await shell("exec sleep 60");
    const other = { ...server, started: "1" };
    expect(await isAlive(other)).toBe(false);
    await stopServer(other, 1);
    expect(await isAlive(server)).toBe(true);
    await stopServer(server, 5);
    expect(await isAlive(server)).toBe(false);
  });

  test("stopping takes the process's children with it, also when they do not listen to SIGTERM", async () => {
    const server = await shell(`trap '' TERM; sleep 60 & echo $! > ${folder}/child; wait; wait`);
    const child = await childOf();
    await stopServer(server, 0.2);
    expect(await isAlive(server)).toBe(false);
    // Killed together with the shell, but it may be gone a moment later.
    await expect.poll(() => isAlive(child), { timeout: 10_000 }).toBe(false);

    async function childOf() {
      for (let tries = 0; tries < 100; tries++) {
        const pid = Number(await readFile(join(folder, "child"), "utf8").catch(() => "0"));
        const identity = pid > 0 ? await identityOf(pid) : null;
        if (identity !== null) return identity;
        await sleep(20);
      }
      throw new Error("the child did not start");
    }
  });

  test("a server that ends before it answers is reported with the end of its log", async () => {
    const server = await shell("echo no disk left; exit 1");
    await expect(waitForServer(server, 10, async () => false)).rejects.toThrow(
      /a shell ended before it answered[\s\S]*no disk left/,
    );
  });

  test("waiting for an answer has an end", async () => {
    const server = await shell("exec sleep 60");
    await expect(waitForServer(server, 0.1, async () => false)).rejects.toThrow(/did not answer within 0.1 s/);
    await stopServer(server, 5);
  });

  test("a program that is not there is reported by name", async () => {
    const missing = startServer({ name: "ghost", command: [join(folder, "none")], log: join(folder, "log") });
    await expect(missing).rejects.toThrow(/ghost could not be started/);
  });
});

describe("the file lock", () => {
  test("lets one at a time in, and leaves no file", async () => {
    const path = join(folder, "lock");
    let inside = 0;
    const most: number[] = [];
    await Promise.all(
      Array.from({ length: 5 }, () =>
        withFileLock(path, 10, async () => {
          most.push(++inside);
          await sleep(5);
          inside--;
        }),
      ),
    );
    expect(most).toEqual([1, 1, 1, 1, 1]);
    expect(await readdir(folder)).toEqual([]);
  });

  test("is taken over from an owner that has ended", async () => {
    const path = join(folder, "lock");
    await writeFile(path, JSON.stringify({ pid: process.pid, started: "1" }));
    expect(await withFileLock(path, 1, async () => "in")).toBe("in");
  });

  test("is refused by name while its owner runs", async () => {
    const path = join(folder, "lock");
    await writeFile(path, JSON.stringify(await identityOf(process.pid)));
    await expect(withFileLock(path, 0, async () => "in")).rejects.toMatchObject({ code: "busy" });
  });
});

test("free ports differ and can be listened on", async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
});
