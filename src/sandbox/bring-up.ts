import type { EventSink } from "../contracts/events.ts";
import { adminSql, randomPassword, readerSql, tabletSql } from "./accounts.ts";
import { compiledFile } from "./compiled-file.ts";
import type { MysqlHome } from "./mysql-home.ts";
import { type RunningMysqld, startMysqld, waitForMysqld } from "./mysqld.ts";
import { freePorts } from "./ports.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import { loadSample } from "./sample/load-sample.ts";
import { writeSampleConfig } from "./sample/sample-config.ts";
import { sampleVschema, sampleVschemaForStandIn } from "./sample/target-vschema.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import { startStandIn } from "./stand-in.ts";
import { type SandboxShard, type SandboxState, type SandboxTarget, writeState } from "./state-file.ts";
import type { VitessBinaries } from "./vitess-binaries.ts";
import { startCluster } from "./vitess-cluster.ts";
import { emptyVschema, type VschemaJson } from "./vschema-json.ts";

/** A sandbox decided upon, its folders made. */
export interface SandboxPlan {
  readonly directory: string;
  readonly runtimeDirectory: string;
  readonly home: MysqlHome;
  readonly template: string;
  readonly shards: readonly string[];
  /** null: the stand-in router. */
  readonly vitess: VitessBinaries | null;
  readonly sample: boolean;
  readonly owner: ProcessIdentity | null;
  readonly onEvent: EventSink;
  readonly signal: AbortSignal | undefined;
}

const SOURCE_DATABASE = "commerce";
const SOURCE_KEYSPACE = "ext";
const KEYSPACE = "main";
const SHARD_DATABASE = "vt_main";
const SAMPLE_SEED = "vtpipe";
const TABLET_USER = "vt_tablet";

/** Starts everything in order. Each process is in the state file before the next one is started. */
export async function bringUp(plan: SandboxPlan): Promise<SandboxState> {
  const tabletPassword = randomPassword();
  const record = new StateRecord(await emptyState(plan));
  await record.save();
  if (plan.owner !== null) await startGuard(plan, record);
  await startDatabases(plan, record, tabletPassword);
  // The target first: a cluster that does not come up should not be waited for until the rows are in.
  const target = await startTarget(plan, record, tabletPassword, vschemaOf(plan));
  plan.onEvent({ type: "note", text: `Target: ${target.description}` });
  await record.update({ target });
  if (plan.sample) await fillWithSample(plan, record.state);
  await record.update({ up: true });
  return record.state;
}

function vschemaOf({ sample, vitess }: SandboxPlan): VschemaJson {
  if (!sample) return emptyVschema;
  return vitess === null ? sampleVschemaForStandIn : sampleVschema;
}

/** The state as it grows; writes follow one another. */
class StateRecord {
  state: SandboxState;
  #saved: Promise<void> = Promise.resolve();

  constructor(state: SandboxState) {
    this.state = state;
  }

  save(): Promise<void> {
    this.#saved = this.#saved.then(() => writeState(this.state));
    return this.#saved;
  }

  update(change: Partial<SandboxState>): Promise<void> {
    this.state = { ...this.state, ...change };
    return this.save();
  }

  readonly started = (process: ServerProcess): Promise<void> =>
    this.update({ processes: [...this.state.processes, process] });
}

async function emptyState(plan: SandboxPlan): Promise<SandboxState> {
  const [sourcePort = 0, mysqlxPort = 0, ...shardPorts] = await freePorts(2 + plan.shards.length);
  const server = (port: number) => ({ host: "127.0.0.1", port, user: "root", password: randomPassword(), socket: "" });
  return {
    format: 1,
    directory: plan.directory,
    runtimeDirectory: plan.runtimeDirectory,
    createdAt: new Date().toISOString(),
    up: false,
    mysql: { version: plan.home.version, origin: plan.home.origin },
    source: {
      ...server(sourcePort),
      mysqlxPort,
      database: SOURCE_DATABASE,
      reader: { user: "reader", password: randomPassword() },
    },
    shards: plan.shards.map((name, index) => ({ ...server(shardPorts[index] ?? 0), name, database: SHARD_DATABASE })),
    target: null,
    processes: [],
  };
}

async function fillWithSample(plan: SandboxPlan, state: SandboxState): Promise<void> {
  const { host, port, user, password, database, mysqlxPort } = state.source;
  const { onEvent, signal } = plan;
  onEvent({ type: "note", text: "Sample database: making about 200,000 rows" });
  const server = { host, port, user, password, database, mysqlxPort };
  await loadSample({ ...server, seed: SAMPLE_SEED, scale: 1, onEvent, signal });
  await writeSampleConfig(state, plan.directory);
}

