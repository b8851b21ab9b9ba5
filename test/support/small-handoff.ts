import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, createConnection } from "mysql2/promise";
import { inject } from "vitest";
import { stringify } from "yaml";
import type { VindexJson } from "../../src/sandbox/vschema-json.ts";
import { fromEnvironment } from "../integration/run/migration.ts";
import { type CliResult, vtpipe } from "./cli.ts";
import type { OwnCluster } from "./cluster.ts";
import { connectTarget, onEveryShard, type TargetTable, targetTables } from "./database.ts";

/** The cluster that a small handoff is made on: that of all tests, or one of a test's own. */
export interface HandoffSite {
  readonly source: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  readonly gate: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly keyspace: string;
  };
  readonly sourceKeyspace: string;
  readonly vtctld: string;
  makeTargets(
    tables: Readonly<Record<string, TargetTable>>,
    vindexes: Readonly<Record<string, VindexJson>>,
  ): Promise<AsyncDisposable>;
  onEveryShard(statements: readonly string[]): Promise<void>;
  /** A session of vtgate in the target keyspace. */
  connectGate(): Promise<Connection>;
}

export function sharedSite(): HandoffSite {
  const gate = inject("vtgate");
  const { sourceKeyspace, vtctld } = gate;
  if (sourceKeyspace === null || vtctld === null) throw new Error("no real cluster");
  const makeTargets = targetTables;
  return {
    source: inject("source"),
    gate,
    sourceKeyspace,
    vtctld,
    makeTargets,
    onEveryShard,
    connectGate: () => connectTarget(),
  };
}

export function ownSite(cluster: OwnCluster): HandoffSite {
  const { source, target } = cluster;
  const everywhere = async (statements: readonly string[]): Promise<void> => {
    for (const { name } of cluster.shards) {
      const shard = await cluster.connect(name);
      for (const sql of statements) await shard.query(sql);
      await shard.end();
    }
  };
  return {
    source,
    gate: target,
    sourceKeyspace: target.sourceKeyspace,
    vtctld: target.vtctld,
    async makeTargets(tables, vindexes) {
      await cluster.createTargets(tables, vindexes);
      return { [Symbol.asyncDispose]: async () => {} };
    },
    onEveryShard: everywhere,
    connectGate: () => cluster.connectGate(),
  };
}

/** A table of a small handoff: made on the source and, as it is or otherwise, on the target. */
export interface SmallTable {
  /** `CREATE TABLE …`, then what fills it. */
  readonly source: readonly string[];
  /** Name and `CREATE TABLE …` on the target, if they are others. */
  readonly target?: { readonly name: string; readonly create: string };
  /** Default: by `id` with hash. */
  readonly vschema?: TargetTable["vschema"];
}

/** Sections in place of the config's own; `handoff`, `source` and `tables` are added to them. */
export interface SmallConfig {
  readonly source?: Readonly<Record<string, unknown>>;
  readonly tables?: Readonly<Record<string, unknown>>;
  readonly handoff?: Readonly<Record<string, unknown>>;
}

/** Tables in the database that the cluster shows as a keyspace, their targets, and a config that hands the first of them over. */
export interface SmallHandoff extends AsyncDisposable {
  readonly folder: string;
  /** On the source, as root, in the database. */
  readonly source: Connection;
  configure(sections: SmallConfig): Promise<void>;
  /** Runs `vtpipe VERB …` with the config. */
  run(verb: string, ...args: string[]): Promise<CliResult>;
  /** Cancels what was begun, removes run directory and rows on the target, and goes back to the first config. */
  again(): Promise<void>;
}

/** Names of tables must be the test's own: all tests share one source keyspace and one target. */
export async function newSmallHandoff(
  site: HandoffSite,
  workflow: string,
  tables: Readonly<Record<string, SmallTable>>,
  vindexes: Readonly<Record<string, VindexJson>> = {},
): Promise<SmallHandoff> {
  const { host, port, user, password, database } = site.source;
  const source = await createConnection({ host, port, user, password, database, multipleStatements: true });
  const drop = [
    "SET foreign_key_checks = 0",
    ...Object.keys(tables).map((name) => `DROP TABLE IF EXISTS ${name}`),
  ].join(";");
  await source.query(drop);
  for (const table of Object.values(tables)) for (const sql of table.source) await source.query(sql);
  const wanted = Object.entries(tables).map(([name, table]): [string, TargetTable] => [
    table.target?.name ?? name,
    {
      create: table.target?.create ?? table.source[0] ?? "",
      vschema: table.vschema ?? { column_vindexes: [{ column: "id", name: "small_hash" }] },
    },
  ]);
  const targets = await site.makeTargets(Object.fromEntries(wanted), { small_hash: { type: "hash" }, ...vindexes });
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-small-"));
  const configure: SmallHandoff["configure"] = async (sections) => {
    const { gate, sourceKeyspace, vtctld } = site;
    const config = {
      version: 1,
      source: {
        url: `mysql://${user}@${host}:${port}/${database}`,
        password: fromEnvironment("SOURCE_PASSWORD"),
        ...sections.source,
      },
      target: {
        url: `vtgate://${gate.user}@${gate.host}:${gate.port}/${gate.keyspace}`,
        password: fromEnvironment("TARGET_PASSWORD"),
        vtctld,
      },
      directory: "./run",
      workers: 1,
      tables: { include: Object.keys(tables).slice(0, 1), ...sections.tables },
      handoff: { sourceKeyspace, workflow, ...sections.handoff },
    };
    await writeFile(join(folder, "vtpipe.yaml"), stringify(config));
  };
  await configure({});
  const env = { SOURCE_PASSWORD: password, TARGET_PASSWORD: site.gate.password };
  const run: SmallHandoff["run"] = (verb, ...args) =>
    vtpipe([...verb.split(" "), "-c", join(folder, "vtpipe.yaml"), ...args], { cwd: folder, env });
  return {
    folder,
    source,
    configure,
    run,
    async again() {
      await run("cancel");
      await configure({});
      await rm(join(folder, "run"), { recursive: true, force: true });
      await site.onEveryShard(wanted.map(([name]) => `DELETE FROM ${name}`));
    },
    async [Symbol.asyncDispose]() {
      await run("cancel");
      await rm(folder, { recursive: true, force: true });
      await targets[Symbol.asyncDispose]();
      await source.query(drop);
      await source.end();
    },
  };
}
