import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject } from "vitest";
import { stringify } from "yaml";
import { fromEnvironment, passwords, urls } from "../integration/run/migration.ts";
import {
  type BusyName,
  type BusyTablesOptions,
  busyNames,
  busyTargets,
  busyVindexes,
  createBusyTables,
  dropBusyTables,
  personsRule,
  personsTarget,
  personsTwin,
} from "./busy-tables.ts";
import { type CliResult, vtpipe } from "./cli.ts";
import { onEveryShard, targetTables } from "./database.ts";
import { becomesSame } from "./same-rows.ts";

/** Busy tables in the database that the cluster shows as a keyspace, their targets, and a config that hands them over. */
export interface BusyHandoff extends AsyncDisposable {
  /** For a writer. */
  readonly busy: BusyTablesOptions;
  readonly prefix: string;
  /** Path of the config; `passwords()` are what it takes from the environment. */
  readonly file: string;
  /** Runs `vtpipe VERB …` with the config. */
  run(verb: string, ...args: string[]): Promise<CliResult>;
  /** The same, which must exit with 0. */
  succeeds(verb: string, ...args: string[]): Promise<CliResult>;
  /** Waits until the target has exactly the source's rows; without names of all tables. */
  same(names?: readonly BusyName[]): Promise<void>;
  /** Cancels the handoff and empties run directory and target. */
  again(): Promise<void>;
}

export async function newBusyHandoff(
  prefix: string,
  rows: NonNullable<BusyTablesOptions["rows"]>,
  { chunkBytes = "64KiB", longestMs = 110_000 }: { readonly chunkBytes?: string; readonly longestMs?: number } = {},
): Promise<BusyHandoff> {
  const { sourceKeyspace, vtctld } = inject("vtgate");
  const { database } = inject("source");
  const busy = { server: inject("source"), database, rows, prefix };
  await createBusyTables(busy);
  const wanted = { ...busyTargets(prefix), ...personsTarget(prefix) };
  const targets = await targetTables(wanted, busyVindexes);
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-handoff-"));
  const { source, target } = urls(database);
  const config = {
    version: 1,
    source: { url: source, password: fromEnvironment("SOURCE_PASSWORD") },
    target: { url: target, password: fromEnvironment("TARGET_PASSWORD"), vtctld },
    directory: "./run",
    workers: 2,
    chunkBytes,
    handoff: { sourceKeyspace, workflow: `${prefix}test` },
    tables: { include: [`${prefix}*`], rules: { [`${prefix}people`]: personsRule(prefix) } },
  };
  const file = join(folder, "vtpipe.yaml");
  await writeFile(file, stringify(config));
  const run = (verb: string, ...args: string[]): Promise<CliResult> =>
    vtpipe([...verb.split(" "), "-c", file, ...args], {
      cwd: folder,
      env: passwords(),
      longestMs,
    });
  return {
    busy,
    prefix,
    file,
    run,
    async succeeds(verb, ...args) {
      const result = await run(verb, ...args);
      expect(result.error, `${verb}: ${result.error?.message}`).toBeNull();
      expect(result.exitCode).toBe(0);
      return result;
    },
    async same(names = busyNames) {
      for (const name of names) {
        const select = name === "people" ? { select: personsTwin } : {};
        const table = prefix + (name === "people" ? "persons" : name);
        await becomesSame({
          source: { server: busy.server, database, table: prefix + name, ...select },
          target: { servers: inject("shardServers"), table },
        });
      }
    },
    async again() {
      expect((await run("cancel")).error).toBeNull();
      await rm(join(folder, "run"), { recursive: true, force: true });
      await onEveryShard(Object.keys(wanted).map((table) => `DELETE FROM ${table}`));
    },
    async [Symbol.asyncDispose]() {
      await run("cancel");
      await rm(folder, { recursive: true, force: true });
      await targets[Symbol.asyncDispose]();
      await dropBusyTables(busy);
    },
  };
}
