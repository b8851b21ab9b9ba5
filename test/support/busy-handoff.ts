import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, ResultSetHeader } from "mysql2/promise";
import { expect, inject } from "vitest";
import { stringify } from "yaml";
import type { VindexJson } from "../../src/sandbox/vschema-json.ts";
import { fromEnvironment } from "../integration/run/migration.ts";
import {
  type BusyName,
  type BusyTablesOptions,
  busyNames,
  busyTargets,
  busyVindexes,
  createBusyTables,
  dropBusyTables,
  type Login,
  personsRule,
  personsTarget,
  personsTwin,
} from "./busy-tables.ts";
import { type CliOptions, type CliResult, vtpipe } from "./cli.ts";
import type { OwnCluster } from "./cluster.ts";
import { connectTarget, type TargetTable, targetTables } from "./database.ts";
import { becomesSame } from "./same-rows.ts";

/** Busy tables in the database that the cluster shows as a keyspace, their targets, and a config that hands them over. */
export interface BusyHandoff extends AsyncDisposable {
  /** For a writer. */
  readonly busy: BusyTablesOptions;
  readonly prefix: string;
  /** Path of the config; a `vtpipe` needs the passwords of `env` for it. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  /** The run directory. */
  readonly directory: string;
  /** Runs `vtpipe VERB …` with the config. */
  run(verb: string, ...args: string[]): Promise<CliResult>;
  /** The same with signals or a listener. */
  runWith(options: CliOptions, verb: string, ...args: string[]): Promise<CliResult>;
  /** The same, which must exit with 0. */
  succeeds(verb: string, ...args: string[]): Promise<CliResult>;
  /** Waits until the target has exactly the source's rows; without names of all tables. */
  same(names?: readonly BusyName[]): Promise<void>;
  /** Cancels the handoff and empties run directory and target. */
  again(): Promise<void>;
  /** Empties run directory and target of a handoff that is over. */
  empty(): Promise<void>;
}

/** The cluster a handoff happens in; an `OwnCluster` is one. */
export interface HandoffSite {
  readonly source: Login & { readonly database: string };
  readonly target: Login & { readonly keyspace: string; readonly sourceKeyspace: string; readonly vtctld: string };
  /** The server behind each shard's primary at this moment. */
  readonly shards: readonly (Login & { readonly name: string; readonly database: string })[];
  createTargets(
    tables: Readonly<Record<string, TargetTable>>,
    vindexes?: Readonly<Record<string, VindexJson>>,
  ): Promise<AsyncDisposable | undefined>;
  connectGate(shard: string): Promise<Connection>;
}

/** A cluster of a test's own as such a site, with the servers that serve it at each moment. */
export function siteOf(cluster: OwnCluster): HandoffSite {
  const { source, target, connectGate } = cluster;
  return {
    ...{ source, target, connectGate },
    get shards() {
      return cluster.shards;
    },
    async createTargets(...tables) {
      await cluster.createTargets(...tables);
      return undefined;
    },
  };
}

export interface BusyHandoffOptions {
  /** Default: the cluster that the whole test run shares. */
  readonly site?: HandoffSite;
  /** Where vtpipe finds vtctld, if not where it is. */
  readonly vtctld?: string;
  /** The tables that are handed over; default: all. */
  readonly names?: readonly BusyName[];
  /** What becomes of `people`, more than `personsRule` says. */
  readonly steps?: readonly object[];
  /** Default: 64KiB, the least. */
  readonly chunkBytes?: string;
  /** A command that takes longer is ended. */
  readonly longestMs?: number;
  /** A key in the environment by which the run directory is encrypted; default: it is not. */
  readonly runKey?: string;
  /** Files beside the config. */
  readonly files?: Readonly<Record<string, string>>;
}

