import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { adminSql, tabletSql } from "../../src/sandbox/accounts.ts";
import { findMysqlHome } from "../../src/sandbox/mysql-home.ts";
import { dataTemplate, startMysqld, waitForMysqld } from "../../src/sandbox/mysqld.ts";
import { freePorts } from "../../src/sandbox/ports.ts";
import { identityOf } from "../../src/sandbox/process-identity.ts";
import { sandboxDown, sandboxUp } from "../../src/sandbox/sandbox.ts";
import { type ServerCommand, type ServerProcess, startServer } from "../../src/sandbox/server-process.ts";
import {
  type SandboxServer,
  type SandboxShard,
  type SandboxSource,
  type SandboxState,
  type SandboxTarget,
  writeState,
} from "../../src/sandbox/state-file.ts";
import { changeVschema } from "../../src/sandbox/target-vschema.ts";
import { mergeVschema, type VindexJson } from "../../src/sandbox/vschema-json.ts";
import { vtctldCommand } from "../../src/sandbox/vtctld-command.ts";
import type { TargetTable } from "./database.ts";
import { commandOf, eventually, killServer, mysqldAgain, withFlags } from "./process-command.ts";

/** "vtgate", "vtctld", the tablet of "source" or of a shard's present primary, or "mysqld " and a shard: the server behind that. */
export type Part = "vtgate" | "vtctld" | "source" | (string & {});

/** A real cluster for one test file, to be damaged. */
export interface OwnCluster extends AsyncDisposable {
  /** As the sandbox's state file has it now; its folder is `state.directory`. */
  readonly state: SandboxState;
  readonly source: SandboxSource;
  readonly target: SandboxTarget & { readonly sourceKeyspace: string; readonly vtctld: string };
  /** The server behind each shard's present primary, in shard order; for `same-rows`. */
  readonly shards: readonly SandboxShard[];
  /** The alias of the tablet of the source, or of a shard's present primary. */
  aliasOf(tablet: "source" | (string & {})): string;
  /** Runs vtctldclient and returns what it prints. */
  vtctl(...args: readonly string[]): Promise<string>;
  /** A session on the server behind a shard's present primary, or on the source, as root in its database. */
  connect(server: "source" | (string & {})): Promise<Connection>;
  /** A session of vtgate: of one shard's primary, or of the whole keyspace. */
  connectGate(shard?: string | null): Promise<Connection>;
  /** Makes tables on every shard and in the vschema. */
  createTargets(
    tables: Readonly<Record<string, TargetTable>>,
    vindexes?: Readonly<Record<string, VindexJson>>,
  ): Promise<void>;
  /** Kills it (SIGKILL). Returns when it is gone. */
  kill(part: Part): Promise<void>;
  /** Starts what was killed with the flags it had. Returns when every shard serves; at once while another part is down. */
  start(part: Part): Promise<void>;
  /** `kill`, then `start`. */
  restart(part: Part): Promise<void>;
  /**
   * Makes a shard's replica its primary, nothing lost: the old primary becomes read-only, the replica takes in the rest,
   * becomes writable and the old one's source. Returns when vtgate serves the new one. Can be called again to go back.
   */
  reparent(shard: string): Promise<void>;
  /** Throws away every binary log but a new one. Returns `gtid_purged`. */
  purgeBinlogs(server: "source" | (string & {})): Promise<string>;
}

export interface OwnClusterOptions {
  readonly shards?: number;
  /** A second server and tablet for every shard that replicates from the first; default: none. */
  readonly replicas?: boolean;
}

/** A tablet with its server; both have names among the sandbox's processes. */
interface Member {
  readonly alias: string;
  readonly process: string;
  readonly mysqld: string;
  readonly server: SandboxServer;
}

/**
 * Brings a real cluster up, which takes 10 to 30 s. It is gone when it is disposed of, and soon after this process when
 * that is killed: the sandbox's guard sees to it. Every process added later is in the sandbox's state file as well.
 */
export async function startOwnCluster(options: OwnClusterOptions = {}): Promise<OwnCluster> {
  const owner = await identityOf(process.pid);
  if (owner === null) throw new Error("this process is not there");
  const parent = await mkdtemp(join(tmpdir(), "vtpipe-own-"));
  const directory = join(parent, "cluster");
  const down = async (): Promise<void> => {
    await sandboxDown(directory);
    await rm(parent, { recursive: true, force: true });
  };
  try {
    const shards = options.shards ?? 2;
    const state = await sandboxUp({ directory, shards, vitess: "always", owner, onEvent: () => {} });
    return await overSandbox(state, options.replicas ?? false, down);
  } catch (error) {
    await down();
    throw error;
  }
}

