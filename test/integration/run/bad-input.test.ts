import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { takeRunLock } from "../../../src/store/run-lock.ts";
import type { CliResult } from "../../support/cli.ts";
import { vtpipe } from "../../support/cli.ts";
import { onEveryShard } from "../../support/database.ts";
import { editManifest } from "../../support/edit-manifest.ts";
import { fromEnvironment, type Migration, newMigration, onShards, urls, usualConfig } from "./migration.ts";

const orders = "run_bad_orders";
let migration: Migration;

beforeAll(async () => {
  migration = await newMigration("run_bad", {
    [orders]: {
      source: [
        `CREATE TABLE ${orders} (id BIGINT NOT NULL PRIMARY KEY, customer BIGINT NOT NULL, note VARCHAR(100))`,
        `INSERT INTO ${orders} VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, NULL)`,
      ],
      vschema: { column_vindexes: [{ column: "customer", name: "run_hash" }] },
    },
    run_bad_lines: {
      source: [
        "CREATE TABLE run_bad_lines (id INT NOT NULL PRIMARY KEY, amount INT)",
        "INSERT INTO run_bad_lines VALUES (1, 1), (2, 2)",
      ],
    },
  });
});

afterAll(() => migration?.[Symbol.asyncDispose]());
beforeEach(async () => {
  await migration.clear();
  await migration.configure();
});

/** Rows that are on the target although the command was refused. */
const arrived = async (): Promise<string[]> => [
  ...(await onShards(`SELECT * FROM ${orders}`)),
  ...(await onShards("SELECT * FROM run_bad_lines")),
];

/** The command failed in the way people can work with, and left the target alone. */
async function expectRefused(result: CliResult, exitCode: 1 | 2, ...named: string[]): Promise<void> {
  const error = result.error ?? expect.fail(`no error: ${result.stdout}${result.stderr}`);
  for (const name of named) expect(`${error.message}\n${error.todo}`).toContain(name);
  expect(result.exitCode, error.message).toBe(exitCode);
  expect(error.code).not.toBe("internal");
  expect(error.now).toMatch(/^[A-Z].*\.$/s);
  expect(error.todo).toMatch(/^[A-Z].*\S$/s);
  expect(result.summary).toMatchObject({ ok: false });
  expect(await arrived()).toEqual([]);
}

const rule = (table: string, value: object): object => ({ tables: { rules: { [table]: value } } });
const transforms = (...steps: object[]): object => rule(orders, { transforms: steps });

describe("what the config says", () => {
  test.each([
    ["an unknown key, with the nearest right one", { wokers: 4 }, ["wokers", 'Did you mean "workers"']],
    ["an unknown key deep down", rule(orders, { transfroms: [] }), ["transfroms", 'Did you mean "transforms"']],
    ["a value of the wrong type", { workers: "many" }, ["workers", "whole number", "many"]],
    ["no workers at all", { workers: 0 }, ["workers", "from 1 to 64"]],
    ["a chunk size that is none", { chunkBytes: "12 parsecs" }, ["chunkBytes", "12 parsecs"]],
    ["another version", { version: 2 }, ["version", "Expected 1"]],
    [
      "an environment variable that is not set",
      { directory: fromEnvironment("RUN_BAD_NOWHERE") },
      ["RUN_BAD_NOWHERE", "directory"],
    ],
    ["an unknown transform", transforms({ renam: { column: "note", to: "n" } }), ["renam", 'Did you mean "rename"']],
    ["a transform without what it needs", transforms({ rename: { column: "note" } }), ["rename", "to"]],
    ["an unknown table to include", { tables: { include: ["run_bad_order"] } }, ["run_bad_order", orders]],
    ["an unknown table in a rule", rule("run_bad_order", { as: "x" }), ["run_bad_order", orders]],
    ["an unknown column", transforms({ drop: { columns: ["noet"] } }), [orders, "noet", 'Did you mean "note"']],
    [
      "a transform that drops the primary key",
      transforms({ drop: { columns: ["id"] } }),
      [orders, "id", "primary key"],
    ],
    ["a module that is not there", transforms({ use: { module: "./nowhere.ts" } }), ["nowhere.ts"]],
    ["two tables that would become one", rule(orders, { as: "run_bad_lines" }), [orders, "run_bad_lines"]],
  ])("%s", async (_, sections, named) => {
    await migration.configure(sections as Record<string, unknown>);
    await expectRefused(await migration.run("run"), 2, ...named);
    expect(existsSync(migration.directory)).toBe(false);
  });

  test("a condition that is no SQL names the table", async () => {
    await migration.configure(rule(orders, { where: "nope = 1" }) as Record<string, unknown>);
    for (const verb of ["plan", "run"]) {
      await expectRefused(await migration.run(verb), 2, `tables.rules.${orders}.where`, "nope");
    }
    // Alone it is no condition; in the query of a chunk it would undo the key range.
    await migration.configure(rule(orders, { where: "1=1) OR (1=1" }) as Record<string, unknown>);
    await expectRefused(await migration.run("dump"), 2, `tables.rules.${orders}.where`);
  });

  test("no source, no target, no file", async () => {
    const { source, target, ...rest } = usualConfig("run_bad");
    await migration.configure({ source: undefined });
    await expectRefused(await migration.run("run"), 2, "No source is configured");
    await migration.configure({ target: undefined });
    await expectRefused(await migration.run("run"), 2, "No target is configured");
    await expectRefused(await vtpipe(["run", "-c", "nowhere.yaml"], { cwd: migration.folder }), 2, "nowhere.yaml");
    await writeFile(migration.configFile, "version: 1\n\tworkers: [");
    await expectRefused(await migration.run("run"), 2, "vtpipe.yaml");
    expect([source, target, rest].every(Boolean)).toBe(true);
  });
});

