import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createConnection } from "mysql2/promise";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { compiledFile } from "../../../src/sandbox/compiled-file.ts";
import { rowsOf } from "./support.ts";

let folder: string;
let child: ChildProcess | null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "router-"));
  child = null;
});
afterEach(async () => {
  child?.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

function start(file: string): ChildProcess {
  child = spawn(process.execPath, [compiledFile("router/main.js"), file], { stdio: ["ignore", "pipe", "pipe"] });
  return child;
}

async function write(tables: object, port = 0): Promise<string> {
  const shards = inject("shardServers").map((shard, i) => ({ ...shard, name: i === 0 ? "-80" : "80-" }));
  const file = join(folder, "config.json");
  const vschema = { sharded: true, vindexes: { h: { type: "hash" } }, tables };
  await writeFile(
    file,
    JSON.stringify({ host: "127.0.0.1", port, keyspace: "ks", shards: shards.slice(0, 2), vschema }),
  );
  return file;
}

test("a process of its own says where it serves, reads its file again on SIGHUP and ends on SIGTERM", async () => {
  const running = start(await write({}));
  const [line] = (await once(createInterface({ input: running.stdout ?? process.stdin }), "line")) as [string];
  const { ready, port } = JSON.parse(line) as { ready: boolean; port: number };
  expect(ready).toBe(true);
  const connection = await createConnection({ host: "127.0.0.1", port, user: "x", database: "ks" });
  connection.on("error", () => {});
  await connection.query("USE `ks:80-@primary`");
  await connection.query("USE ks");
  expect(await rowsOf(connection, "SHOW VSCHEMA TABLES")).toEqual([]);
  await write({ t: { column_vindexes: [{ column: "id", name: "h" }] } }, port);
  running.kill("SIGHUP");
  await expect.poll(() => rowsOf(connection, "SHOW VSCHEMA TABLES")).toEqual([["t"]]);
  await writeFile(join(folder, "config.json"), "{");
  running.kill("SIGHUP");
  const [complaint] = (await once(running.stderr ?? process.stdin, "data")) as [Buffer];
  expect(complaint.toString()).toContain("not reloaded");
  expect(await rowsOf(connection, "SHOW VSCHEMA TABLES")).toEqual([["t"]]);
  running.kill("SIGTERM");
  expect(await once(running, "exit")).toEqual([0, null]);
});

test("a bad file ends it with a reason", async () => {
  const file = join(folder, "bad.json");
  await writeFile(file, JSON.stringify({ host: "127.0.0.1", port: 0, keyspace: "ks", shards: [], vschema: {} }));
  const running = start(file);
  const [complaint] = (await once(running.stderr ?? process.stdin, "data")) as [Buffer];
  expect(complaint.toString()).toContain("shards");
  expect(await once(running, "exit")).toEqual([1, null]);
});