async function overSandbox(up: SandboxState, replicas: boolean, down: () => Promise<void>): Promise<OwnCluster> {
  let state = up;
  const target = up.target as OwnCluster["target"];
  const vtctl = (...args: readonly string[]): Promise<string> =>
    vtctldCommand({ vtctldclient: target.vtctldclient ?? "", server: target.vtctld }, ...args);

  const primaries = new Map<string, Member>(
    up.shards.map((shard, i) => [
      shard.name,
      {
        alias: aliasOf(200 + i),
        process: `vttablet ${target.keyspace} ${shard.name}`,
        mysqld: `mysqld of shard ${shard.name}`,
        server: shard,
      },
    ]),
  );
  const spares = new Map<string, Member>();
  const killed = new Map<string, ServerCommand>();

  const processNamed = (name: string): ServerProcess => {
    const found = state.processes.find((process) => process.name === name);
    if (found === undefined) throw new Error(`no process ${name} in the cluster`);
    return found;
  };
  /** From here on the sandbox's end is the process's end too. */
  const record = async (process: ServerProcess): Promise<void> => {
    const others = state.processes.filter(({ name }) => name !== process.name);
    state = { ...state, processes: [...others, process] };
    await writeState(state);
  };
  const primaryOf = (shard: string): Member => {
    const member = primaries.get(shard);
    if (member === undefined) throw new Error(`no shard ${shard} in the cluster`);
    return member;
  };
  const processOf = (part: Part): string => {
    if (part === "vtgate" || part === "vtctld") return part;
    const [, behind] = /^mysqld (.*)$/.exec(part) ?? [];
    if (behind !== undefined) return primaryOf(behind).mysqld;
    return part === "source" ? `vttablet ${target.sourceKeyspace} 0` : primaryOf(part).process;
  };
  const connectGate = (shard: string | null = null): Promise<Connection> =>
    loginGate(target, shard === null ? target.keyspace : `${target.keyspace}:${shard}@primary`);
  const connect = (name: string): Promise<Connection> =>
    name === "source" ? login(up.source, up.source.database) : login(primaryOf(name).server, databaseOf(up));

  /** vtgate knows of the tablet and the tablet answers. */
  const serves = async (keyspace: string, shard: string): Promise<boolean> => {
    const gate = await loginGate(target, `${keyspace}:${shard}@primary`);
    try {
      const [rows] = await gate.query<RowDataPacket[]>("SELECT 1 AS one");
      return rows.length === 1;
    } finally {
      gate.destroy();
    }
  };
  const everyShardServes = async (): Promise<boolean> => {
    for (const shard of primaries.keys()) if (!(await serves(target.keyspace, shard))) return false;
    return serves(target.sourceKeyspace, "0");
  };

  const kill = async (part: Part): Promise<void> => {
    const process = processNamed(processOf(part));
    const command = await commandOf(process);
    killed.set(process.name, process.name.startsWith("mysqld ") ? mysqldAgain(command) : command);
    await killServer(process);
  };
  const start = async (part: Part): Promise<void> => {
    const name = processOf(part);
    const command = killed.get(name);
    if (command === undefined) throw new Error(`${name} was not killed`);
    killed.delete(name);
    await record(await startServer(command));
    if (part === "vtctld") await eventually(`${name} answers`, async () => (await vtctl("GetKeyspaces")) !== "");
    else if (killed.size > 0) return;
    else await eventually(`vtgate serves every shard again after the start of ${name}`, everyShardServes);
  };

  if (replicas) {
    for (const [index, shard] of up.shards.entries()) {
      const tablet = processNamed(processOf(shard.name));
      spares.set(shard.name, await addReplica({ state: up, shard, index, tablet, record }));
    }
    for (const { alias } of spares.values()) {
      await eventually(`${alias} is in the topology`, async () => (await vtctl("GetTablet", alias)) !== "");
    }
  }

  return {
    get state() {
      return state;
    },
    source: up.source,
    target,
    get shards() {
      return up.shards.map((shard) => ({ ...shard, ...primaryOf(shard.name).server }));
    },
    aliasOf: (tablet) => (tablet === "source" ? aliasOf(100) : primaryOf(tablet).alias),
    vtctl,
    connect,
    connectGate,
    async createTargets(tables, vindexes = {}) {
      for (const shard of primaries.keys()) {
        const gate = await connectGate(shard);
        for (const { create } of Object.values(tables)) await gate.query(create);
        await gate.end();
      }
      const added = Object.fromEntries(Object.entries(tables).map(([name, { vschema }]) => [name, vschema]));
      await changeVschema(state, (now) => mergeVschema(now, { vindexes, tables: added }));
    },
    kill,
    start,
    async restart(part) {
      await kill(part);
      await start(part);
    },
    async reparent(shard) {
      const [old, next] = [primaryOf(shard), spares.get(shard)];
      if (next === undefined) throw new Error(`shard ${shard} has no replica: ask for them with {replicas: true}`);
      await promote(old.server, next.server);
      primaries.set(shard, next);
      spares.set(shard, old);
      await vtctl("TabletExternallyReparented", next.alias);
      await eventually(`vtgate serves ${next.alias} as the primary of ${shard}`, async () => {
        const gate = await connectGate();
        const [tablets] = await gate.query<RowDataPacket[]>("SHOW VITESS_TABLETS");
        await gate.end();
        const primary = tablets.find((row) => row["Shard"] === shard && row["TabletType"] === "PRIMARY");
        return primary?.["Alias"] === next.alias && primary["State"] === "SERVING" && serves(target.keyspace, shard);
      });
    },
    async purgeBinlogs(name) {
      const connection = await connect(name);
      try {
        await connection.query("FLUSH BINARY LOGS");
        // A log that is still being sent to somebody stays, with a warning; at its end the reader goes on to the new one.
        await eventually(`${name} purges its binary logs`, async () => {
          const [logs] = await connection.query<RowDataPacket[]>("SHOW BINARY LOGS");
          if (logs.length === 1) return true;
          await connection.query(`PURGE BINARY LOGS TO '${logs.at(-1)?.["Log_name"]}'`);
          return false;
        });
        return await textOf(connection, "SELECT REPLACE(@@GLOBAL.gtid_purged, '\\n', '')");
      } finally {
        await connection.end();
      }
    },
    [Symbol.asyncDispose]: down,
  };
}

