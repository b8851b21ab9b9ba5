import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { expect, inject } from "vitest";
import { stringify } from "yaml";
import { followTable } from "../../src/follow/follow-table.ts";
import { fromEnvironment, passwords, urls } from "../integration/run/migration.ts";
import {
  type BusyName,
  type BusyTablesOptions,
  busyNames,
  busyTargets,
  busyVindexes,
  createBusyTables,
  personsRule,
  personsTarget,
  personsTwin,
} from "./busy-tables.ts";
import { type CliEvent, type CliOptions, type CliResult, recordsOf, vtpipe } from "./cli.ts";
import { onEveryShard, type TestDatabase, targetTables, testDatabase } from "./database.ts";
import { becomesSame } from "./same-rows.ts";

/**
 * Busy tables in a database of their own and a config that copies them and follows: `people` go through built-ins and a
 * user's module without an SQL twin, which drops those without a phone; `orders` get a column that the source computes.
 */
export interface BusyFollow extends AsyncDisposable {
  /** For a writer. */
  readonly busy: BusyTablesOptions;
  readonly database: TestDatabase;
  readonly folder: string;
  readonly directory: string;
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** The same, which must exit with 0. */
  succeeds(...args: string[]): Promise<CliResult>;
  /** Waits until the target has exactly the source's rows, or those that another database on it keeps under the same names. */
  same(seconds?: number, from?: string): Promise<void>;
  /** The table on the shards that has the position; null: following has not begun. */
  followTable(): Promise<string | null>;
  /** Empties run directory and target. */
  again(): Promise<void>;
}

const backwards = `import { defineTransform } from "vtpipe";
import * as z from "zod";
export default defineTransform({
  name: "backwards",
  purpose: "Turns names round and drops who has no phone.",
  parameters: z.strictObject({}),
  plan(_: object, input: any) {
    const [name, phone] = ["name", "phone"].map((column) => input.column(column).slot);
    return {
      columns: input.columns, reads: [phone, name], writes: [name],
      rows(row: any) {
        if (row.get(phone) === null) return false;
        row.set(name, Buffer.from([...Buffer.from(row.get(name)).toString()].reverse().join("")));
        return true;
      },
    };
  },
});
`;

const label = "CONCAT(`customer`, ':', UPPER(COALESCE(`note`, '-')), ' ', YEAR(`at`))";

/** What the target should hold, in SQL over the source's tables. */
const twins: Readonly<Partial<Record<BusyName, { select: Readonly<Record<string, string>>; where?: string }>>> = {
  people: { select: { ...personsTwin, full_name: "REVERSE(`name`)" }, where: "`phone` IS NOT NULL" },
  orders: { select: { label } },
};

/** `names`: the tables that are copied and followed; a writer changes the others as well. */
export async function newBusyFollow(
  name: string,
  rows: BusyTablesOptions["rows"] = 1000,
  names: readonly BusyName[] = busyNames,
): Promise<BusyFollow> {
  const database = await testDatabase(name);
  const prefix = `${name}_`;
  const busy = { server: inject("source"), database: name, prefix, ...(rows === undefined ? {} : { rows }) };
  await createBusyTables(busy);
  const tables = { ...busyTargets(prefix), ...personsTarget(prefix) };
  const orders = tables[`${prefix}orders`];
  if (orders === undefined) throw new Error("no orders");
  const withLabel = {
    ...orders,
    create: orders.create.replace("KEY (customer)", "label VARCHAR(200), KEY (customer)"),
  };
  const wanted = { ...tables, [`${prefix}orders`]: withLabel };
  const targets = await targetTables(wanted, busyVindexes);
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-follow-"));
  const directory = join(folder, "run");
  const { source, target } = urls(name);
  const persons = personsRule(prefix);
  const rules: Partial<Record<BusyName, object>> = {
    people: {
      ...persons,
      transforms: [{ use: { module: "./backwards.ts" } }, ...(persons["transforms"] as unknown[])],
    },
    orders: { transforms: [{ sql: { column: "label", type: "varchar(200)", expression: label } }] },
  };
  await writeFile(join(folder, "backwards.ts"), backwards);
  await writeFile(
    join(folder, "vtpipe.yaml"),
    stringify({
      version: 1,
      source: { url: source, password: fromEnvironment("SOURCE_PASSWORD") },
      target: { url: target, password: fromEnvironment("TARGET_PASSWORD") },
      directory: "./run",
      workers: 2,
      chunkBytes: "64KiB",
      tables: {
        exclude: busyNames.filter((table) => !names.includes(table)).map((table) => prefix + table),
        rules: Object.fromEntries(names.map((table) => [prefix + table, rules[table] ?? {}])),
      },
    }),
  );
  const run = (args: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
    vtpipe([...args, "-c", join(folder, "vtpipe.yaml")], {
      cwd: folder,
      longestMs: 280_000,
      ...options,
      env: passwords(),
    });
  return {
    busy,
    database,
    folder,
    directory,
    run,
    async succeeds(...args) {
      const result = await run(args);
      expect(result.error, `${args.join(" ")}: ${result.error?.message}`).toBeNull();
      expect(result.exitCode, result.stderr).toBe(0);
      return result;
    },
    async same(seconds = 60, from = name) {
      for (const table of names) {
        await becomesSame(
          {
            source: { server: busy.server, database: from, table: prefix + table, ...twins[table] },
            target: {
              servers: inject("shardServers"),
              table: prefix + (table === "people" ? "persons" : table),
            },
          },
          seconds,
        );
      }
    },
    async followTable() {
      const record = recordsOf(directory).find((candidate) => candidate.type === "follow");
      return record === undefined ? null : followTable(record.copy);
    },
    async again() {
      await run(["follow", "--finish"]);
      await rm(directory, { recursive: true, force: true });
      await onEveryShard(Object.keys(wanted).map((table) => `TRUNCATE TABLE ${table}`));
    },
    async [Symbol.asyncDispose]() {
      await run(["follow", "--finish"]);
      await rm(folder, { recursive: true, force: true });
      await targets[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The moment the worker is told to begin. */
export const followBegun = (events: readonly CliEvent[]): boolean =>
  events.some((event) => event.type === "note" && event.text.startsWith("Follow applies"));

/** The source's position as `--until` takes it. */
export async function executed(): Promise<string> {
  const { host, port, user, password } = inject("source");
  const connection = await createConnection({ host, port, user, password });
  try {
    const [rows] = await connection.query("SELECT @@global.gtid_executed AS executed");
    return (rows as { executed: string }[])[0]?.executed.replaceAll(/\s/g, "") ?? "";
  } finally {
    await connection.end();
  }
}
