import { spawnSync } from "node:child_process";
import { link, mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openChunkFile } from "../../../src/store/chunk-file-reader.ts";
import { createChunkFile } from "../../../src/store/chunk-file-writer.ts";
import { openLedger, readLedger } from "../../../src/store/ledger-file.ts";
import { readManifest } from "../../../src/store/manifest-file.ts";
import { createRunDirectory, removeUnfinished } from "../../../src/store/run-directory.ts";
import { takeRunLock } from "../../../src/store/run-lock.ts";
import { batchOf, columnsOf, headerOf, refusalOf, temporaryFolder } from "./make.ts";

/** Everything of a run directory that is opened by name. Opening a pipe the usual way would never return. */
const readers: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  "chunk file": (path) => openChunkFile(path),
  manifest: readManifest,
  ledger: readLedger,
  "ledger to write": openLedger,
  lock: takeRunLock,
};

describe.each(Object.entries(readers))("in place of a %s", (_, open) => {
  async function expectRefused(path: string, why: string): Promise<void> {
    const { code, message } = await refusalOf(() => open(path));
    expect([code, message]).toEqual(["files", `Cannot read ${path}: ${why}.`]);
  }

  test("a named pipe", async () => {
    const path = join(await temporaryFolder(), "pipe");
    expect(spawnSync("/usr/bin/mkfifo", [path]).status).toBe(0);
    await expectRefused(path, "it is a named pipe and no file");
  });

  test("a folder", async () => {
    const path = join(await temporaryFolder(), "folder");
    await mkdir(path);
    await expectRefused(path, "it is a folder");
  });

  test("a socket", async () => {
    const path = join(await temporaryFolder(), "socket");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await expectRefused(path, "it is a socket and no file");
    await new Promise((resolve) => server.close(resolve));
  });

  test("a device", async () => {
    // As a link where links are followed, because making a device takes root.
    const path = join(await temporaryFolder(), "device");
    await symlink("/dev/zero", path);
    await expectRefused(path, open === readers["chunk file"] ? "it is a device and no file" : "it is a symbolic link");
  });
});

test.each(["manifest", "ledger", "ledger to write", "lock"])(
  "a %s that is a link to a file is refused",
  async (what) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "elsewhere"), "");
    await symlink("elsewhere", join(folder, "link"));
    const { message } = await refusalOf(async () => readers[what]?.(join(folder, "link")));
    expect(message).toBe(`Cannot read ${join(folder, "link")}: it is a symbolic link.`);
  },
);

test("a chunk file under a second name is the same file", async () => {
  const folder = await temporaryFolder();
  const columns = columnsOf("id int not null");
  const writer = createChunkFile(join(folder, "1-1.zst"), headerOf(columns));
  await writer.write(batchOf([["1"]]));
  const written = await writer.finish();
  await link(join(folder, "1-1.zst"), join(folder, "second.zst"));
  await using reader = await openChunkFile(join(folder, "second.zst"), written);
  expect(reader.trailer.rows).toBe(1);
});

test("a link to a chunk file may stay inside of the run directory, not lead out of it", async () => {
  const outside = await temporaryFolder();
  await writeFile(join(outside, "1-1.zst"), "");
  const directory = await createRunDirectory(await temporaryFolder());
  const chunks = join(directory.path, "chunks");
  await mkdir(chunks);
  await writeFile(join(chunks, "inside.zst"), "");
  await symlink("inside.zst", join(chunks, "1-1.zst"));
  await symlink(join(outside, "1-1.zst"), join(chunks, "1-2.zst"));
  await symlink(join(outside, "not-there"), join(chunks, "1-3.zst"));
  expect(await directory.fileOf("chunks/1-1.zst")).toBe(join(chunks, "1-1.zst"));
  expect((await refusalOf(() => directory.fileOf("chunks/1-2.zst"))).message).toContain("does not stay inside");
  const nowhere = await directory.fileOf("chunks/1-3.zst");
  expect((await refusalOf(() => openChunkFile(nowhere))).message).toContain("it does not exist");
});

test("where the folder of chunks leads out, nothing in it is removed", async () => {
  const outside = await temporaryFolder();
  const precious = join(outside, "0001-a", "1-1.zst.part");
  await mkdir(join(outside, "0001-a"));
  await writeFile(precious, "somebody else's");
  const directory = await createRunDirectory(await temporaryFolder());
  await symlink(outside, join(directory.path, "chunks"));
  const { code, message } = await refusalOf(() => removeUnfinished(directory));
  expect([code, message]).toEqual([
    "files",
    `The path "chunks" does not stay inside the run directory ${directory.path}.`,
  ]);
  await expect(refusalOf(() => directory.fileOf("chunks/0001-a/1-1.zst"))).resolves.toMatchObject({ code: "files" });
});
