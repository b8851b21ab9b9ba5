import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { noTls, type ServerAddress } from "../src/mysql/server-url.ts";
import { openSession, type Session } from "../src/mysql/session.ts";
import { findMysqlHome, type MysqlHome } from "../src/sandbox/mysql-home.ts";
import type { SandboxState, SandboxTarget } from "../src/sandbox/state-file.ts";
import { writeOptionsFile } from "./clients.ts";
import { line } from "./measure.ts";

/** A sandbox as the peers use it: the servers, and where files go. */
export interface World {
  readonly state: SandboxState;
  readonly target: SandboxTarget;
  readonly home: MysqlHome;
  /** For files of the peers; goes with the sandbox. */
  readonly folder: string;
  /** Options files of the MySQL clients for the source and for the gate. */
  readonly sourceOptions: string;
  readonly gateOptions: string;
}

/** The command line as users have it. */
export function vtpipe(...words: readonly string[]): string {
  return line([process.execPath, fileURLToPath(new URL("../bin/vtpipe.js", import.meta.url)), ...words, "--json"]);
}

/** This program again, as one of its child programs. */
export function ownChild(...words: readonly string[]): string {
  return line([process.execPath, fileURLToPath(new URL("./bench.js", import.meta.url)), "child", ...words]);
}

/** root over the socket, as every other client here: no TLS and no TCP for any of them. */
export function adminAddress(server: SandboxState["source"] | SandboxState["shards"][number]): ServerAddress {
  const { host, port, user, password, database, socket } = server;
  return { scheme: "mysql", host, port, user, password, database, socketPath: socket, tls: noTls };
}

export function gateAddress({ host, port, user, password, keyspace }: SandboxTarget): ServerAddress {
  return {
    scheme: "vtgate",
    host,
    port,
    user,
    password,
    database: keyspace,
    socketPath: null,
    tls: noTls,
  };
}

/**
 * The sandbox's servers are as small as they go. For figures that mean something they get a buffer pool and a redo log
 * that a load does not fill at once, and MySQL's own defaults for how many tables are kept open.
 */
const serverSettings = [
  "SET GLOBAL innodb_buffer_pool_size = 1536 * 1024 * 1024",
  "SET GLOBAL innodb_redo_log_capacity = 1024 * 1024 * 1024",
  "SET GLOBAL table_open_cache = 4000",
  "SET GLOBAL table_definition_cache = 2000",
];

/** Makes the servers of a sandbox fit to be measured, and a folder for files. */
export async function openWorld(state: SandboxState): Promise<World> {
  if (state.target === null) throw new Error("the sandbox has no target");
  const folder = join(state.directory, "bench");
  await mkdir(folder, { mode: 0o700 });
  const [sourceOptions, gateOptions] = [join(folder, "source.cnf"), join(folder, "gate.cnf")];
  for (const server of [state.source, ...state.shards]) {
    await using session = await adminSession(server);
    for (const setting of serverSettings) await session.run(setting);
  }
  const { user, password, socket } = state.source;
  await writeOptionsFile(sourceOptions, { user, password, socket });
  const gate = state.target;
  await writeOptionsFile(gateOptions, { user: gate.user, password: gate.password, host: gate.host, port: gate.port });
  return { state, target: state.target, home: await findMysqlHome(() => {}), folder, sourceOptions, gateOptions };
}

export function adminSession(server: SandboxState["source"] | SandboxState["shards"][number]): Promise<Session> {
  return openSession(adminAddress(server), { purpose: "control" });
}

/** A session on the source that makes tables there, outside the binary log, which no one reads. */
export async function makingSession({ state }: World): Promise<Session> {
  const session = await adminSession(state.source);
  await session.run("SET sql_log_bin = 0");
  return session;
}

/** Writes a config that moves `tables` from the source to the target, and returns its path. */
export async function writeConfig(
  { state, target, folder }: World,
  name: string,
  tables: Readonly<Record<string, unknown>>,
  more: { readonly handoff?: Readonly<Record<string, unknown>> } = {},
): Promise<string> {
  const { source } = state;
  const { user, password, host, port, keyspace, vtctld } = target;
  const path = join(folder, `${name}.yaml`);
  const config = {
    version: 1,
    source: {
      url: `mysql://${source.user}@localhost/${source.database}?socket=${encodeURIComponent(source.socket)}`,
      password: source.password,
    },
    target: {
      url: `vtgate://${user}@${host}:${port}/${keyspace}`,
      password,
      ...(more.handoff === undefined || vtctld === null ? {} : { vtctld }),
    },
    tables,
    ...more,
  };
  await writeFile(path, stringify(config), { mode: 0o600 });
  return path;
}

/** Empties a table on every shard. */
export async function emptyTable({ state }: World, table: string): Promise<void> {
  for (const shard of state.shards) {
    await using session = await adminSession(shard);
    await session.run(`TRUNCATE TABLE ${table}`);
  }
}

/** Rows of a table on all shards together. */
export async function rowsOnTarget({ state }: World, table: string): Promise<number> {
  let rows = 0;
  for (const shard of state.shards) {
    await using session = await adminSession(shard);
    const [count] = await session.query(`SELECT COUNT(*) AS n FROM ${table}`);
    rows += Number(count?.["n"]);
  }
  return rows;
}

/** A new path in the world's folder; what an earlier round left there goes. */
export async function freshPath({ folder }: World, name: string): Promise<string> {
  const path = join(folder, name);
  await rm(path, { recursive: true, force: true });
  return path;
}

export async function bytesBelow(path: string): Promise<number> {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.size;
  let bytes = 0;
  // One after the other: a dump of thousands of tables has as many folders.
  for (const name of await readdir(path)) bytes += await bytesBelow(join(path, name));
  return bytes;
}