describe("what the command line says", () => {
  test.each([
    [["run", "--workers", "0"], "--workers"],
    [["run", "--workers", "two"], "two"],
    [["rum"], "Did you mean run?"],
    [["run", "--wrokers", "2"], "--wrokers"],
    [["run", "--strategy", "prayer"], "prayer"],
    [["load"], "dir"],
    [["inspect", "x", "--format", "xml"], "xml"],
  ])("%j ends with 2 and says why", async (args, named) => {
    const result = await vtpipe(args, { cwd: migration.folder, json: false });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(named);
    expect(result.stdout).toBe("");
  });

  test("with --json a mistake ends in a summary, too", async () => {
    const result = await vtpipe(["run", "--wrokers", "2"], { cwd: migration.folder });
    expect([result.exitCode, result.summary?.command, result.error?.code]).toEqual([2, "run", "usage"]);
  });

  test("help and version are no mistake", async () => {
    for (const args of [["--help"], ["run", "--help"], ["--version"]]) {
      const result = await vtpipe(args, { json: false });
      expect(result.exitCode).toBe(0);
      expect(result.stdout).not.toBe("");
    }
  });
});

describe("servers", () => {
  const { host, port, user } = inject("source");

  test("a source and a target that nobody listens at", async () => {
    const at = (side: "source" | "target", url: string) => migration.run("run", [`--${side}`, url]);
    await expectRefused(await at("source", `mysql://${user}@127.0.0.1:1/run_bad`), 1, "127.0.0.1:1");
    await expectRefused(await at("target", "vtgate://loader@127.0.0.1:1/main"), 1, "127.0.0.1:1");
    await expectRefused(await at("source", `mysql://${user}@no-such-host.invalid/run_bad`), 1, "no-such-host.invalid");
  });

  test("something that listens but is no MySQL", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const there = typeof address === "object" && address !== null ? address.port : 0;
    await expectRefused(await migration.run("run", ["--source", `mysql://x@127.0.0.1:${there}/d`]), 1, `${there}`);
    server.close();
  });

  test("wrong passwords, without showing them", async () => {
    for (const [variable, where] of [
      ["SOURCE_PASSWORD", `${host}:${port}`],
      ["TARGET_PASSWORD", `${inject("vtgate").port}`],
    ] as const) {
      const result = await migration.run("run", [], { env: { [variable]: "opensesame" } });
      await expectRefused(result, 1, where);
      expect(result.error?.code).toBe("access");
      expect(result.stdout + result.stderr).not.toContain("opensesame");
    }
  });

  test("TLS that is required where the gate has none", async () => {
    const result = await migration.run("run", ["--target", `${urls("run_bad").target}?tls=required`]);
    await expectRefused(result, 1, "TLS", `${inject("vtgate").port}`);
    expect(result.error?.code).toBe("access");
  });

  test("an unknown keyspace, an unknown database, and a MySQL where vtgate should be", async () => {
    const { target } = urls("run_bad");
    await expectRefused(await migration.run("run", ["--target", `${target}x`]), 1, `${inject("vtgate").keyspace}x`);
    const nowhere = urls("run_bad_nowhere").source;
    await expectRefused(await migration.run("run", ["--source", nowhere]), 1, "run_bad_nowhere");
    const plain = `vtgate://${user}@${host}:${port}/run_bad`;
    const env = { TARGET_PASSWORD: inject("source").password };
    await expectRefused(await migration.run("run", ["--target", plain], { env }), 1, "vtgate");
  });

  test("an account that may not read: the GRANT to run is named", async () => {
    const secret = "of the beggar";
    await migration.source.query("CREATE USER run_beggar@'%' IDENTIFIED BY 'of the beggar'");
    try {
      await migration.source.query(`GRANT SELECT ON run_bad.run_bad_lines TO run_beggar@'%'`);
      await migration.source.query(`GRANT SELECT (id) ON run_bad.${orders} TO run_beggar@'%'`);
      const source = `mysql://run_beggar@${host}:${port}/run_bad?tls=required`;
      const result = await migration.run("run", ["--source", source], { env: { SOURCE_PASSWORD: secret } });
      await expectRefused(result, 1, orders, "GRANT SELECT ON `run_bad`", "run_beggar");
      await migration.source.query("REVOKE ALL PRIVILEGES, GRANT OPTION FROM run_beggar@'%'");
      await migration.source.query("GRANT CREATE TEMPORARY TABLES ON run_bad.* TO run_beggar@'%'");
      const none = await migration.run("plan", ["--source", source], { env: { SOURCE_PASSWORD: secret } });
      await expectRefused(none, 1, "GRANT SELECT ON `run_bad`.*", "run_beggar");
    } finally {
      await migration.source.query("DROP USER run_beggar@'%'");
    }
  });
});

