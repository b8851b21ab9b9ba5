import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import type { ServerAddress } from "../src/mysql/server-url.ts";
import { openSession } from "../src/mysql/session.ts";
import { findMysqlHome, type MysqlHome } from "../src/sandbox/mysql-home.ts";
import type { SandboxState, SandboxTarget } from "../src/sandbox/state-file.ts";
import { changeVschema } from "../src/sandbox/target-vschema.ts";
import { mergeVschema } from "../src/sandbox/vschema-json.ts";
import { writeOptionsFile } from "./clients.ts";
import { customerTable, makeCustomers } from "./data/customer.ts";
import { line, measure } from "./measure.ts";

/** Everything the peers share: the servers, the table, and where files go. */
export interface World {
  readonly state: SandboxState;
  readonly target: SandboxTarget;
  readonly home: MysqlHome;
  /** Rows of the table, and how many of them the loads take. */
  readonly rows: number;
  readonly loadRows: number;
  /** For files of the peers; goes with the sandbox. */
  readonly folder: string;
  /** Options files of the MySQL clients for the source and for the gate. */
  readonly sourceOptions: string;
  readonly gateOptions: string;
  /** Our configs: the whole table, and the part that is loaded. */
  readonly dumpConfig: string;
  readonly loadConfig: string;
  /** The whole table, handed over to VReplication; only on Vitess. */
  readonly handoffConfig: string;
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
  return { scheme: "mysql", host, port, user, password, database, socketPath: socket, tls: "off", tlsCa: null };
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
    tls: "off",
    tlsCa: null,
  };
}

/**
 * The sandbox's servers are as small as they go. For figures that mean something they get a buffer pool and a redo log
 * that a load does not fill at once.
 */
const serverSettings = [
  "SET GLOBAL innodb_buffer_pool_size = 512 * 1024 * 1024",
  "SET GLOBAL innodb_redo_log_capacity = 1024 * 1024 * 1024",
];

/** Makes the table on the source and, empty, on the target. */
export async function prepareWorld(
  state: SandboxState,
  options: { readonly rows: number; readonly loadRows: number; readonly seed: string },
  say: (text: string) => void,
): Promise<World> {
  if (state.target === null) throw new Error("the sandbox has no target");
  const folder = join(state.directory, "bench");
  await mkdir(folder, { mode: 0o700 });
  const at = (name: string): string => join(folder, name);
  const world: World = {
    state,
    target: state.target,
    home: await findMysqlHome(() => {}),
    rows: options.rows,
    loadRows: options.loadRows,
    folder,
    sourceOptions: at("source.cnf"),
    gateOptions: at("gate.cnf"),
    dumpConfig: at("dump.yaml"),
    loadConfig: at("load.yaml"),
    handoffConfig: at("handoff.yaml"),
  };
  for (const server of [state.source, ...state.shards]) {
    await using session = await openSession(adminAddress(server), { purpose: "control" });
    for (const setting of serverSettings) await session.run(setting);
  }
  await writeFiles(world);
  say(`making ${options.rows.toLocaleString("en")} rows`);
  await using source = await openSession(adminAddress(state.source), { purpose: "control" });
  await makeCustomers(source, options.rows, options.seed);
  await changeVschema(state, (now) =>
    mergeVschema(now, {
      vindexes: { hash: { type: "hash" } },
      tables: { [customerTable]: { column_vindexes: [{ column: "id", name: "hash" }] } },
    }),
  );
  await measure(vtpipe("schema", "apply", "-c", world.loadConfig));
  return world;
}

async function writeFiles(world: World): Promise<void> {
  const { source } = world.state;
  const { user, password, host, port, keyspace } = world.target;
  const config = {
    version: 1,
    source: {
      url: `mysql://${source.user}@localhost/${source.database}?socket=${encodeURIComponent(source.socket)}`,
      password: source.password,
    },
    target: { url: `vtgate://${user}@${host}:${port}/${keyspace}`, password },
    tables: { include: [customerTable] },
  };
  const part = { ...config.tables, rules: { [customerTable]: { where: `id <= ${world.loadRows}` } } };
  const { vtctld, sourceKeyspace } = world.target;
  const handoff = { sourceKeyspace, workflow: "bench", tabletTypes: ["primary"] };
  if (vtctld !== null) {
    const handed = { ...config, target: { ...config.target, vtctld }, handoff };
    await writeFile(world.handoffConfig, stringify(handed), { mode: 0o600 });
  }
  await writeFile(world.dumpConfig, stringify(config), { mode: 0o600 });
  await writeFile(world.loadConfig, stringify({ ...config, tables: part }), { mode: 0o600 });
  await writeOptionsFile(world.sourceOptions, {
    user: source.user,
    password: source.password,
    socket: source.socket,
  });
  await writeOptionsFile(world.gateOptions, { user, password, host, port });
}

/** Empties the target table on every shard. */
export async function emptyTarget({ state }: World): Promise<void> {
  for (const shard of state.shards) {
    await using session = await openSession(adminAddress(shard), { purpose: "control" });
    await session.run(`TRUNCATE TABLE ${customerTable}`);
  }
}

/** Throws unless the target holds exactly the rows a load should have brought. */
export async function expectLoaded({ state, loadRows }: World, wanted: number = loadRows): Promise<void> {
  let rows = 0;
  for (const shard of state.shards) {
    await using session = await openSession(adminAddress(shard), { purpose: "control" });
    const [count] = await session.query(`SELECT COUNT(*) AS n FROM ${customerTable}`);
    rows += Number(count?.["n"]);
  }
  if (rows !== wanted) throw new Error(`it brought ${rows} of ${wanted} rows to the target`);
}

/** A new path in the world's folder; what an earlier round left there goes. */
export async function freshPath(world: World, name: string): Promise<string> {
  const path = join(world.folder, name);
  await rm(path, { recursive: true, force: true });
  return path;
}

export async function bytesBelow(path: string): Promise<number> {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.size;
  const sizes = await Promise.all((await readdir(path)).map((name) => bytesBelow(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
