import { cp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import { newMigration } from "../../integration/run/migration.ts";
import { hmacSql } from "../busy-tables.ts";
import type { CliResult } from "../cli.ts";
import { acknowledgedRows, expectNothingLeft, expectTrueStatus } from "./afterwards.ts";
import { Fault } from "./fault.ts";
import { expectSuccess } from "./kill.ts";
import { openShards } from "./shards.ts";
import { movedTable, type StillTable, wantedRows } from "./still-tables.ts";
import type { stillVerbs } from "./verbs.ts";
import type { World } from "./world.ts";

const text = "REPEAT(CONCAT('v', n, ' '), 90)";

/** Some ten chunks a table at the smallest chunk size; a table without a key on the source is one. */
const tables: Readonly<Record<string, StillTable>> = {
  crash_one: { columns: "id BIGINT NOT NULL PRIMARY KEY, v VARCHAR(700)", fill: `n * 3, ${text}`, rows: 1000 },
  // The one with a secondary key, which is built after the rows.
  crash_composite: {
    columns: "id BIGINT NOT NULL, part VARCHAR(20) NOT NULL, v VARCHAR(700), PRIMARY KEY (part, id), KEY by_v (v(20))",
    fill: `n, CONCAT('part ', n % 7), ${text}`,
    rows: 1000,
  },
  crash_unique: {
    columns: "id BIGINT NOT NULL, v VARCHAR(700), UNIQUE KEY by_id (id)",
    fill: `n, ${text}`,
    rows: 1000,
  },
  // Every fourth row is there twice, and there is more than one part of it for each shard.
  crash_keyless: {
    columns: "id BIGINT NOT NULL, v VARCHAR(100)",
    fill: "n - (n % 4 = 3), CONCAT('v', n - (n % 4 = 3))",
    rows: 3000,
  },
  // Read in chunks by its key, and loaded without one.
  crash_bare: {
    columns: "id BIGINT NOT NULL PRIMARY KEY, v VARCHAR(700)",
    fill: `n, ${text}`,
    rows: 700,
    onTarget: "id BIGINT NOT NULL, v VARCHAR(700)",
  },
  crash_hashed: {
    columns: "id BIGINT NOT NULL, code VARCHAR(64) NOT NULL, v VARCHAR(700), PRIMARY KEY (code)",
    fill: `n, CONCAT('code ', n), ${text}`,
    rows: 1000,
    onTarget:
      "id BIGINT NOT NULL, code CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, v VARCHAR(700), PRIMARY KEY (code)",
    twin: `id, ${hmacSql("`code`", "pepper")}, v`,
  },
};

/** A source without writes, so that whatever was read when is the same: the target must be it in the end, row by row. */
export async function stillWorld(): Promise<World<keyof typeof stillVerbs>> {
  const database = "crash_still";
  const moved = Object.entries(tables).map(([name, table]) => [name, movedTable(table, name, name)] as const);
  const migration = await newMigration(database, Object.fromEntries(moved));
  const { source, folder, directory } = migration;
  const hash = { hash: { column: "code", salt: "pepper" } };
  await migration.configure({
    tables: { rules: { crash_hashed: { transforms: [hash] } } },
    load: { deferSecondaryKeys: "always" },
  });
  const shards = await openShards();
  const wanted = await wantedRows(source, tables, (table) => table, shards);
  // A finished dump as it comes to another host, without its ledger.
  const dumped = join(folder, "dumped");
  expectSuccess("dump", await migration.run("dump"));
  await rename(directory, dumped);
  await rm(join(dumped, "ledger.jsonl"));

  const load = (...args: string[]): Promise<CliResult> => migration.run("load", [directory, ...args]);
  return {
    directory,
    async begin(verb) {
      await migration.clear();
      if (verb === "load" || verb === "verify") await cp(dumped, directory, { recursive: true });
      if (verb === "verify") expectSuccess("load", await load("--no-verify"));
    },
    run(verb, options) {
      if (verb === "run without files") return migration.run("run", ["--no-keep-files"], options);
      return migration.run(verb, verb === "load" ? [directory] : [], options);
    },
    async expectAfterKill() {
      await expectTrueStatus(directory);
      await wanted.expectNoneDoubled(await acknowledgedRows(directory));
    },
    async expectDone(verb) {
      if (verb === "dump") expectSuccess("load", await load());
      await wanted.expectAll();
      const keys = await shards.rows("SHOW INDEX FROM crash_composite WHERE Key_name = 'by_v'");
      if (keys.length < inject("shardServers").length) throw new Fault("other", "a secondary key was not built again");
      if (verb === "run without files") await expectNoFiles(directory);
      await expectNothingLeft({ directory, folder, connection: source.connection, database, shards });
    },
    async [Symbol.asyncDispose]() {
      await shards[Symbol.asyncDispose]();
      await migration[Symbol.asyncDispose]();
    },
  };
}

async function expectNoFiles(directory: string): Promise<void> {
  const files = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith(".zst"));
  if (files.length > 0) throw new Fault("other", `chunk files that were to be removed: ${files.join(", ")}`);
}