describe("tables", () => {
  /** Changes the target's table and brings it back. */
  async function withTarget(change: string[], undo: string[], named: string[]): Promise<void> {
    await onEveryShard(change);
    const result = await migration.run("run");
    await onEveryShard(undo);
    await expectRefused(result, 1, ...named);
  }

  test("a column the rows are sharded by that is dropped or renamed", async () => {
    for (const step of [{ drop: { columns: ["customer"] } }, { rename: { column: "customer", to: "client" } }]) {
      await migration.configure(transforms(step) as Record<string, unknown>);
      await expectRefused(await migration.run("run"), 1, orders, "customer");
    }
  });

  test("a table that is not on the target", () =>
    withTarget(
      [`RENAME TABLE ${orders} TO run_bad_aside`],
      [`RENAME TABLE run_bad_aside TO ${orders}`],
      [orders, "schema apply"],
    ));

  test("a column that is not on the target, with the nearest name", () =>
    withTarget(
      [`ALTER TABLE ${orders} RENAME COLUMN note TO notes`],
      [`ALTER TABLE ${orders} RENAME COLUMN notes TO note`],
      [orders, "no column note", 'Did you mean "notes"'],
    ));

  test("a column that the target has and no row a value for", () =>
    withTarget(
      [`ALTER TABLE ${orders} ADD COLUMN must INT NOT NULL`],
      [`ALTER TABLE ${orders} DROP COLUMN must`],
      [orders, "must"],
    ));

  test("a column that would change values silently", () =>
    withTarget(
      ["ALTER TABLE run_bad_lines MODIFY amount FLOAT"],
      ["ALTER TABLE run_bad_lines MODIFY amount INT"],
      ["run_bad_lines", "amount", "float"],
    ));

  test("a narrower column is warned of, and the row that does not fit is refused by name", async () => {
    await onEveryShard([`ALTER TABLE ${orders} MODIFY note VARCHAR(3)`]);
    await migration.source.query(`UPDATE ${orders} SET note = 'confidential' WHERE id = 2`);
    try {
      const result = await migration.run("run", ["--include", orders]);
      expect(result.exitCode).toBe(1);
      expect(result.events).toContainEqual(
        expect.objectContaining({ type: "warning", code: "target-column-narrower", table: orders, column: "note" }),
      );
      expect(result.error).toMatchObject({ code: "target" });
      expect(result.error?.message).toContain(`rows of table ${orders}`);
      expect(result.error?.message).toContain("Data too long for column 'note'");
      expect(result.error?.message).toMatch(/That row is .*\b2\b/);
      expect(result.stdout).not.toContain("confidential");
    } finally {
      await migration.source.query(`UPDATE ${orders} SET note = 'b' WHERE id = 2`);
      await onEveryShard([`DELETE FROM ${orders}`, `ALTER TABLE ${orders} MODIFY note VARCHAR(100)`]);
    }
  });

  test("a target that is not empty: nothing is added to it", async () => {
    await onEveryShard(["INSERT INTO run_bad_lines VALUES (9, 9)"]);
    const result = await migration.run("run");
    expect(result.exitCode).toBe(1);
    expect(result.error?.message).toContain("Table run_bad_lines on shard");
    expect(result.error?.message).toContain("is not empty");
    expect(await arrived()).toEqual(inject("shardServers").map(() => '["9","9"]'));
  });

  test("a table without a consistent snapshot", async () => {
    await migration.source.query("CREATE TABLE run_bad_old (id INT PRIMARY KEY) ENGINE=MyISAM");
    try {
      await expectRefused(await migration.run("dump"), 1, "run_bad_old", "MyISAM");
    } finally {
      await migration.source.query("DROP TABLE run_bad_old");
    }
  });

  test("a table that is not in the vschema", async () => {
    await migration.source.query("CREATE TABLE run_bad_stray (id INT PRIMARY KEY)");
    try {
      await expectRefused(await migration.run("run"), 1, "run_bad_stray", "vschema");
    } finally {
      await migration.source.query("DROP TABLE run_bad_stray");
    }
  });
});

