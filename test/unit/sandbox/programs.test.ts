import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cacheDirectory } from "../../../src/sandbox/folders.ts";
import { findMysqlHome, usableVersion } from "../../../src/sandbox/mysql-home.ts";
import { shardNames } from "../../../src/sandbox/shards.ts";
import { findVitess, parseVitessVersion } from "../../../src/sandbox/vitess-binaries.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-unit-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A program that prints one line. */
async function program(name: string, line: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\necho '${line}'\n`);
  await chmod(path, 0o755);
  return path;
}

const oracle = "/usr/sbin/mysqld  Ver 8.4.3 for Linux on x86_64 (MySQL Community Server - GPL)";
const maria = "mysqld  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)";

describe("which mysqld", () => {
  test("takes Oracle MySQL from 8.0 on", () => {
    expect(usableVersion(oracle)).toBe("8.4.3");
    expect(usableVersion("mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))")).toBe("9.7.4");
    expect(usableVersion("mysqld  Ver 5.7.44 for Linux on x86_64")).toBeNull();
    expect(usableVersion(maria)).toBeNull();
    expect(usableVersion("")).toBeNull();
  });

  test("VTPIPE_MYSQLD goes before PATH", async () => {
    const named = await program("mysqld", oracle);
    const home = await findMysqlHome(() => {}, { VTPIPE_MYSQLD: named, PATH: "" });
    expect(home).toMatchObject({ version: "8.4.3", mysqld: [named, "--no-defaults"] });
  });

  test("PATH is searched, and what it names first", async () => {
    await program("mysqld", oracle);
    expect((await findMysqlHome(() => {}, { PATH: `/nonexistent:${folder}` })).origin).toBe(join(folder, "mysqld"));
  });

  test("a MariaDB in VTPIPE_MYSQLD is refused by name", async () => {
    const named = await program("mysqld", maria);
    await expect(findMysqlHome(() => {}, { VTPIPE_MYSQLD: named })).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining(named),
    });
  });
});

describe("which Vitess", () => {
  test("names the programs that are missing", async () => {
    await program("etcd", "etcd Version: 3.4.23");
    await program("vtgate", "vtgate version Version: 24.0.0 (Git revision abc)");
    expect(await findVitess({ VTPIPE_VITESS_BIN: folder, PATH: "" })).toEqual({
      binaries: null,
      missing: ["vtctld", "vtctldclient", "vttablet"],
    });
  });

  test("knows its version once all are there", async () => {
    for (const name of ["etcd", "vtctld", "vtctldclient", "vttablet"]) await program(name, "");
    const vtgate = await program("vtgate", "vtgate version Version: 24.0.0 (Git revision abc)");
    const { binaries } = await findVitess({ PATH: folder });
    expect(binaries).toMatchObject({ version: "24.0.0", vtgate });
    expect(parseVitessVersion("something else")).toBe("of unknown version");
  });
});

test("the cache folder follows VTPIPE_CACHE, then XDG, then the home folder", () => {
  expect(cacheDirectory({ VTPIPE_CACHE: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
  expect(cacheDirectory({ XDG_CACHE_HOME: "/b" })).toBe("/b/vtpipe");
  expect(cacheDirectory({})).toMatch(/\.cache\/vtpipe$/);
});

test("shard names tile the key space", () => {
  expect(shardNames(1)).toEqual(["-"]);
  expect(shardNames(2)).toEqual(["-80", "80-"]);
  expect(shardNames(4)).toEqual(["-40", "40-80", "80-c0", "c0-"]);
  expect(shardNames(16)[1]).toBe("10-20");
  for (const count of [0, 3, 32, 1.5]) expect(() => shardNames(count)).toThrow(/1, 2, 4, 8 or 16/);
});