async function startGuard(plan: SandboxPlan, record: StateRecord): Promise<void> {
  const owner = JSON.stringify(plan.owner);
  const command = [process.execPath, compiledFile("guard.js"), plan.directory, owner];
  await record.started(await startServer({ name: "guard", command, log: `${plan.directory}/guard.log` }));
}

async function startDatabases(plan: SandboxPlan, record: StateRecord, tabletPassword: string): Promise<void> {
  const { source, shards } = record.state;
  const { home, template, directory, runtimeDirectory, signal, onEvent } = plan;
  onEvent({
    type: "note",
    text: `MySQL ${home.version} (${home.origin}): starting the source and ${shards.length} shards`,
  });
  const tablets = plan.vitess === null ? [] : tabletSql(TABLET_USER, tabletPassword);
  const common = { directory, runtimeDirectory };
  const start = async (spec: Parameters<typeof startMysqld>[2]): Promise<RunningMysqld> => {
    const server = await startMysqld(home, template, spec);
    await record.started(server.process);
    return server;
  };
  const [runningSource, ...runningShards] = await Promise.all([
    start({
      ...common,
      name: "source",
      port: source.port,
      mysqlxPort: source.mysqlxPort,
      serverId: 1,
      bufferPoolMiB: 128,
      performanceSchema: true,
      initSql: [
        ...adminSql(source.password),
        ...tablets,
        `CREATE DATABASE \`${source.database}\``,
        ...readerSql(source.reader.user, source.reader.password, source.database),
      ],
    }),
    ...shards.map((shard, index) =>
      start({
        ...common,
        name: `shard ${shard.name}`,
        port: shard.port,
        mysqlxPort: null,
        serverId: 2 + index,
        bufferPoolMiB: 64,
        performanceSchema: false,
        initSql: [...adminSql(shard.password), ...tablets, `CREATE DATABASE \`${shard.database}\``],
      }),
    ),
  ]);
  await record.update({
    source: { ...source, socket: runningSource.socket },
    shards: shards.map((shard, index) => ({ ...shard, socket: runningShards[index]?.socket ?? "" })),
  });
  await Promise.all([
    waitForMysqld(runningSource, "root", source.password, signal),
    ...runningShards.map((server, index) => waitForMysqld(server, "root", shards[index]?.password ?? "", signal)),
  ]);
}

async function startTarget(
  plan: SandboxPlan,
  record: StateRecord,
  tabletPassword: string,
  vschema: VschemaJson,
): Promise<SandboxTarget> {
  const account = { user: "loader", password: randomPassword() };
  const { source, shards } = record.state;
  const shared = { onEvent: plan.onEvent, onProcess: record.started, signal: plan.signal };
  const common = { host: "127.0.0.1", ...account, keyspace: KEYSPACE };
  if (plan.vitess === null) {
    const config = { ...account, keyspace: KEYSPACE, shards: shards.map(withoutSocket), vschema };
    const { port, configFile } = await startStandIn({ ...shared, directory: plan.directory, config });
    const nothing = { sourceKeyspace: null, vtctld: null, vtctldclient: null };
    return {
      ...common,
      ...nothing,
      kind: "stand-in",
      description: "stand-in router, not Vitess",
      port,
      routerConfig: configFile,
    };
  }
  const tabletOf = (uid: number, keyspace: string, shard: string, server: { socket: string; database: string }) => ({
    uid,
    keyspace,
    shard,
    socket: server.socket,
    database: server.database,
  });
  const { port, vtctld } = await startCluster({
    ...shared,
    ...account,
    binaries: plan.vitess,
    runtimeDirectory: plan.runtimeDirectory,
    tablets: [
      tabletOf(100, SOURCE_KEYSPACE, "0", source),
      ...shards.map((shard, index) => tabletOf(200 + index, KEYSPACE, shard.name, shard)),
    ],
    tabletUser: TABLET_USER,
    tabletPassword,
    vschemas: { [SOURCE_KEYSPACE]: { ...emptyVschema, sharded: false }, [KEYSPACE]: vschema },
  });
  return {
    ...common,
    kind: "vitess",
    description: `real Vitess ${plan.vitess.version}`,
    port,
    sourceKeyspace: SOURCE_KEYSPACE,
    vtctld,
    vtctldclient: plan.vitess.vtctldclient,
    routerConfig: null,
  };
}

function withoutSocket({ socket: _, ...shard }: SandboxShard): Omit<SandboxShard, "socket"> {
  return shard;
}