describe("the run directory", () => {
  const reuse = async (): Promise<void> => {
    const dumped = await migration.run("dump");
    expect(dumped.error).toBeNull();
  };
  const edit = async (change: (text: string) => string): Promise<void> => {
    const file = `${migration.directory}/manifest.json`;
    await writeFile(file, change(await readFile(file, "utf8")));
  };

  test("one of another plan", async () => {
    await reuse();
    await migration.configure(transforms({ drop: { columns: ["note"] } }) as Record<string, unknown>);
    await expectRefused(await migration.run("run"), 1, migration.directory, "another plan");
    await expectRefused(await migration.run("dump"), 1, migration.directory, "another plan");
  });

  test("a manifest of a later format, and one that was edited", async () => {
    await reuse();
    await edit((text) => text.replace(/"format": ?2/, '"format": 4'));
    await expectRefused(await migration.run("load", [migration.directory]), 1, "manifest.json", "format 4");
    await edit((text) => text.replace(/"format": ?4/, '"format": 2').replace(/"tables": ?\[/, '"tables": [7, '));
    await expectRefused(await migration.run("load", [migration.directory]), 1, "manifest.json", "outside of vtpipe");
    await edit((text) => text.slice(0, text.length / 2));
    await expectRefused(await migration.run("status", [migration.directory]), 1, "manifest.json");
  });

  test("chunk paths that lead out of it", async () => {
    await reuse();
    await writeFile(`${migration.directory}/ledger.jsonl`, "");
    await editManifest(migration.directory, ({ chunks }) => {
      chunks[0].file = "chunks/../../../etc/passwd";
    });
    const refused = await migration.run("load", [migration.directory]);
    await expectRefused(refused, 1, "manifest.json", "is no path inside the run directory");
  });

  test("a folder with other people's files, one that is not there, and a file", async () => {
    const taken = await migration.run("dump", ["--directory", migration.folder]);
    await expectRefused(taken, 1, migration.folder, "is no run directory");
    await expectRefused(await migration.run("load", ["./nowhere"]), 1, "nowhere");
    await expectRefused(await migration.run("status", ["./nowhere"]), 1, "nowhere");
    await expectRefused(await migration.run("dump", ["--directory", migration.configFile]), 1, "vtpipe.yaml");
    await expectRefused(await migration.run("inspect", [migration.configFile]), 1, "vtpipe.yaml");
  });

  test("one that another run is at work in is refused naming its process", async () => {
    await reuse();
    const held = await takeRunLock(`${migration.directory}/lock`);
    try {
      for (const verb of ["run", "dump", "verify"]) {
        const result = await migration.run(verb);
        await expectRefused(result, 1, `process ${process.pid} on host`, `${migration.directory}/lock`);
        expect(result.error?.code).toBe("busy");
      }
      expect((await migration.run("status")).exitCode).toBe(0);
    } finally {
      await held.release();
    }
    expect((await migration.run("dump")).exitCode).toBe(0);
  });
});
