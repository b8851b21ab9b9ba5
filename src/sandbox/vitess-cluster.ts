import { chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import type { EventSink } from "../contracts/events.ts";
import { freePorts } from "./ports.ts";
import { type ServerProcess, startServer, waitForServer } from "./server-process.ts";
import { type RunAs, unprivilegedUser } from "./unprivileged.ts";
import type { VitessBinaries } from "./vitess-binaries.ts";
import type { VschemaJson } from "./vschema-json.ts";
import { type VtctldAddress, vtctldCommand } from "./vtctld-command.ts";

/** One mysqld that gets a tablet. */
export interface TabletSpec {
  readonly uid: number;
  readonly keyspace: string;
  readonly shard: string;
  readonly socket: string;
  readonly database: string;
}

export interface ClusterSpec {
  readonly binaries: VitessBinaries;
  readonly runtimeDirectory: string;
  readonly tablets: readonly TabletSpec[];
  /** The account the tablets use on every mysqld. */
  readonly tabletUser: string;
  readonly tabletPassword: string;
  /** The account vtgate lets in. */
  readonly user: string;
  readonly password: string;
  readonly vschemas: Readonly<Record<string, VschemaJson>>;
  readonly onEvent: EventSink;
  /** Told of each process as soon as it runs, before anything is waited for. */
  readonly onProcess: (process: ServerProcess) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

export interface RunningCluster {
  /** vtgate's MySQL port on 127.0.0.1. */
  readonly port: number;
  /** vtctld's gRPC address. */
  readonly vtctld: string;
}

const CELL = "zone1";
const ANSWER_SECONDS = 60;

/** What starting any one server of the cluster needs. */
interface Site {
  readonly spec: ClusterSpec;
  readonly directory: string;
  readonly runAs: RunAs | null;
  readonly topo: readonly string[];
}

/** Brings a whole Vitess cluster up over running mysqlds: etcd, vtctld, one unmanaged tablet per mysqld, vtgate. */
export async function startCluster(spec: ClusterSpec): Promise<RunningCluster> {
  const [
    etcdClient = 0,
    etcdPeer = 0,
    vtctldWeb = 0,
    vtctldGrpc = 0,
    gateWeb = 0,
    gateGrpc = 0,
    gateMysql = 0,
    ...rest
  ] = await freePorts(7 + spec.tablets.length * 2);
  const runAs = await unprivilegedUser();
  const directory = join(spec.runtimeDirectory, "vitess");
  await mkdir(directory, { mode: 0o700 });
  await give(directory, runAs);
  const topo = [
    "--topo-implementation=etcd2",
    `--topo-global-server-address=127.0.0.1:${etcdClient}`,
    "--topo-global-root=/vitess/global",
  ];
  const site: Site = { spec, directory, runAs, topo };
  const vtctld: VtctldAddress = { vtctldclient: spec.binaries.vtctldclient, server: `127.0.0.1:${vtctldGrpc}` };

  spec.onEvent({ type: "note", text: `Vitess ${spec.binaries.version}: starting etcd and vtctld` });
  await startEtcd(site, etcdClient, etcdPeer);
  await startVtctld(site, vtctld, vtctldWeb, vtctldGrpc, etcdClient);
  for (const keyspace of Object.keys(spec.vschemas)) {
    await vtctldCommand(vtctld, "CreateKeyspace", "--durability-policy=none", keyspace);
  }
  spec.onEvent({
    type: "note",
    text: `Vitess ${spec.binaries.version}: starting ${spec.tablets.length} tablets and vtgate`,
  });
  const credentials = await credentialFiles(site);
  await Promise.all(
    spec.tablets.map(async (tablet, index) => {
      const process = await startTablet(
        site,
        tablet,
        credentials.tablets,
        rest[index * 2] ?? 0,
        rest[index * 2 + 1] ?? 0,
      );
      await makePrimary(vtctld, tablet, process, spec.signal);
    }),
  );
  for (const [keyspace, vschema] of Object.entries(spec.vschemas)) {
    await vtctldCommand(vtctld, "ApplyVSchema", "--vschema", JSON.stringify(vschema), keyspace);
  }
  const gate = await startVtgate(site, credentials.gate, gateWeb, gateGrpc, gateMysql);
  await waitForServer(gate, ANSWER_SECONDS, () => servesEveryShard(spec, gateMysql), spec.signal);
  return { port: gateMysql, vtctld: vtctld.server };
}

async function start(site: Site, name: string, command: readonly string[], env = {}): Promise<ServerProcess> {
  site.spec.signal?.throwIfAborted();
  const process = await startServer({
    name,
    command,
    log: join(site.spec.runtimeDirectory, `${name.replaceAll(" ", "-")}.log`),
    env: { VTDATAROOT: site.directory, TMPDIR: site.directory, ...env },
    ...(site.runAs === null ? {} : { as: site.runAs }),
  });
  await site.spec.onProcess(process);
  return process;
}

async function startEtcd(site: Site, client: number, peer: number): Promise<void> {
  const url = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const process = await start(
    site,
    "etcd",
    [
      site.spec.binaries.etcd,
      "--name=sandbox",
      `--data-dir=${join(site.directory, "etcd")}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=sandbox=${peerUrl}`,
    ],
    // As variables, not flags: a version that does not know one of them says so and goes on.
    { ETCD_UNSAFE_NO_FSYNC: "true", ETCD_LOGGER: "zap", ETCD_LOG_LEVEL: "warn" },
  );
  await waitForServer(process, ANSWER_SECONDS, async () => (await fetch(`${url}/health`)).ok, site.spec.signal);
}

async function startVtctld(site: Site, vtctld: VtctldAddress, web: number, grpc: number, etcd: number): Promise<void> {
  const process = await start(site, "vtctld", [
    site.spec.binaries.vtctld,
    ...site.topo,
    `--cell=${CELL}`,
    "--service-map=grpc-vtctl,grpc-vtctld",
    ...listen(web, grpc),
  ]);
  const addCell = ["AddCellInfo", `--root=/vitess/${CELL}`, `--server-address=127.0.0.1:${etcd}`, CELL];
  await waitForServer(
    process,
    ANSWER_SECONDS,
    async () => (await fetch(`http://127.0.0.1:${web}/debug/health`)).ok,
    site.spec.signal,
  );
  await vtctldCommand(vtctld, ...addCell);
}

async function startTablet(
  site: Site,
  tablet: TabletSpec,
  credentials: string,
  web: number,
  grpc: number,
): Promise<ServerProcess> {
  const { spec } = site;
  const roles = ["app", "dba", "repl", "filtered", "allprivs", "appdebug"];
  return start(site, `vttablet ${tablet.keyspace} ${tablet.shard}`, [
    spec.binaries.vttablet,
    ...site.topo,
    `--tablet-path=${alias(tablet)}`,
    `--init-keyspace=${tablet.keyspace}`,
    `--init-shard=${tablet.shard}`,
    "--init-tablet-type=replica",
    `--init-db-name-override=${tablet.database}`,
    "--tablet-hostname=127.0.0.1",
    "--unmanaged",
    `--db-socket=${tablet.socket}`,
    `--db-credentials-file=${credentials}`,
    ...roles.map((role) => `--db-${role}-user=${spec.tabletUser}`),
    "--service-map=grpc-queryservice,grpc-tabletmanager,grpc-updatestream",
    "--health-check-interval=1s",
    ...listen(web, grpc),
  ]);
}

/** An unmanaged tablet learns from outside that its mysqld is the primary; it must be in the topology first. */
async function makePrimary(
  vtctld: VtctldAddress,
  tablet: TabletSpec,
  process: ServerProcess,
  signal: AbortSignal | undefined,
): Promise<void> {
  await waitForServer(
    process,
    ANSWER_SECONDS,
    async () => {
      await sleep(150);
      await vtctldCommand(vtctld, "TabletExternallyReparented", alias(tablet));
      return true;
    },
    signal,
  );
}

async function startVtgate(
  site: Site,
  users: string,
  web: number,
  grpc: number,
  mysql: number,
): Promise<ServerProcess> {
  return start(site, "vtgate", [
    site.spec.binaries.vtgate,
    ...site.topo,
    `--cell=${CELL}`,
    `--cells-to-watch=${CELL}`,
    "--tablet-types-to-wait=PRIMARY",
    "--service-map=grpc-vtgateservice",
    `--mysql-server-port=${mysql}`,
    "--mysql-server-bind-address=127.0.0.1",
    "--mysql-auth-server-impl=static",
    `--mysql-auth-server-static-file=${users}`,
    "--vschema-ddl-authorized-users=%",
    ...listen(web, grpc),
  ]);
}

function listen(web: number, grpc: number): string[] {
  return ["--bind-address=127.0.0.1", `--port=${web}`, "--grpc-bind-address=127.0.0.1", `--grpc-port=${grpc}`];
}

function alias(tablet: TabletSpec): string {
  return `${CELL}-${String(tablet.uid).padStart(10, "0")}`;
}

async function servesEveryShard(spec: ClusterSpec, port: number): Promise<boolean> {
  const { user, password } = spec;
  const connection = await createConnection({ host: "127.0.0.1", port, user, password, connectTimeout: 5000 });
  try {
    for (const { keyspace, shard } of spec.tablets) {
      await connection.query(`USE \`${keyspace}:${shard}@primary\``);
      const [rows] = await connection.query<RowDataPacket[]>("SELECT 1");
      if (rows.length !== 1) return false;
    }
    return true;
  } finally {
    await connection.end();
  }
}

/** Passwords go to the servers in files: an argument is there for everyone to read in the process list. */
async function credentialFiles(site: Site): Promise<{ tablets: string; gate: string }> {
  const { spec, directory, runAs } = site;
  const files = { tablets: join(directory, "tablets.json"), gate: join(directory, "gate.json") };
  const tablets = { [spec.tabletUser]: [spec.tabletPassword] };
  const gate = { [spec.user]: [{ Password: spec.password, UserData: spec.user }] };
  await writeFile(files.tablets, JSON.stringify(tablets), { mode: 0o600 });
  await writeFile(files.gate, JSON.stringify(gate), { mode: 0o600 });
  await Promise.all(Object.values(files).map((file) => give(file, runAs)));
  return files;
}

async function give(path: string, runAs: RunAs | null): Promise<void> {
  if (runAs !== null) await chown(path, runAs.uid, runAs.gid);
}