export async function newBusyHandoff(
  prefix: string,
  rows: NonNullable<BusyTablesOptions["rows"]>,
  options: BusyHandoffOptions = {},
): Promise<BusyHandoff> {
  const { site = sharedCluster(), names = busyNames, steps = [], longestMs = 110_000 } = options;
  const { database } = site.source;
  const busy = { server: site.source, database, rows, prefix };
  await createBusyTables(busy);
  const wanted = {
    ...busyTargets(prefix, untransformed(names)),
    ...(names.includes("people") ? personsTarget(prefix) : {}),
  };
  const targets = await site.createTargets(wanted, busyVindexes);
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-handoff-"));
  const { source, target } = site;
  const rule = personsRule(prefix);
  const config = {
    version: 1,
    source: { url: urlOf("mysql", source, database), password: fromEnvironment("SOURCE_PASSWORD") },
    target: {
      url: urlOf("vtgate", target, target.keyspace),
      password: fromEnvironment("TARGET_PASSWORD"),
      vtctld: options.vtctld ?? target.vtctld,
    },
    directory: "./run",
    workers: 2,
    chunkBytes: options.chunkBytes ?? "64KiB",
    ...(options.runKey ? { encryption: { key: fromEnvironment("RUN_KEY") } } : {}),
    handoff: { sourceKeyspace: target.sourceKeyspace, workflow: `${prefix}test` },
    tables: {
      include: names.map((name) => prefix + name),
      rules: names.includes("people")
        ? { [`${prefix}people`]: { ...rule, transforms: [...(rule["transforms"] as object[]), ...steps] } }
        : {},
    },
  };
  const file = join(folder, "vtpipe.yaml");
  await writeFile(file, stringify(config));
  for (const [name, text] of Object.entries(options.files ?? {})) await writeFile(join(folder, name), text);
  const passwords = { SOURCE_PASSWORD: source.password, TARGET_PASSWORD: target.password };
  const env = { ...passwords, ...(options.runKey ? { RUN_KEY: options.runKey } : {}) };
  const runWith = (more: CliOptions, verb: string, ...args: string[]): Promise<CliResult> =>
    vtpipe([...verb.split(" "), "-c", file, ...args], {
      cwd: folder,
      longestMs,
      ...more,
      env: { ...env, ...more.env },
    });
  const run = (verb: string, ...args: string[]): Promise<CliResult> => runWith({}, verb, ...args);
  const empty = async (): Promise<void> => {
    await rm(join(folder, "run"), { recursive: true, force: true });
    for (const { name } of site.shards) {
      const gate = await site.connectGate(name);
      // Vitess lets one statement change 10,000 rows.
      for (const table of Object.keys(wanted)) {
        for (let deleted = 1; deleted > 0; ) {
          const [result] = await gate.query<ResultSetHeader>(`DELETE FROM ${table} LIMIT 5000`);
          deleted = result.affectedRows;
        }
      }
      await gate.end();
    }
  };
  return {
    busy,
    prefix,
    file,
    env,
    directory: join(folder, "run"),
    run,
    runWith,
    async succeeds(verb, ...args) {
      const result = await run(verb, ...args);
      expect(result.error, `${verb}: ${result.error?.message}`).toBeNull();
      expect(result.exitCode).toBe(0);
      return result;
    },
    async same(some = names) {
      for (const name of some) {
        const select = name === "people" ? { select: personsTwin } : {};
        const table = prefix + (name === "people" ? "persons" : name);
        await becomesSame({
          source: { server: busy.server, database, table: prefix + name, ...select },
          target: { servers: site.shards, table },
        });
      }
    },
    async again() {
      expect((await run("cancel")).error).toBeNull();
      await empty();
    },
    empty,
    async [Symbol.asyncDispose]() {
      await run("cancel");
      await rm(folder, { recursive: true, force: true });
      await targets?.[Symbol.asyncDispose]();
      await dropBusyTables(busy);
    },
  };
}

const untransformed = (names: readonly BusyName[]): BusyName[] => names.filter((name) => name !== "people");

const urlOf = (scheme: string, { user, host, port }: Login, database: string): string =>
  `${scheme}://${user}@${host}:${port}/${database}`;

function sharedCluster(): HandoffSite {
  const target = inject("vtgate");
  const { sourceKeyspace, vtctld } = target;
  if (sourceKeyspace === null || vtctld === null) throw new Error("no real cluster");
  return {
    source: inject("source"),
    target: { ...target, sourceKeyspace, vtctld },
    shards: inject("shardServers").map((server, i) => ({ ...server, name: target.shards[i] ?? "" })),
    createTargets: targetTables,
    connectGate: connectTarget,
  };
}