const aliasOf = (uid: number): string => `zone1-${String(uid).padStart(10, "0")}`;
const databaseOf = (state: SandboxState): string => state.shards[0]?.database ?? "";

function login({ host, port, user, password }: SandboxServer, database: string): Promise<Connection> {
  return createConnection({ ...exact, host, port, user, password, database });
}

function loginGate({ host, port, user, password }: SandboxTarget, database: string): Promise<Connection> {
  return createConnection({ ...exact, host, port, user, password, database, connectTimeout: 5000 });
}

const exact = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true, charset: "utf8mb4" } as const;

async function textOf(connection: Connection, sql: string): Promise<string> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return String(Object.values(rows[0] ?? {})[0] ?? "");
}

/** A server that replicates all that the shard's primary has logged, with a tablet that runs as the primary's does. */
async function addReplica(place: {
  readonly state: SandboxState;
  readonly shard: SandboxShard;
  readonly index: number;
  readonly tablet: ServerProcess;
  readonly record: (process: ServerProcess) => Promise<void>;
}): Promise<Member> {
  const { state, shard, index, tablet, record } = place;
  const [port = 0, web = 0, grpc = 0] = await freePorts(3);
  const home = await findMysqlHome(() => {});
  const command = await commandOf(tablet);
  const [user, password] = await tabletAccount(command);
  const mysqld = await startMysqld(home, await dataTemplate(home, () => {}), {
    name: `shard ${shard.name} replica`,
    directory: state.directory,
    runtimeDirectory: state.runtimeDirectory,
    port,
    mysqlxPort: null,
    serverId: 100 + index,
    bufferPoolMiB: 64,
    performanceSchema: false,
    // On the primary these are in no binary log, so replication brings none of them.
    initSql: [...adminSql(shard.password), ...tabletSql(user, password), `CREATE DATABASE \`${shard.database}\``],
  });
  await record(mysqld.process);
  await waitForMysqld(mysqld, "root", shard.password);
  const server: SandboxServer = { ...shard, port, socket: mysqld.socket };
  await follow(server, shard);
  const alias = aliasOf(300 + index);
  const name = `${tablet.name} replica`;
  const flags = { "tablet-path": alias, "db-socket": mysqld.socket, port: web, "grpc-port": grpc };
  const log = tablet.log.replace(/\.log$/, "-replica.log");
  await record(await startServer({ ...withFlags(command, flags), name, log }));
  return { alias, process: name, mysqld: mysqld.process.name, server };
}

async function tabletAccount({ command }: ServerCommand): Promise<[user: string, password: string]> {
  const file = command.find((flag) => flag.startsWith("--db-credentials-file="))?.split("=")[1] ?? "";
  const accounts = JSON.parse(await readFile(file, "utf8")) as Record<string, string[]>;
  const [user = "", [password = ""] = []] = Object.entries(accounts)[0] ?? [];
  return [user, password];
}

/** Makes `replica` read-only, and a replica of `source` that finds its place by GTIDs. */
async function follow(replica: SandboxServer, source: SandboxServer): Promise<void> {
  const connection = await login(replica, "");
  const { host, port, user, password } = source;
  await connection.query("SET GLOBAL super_read_only = ON");
  await connection.query(
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${host}', SOURCE_PORT = ${port}, SOURCE_USER = '${user}',
      SOURCE_PASSWORD = '${password}', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 1`,
  );
  await connection.query("START REPLICA");
  await connection.end();
}

/** Lets `next` take in all that `old` has, and turns replication between them around. */
async function promote(old: SandboxServer, next: SandboxServer): Promise<void> {
  const [from, to] = [await login(old, ""), await login(next, "")];
  try {
    await from.query("SET GLOBAL super_read_only = ON");
    const executed = await textOf(from, "SELECT REPLACE(@@GLOBAL.gtid_executed, '\\n', '')");
    const late = await textOf(to, `SELECT WAIT_FOR_EXECUTED_GTID_SET('${executed}', 60)`);
    if (late !== "0") throw new Error(`the replica on port ${next.port} has not taken in ${executed} within 60 s`);
    await to.query("STOP REPLICA");
    await to.query("RESET REPLICA ALL");
    await to.query("SET GLOBAL super_read_only = OFF");
    await to.query("SET GLOBAL read_only = OFF");
  } finally {
    await from.end();
    await to.end();
  }
  await follow(old, next);
}
