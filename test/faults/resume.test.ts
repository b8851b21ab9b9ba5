import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { type Migration, newMigration, onShards, onSource } from "../integration/run/migration.ts";
import { afterEvents, afterRecords, type CliResult, later, type PlannedSignal, recordsOf } from "../support/cli.ts";
import { randomNumbers } from "../support/random-numbers.ts";

/** Enough for some ten chunks a table at the smallest chunk size, few enough to be moved in a second or two. */
const rows = 4_000;
const tables = ["composite", "hashed", "keyless", "one", "unique_only"] as const;
const named = (table: (typeof tables)[number]): string => `run_resume_${table}`;
let migration: Migration;

const definitions: Record<(typeof tables)[number], string> = {
  composite: "id BIGINT NOT NULL, part VARCHAR(20) NOT NULL, v VARCHAR(200), PRIMARY KEY (part, id)",
  hashed: "id BIGINT NOT NULL, code VARCHAR(64) NOT NULL, v VARCHAR(200), PRIMARY KEY (code)",
  keyless: "id BIGINT NOT NULL, v VARCHAR(200), KEY (id)",
  one: "id BIGINT NOT NULL PRIMARY KEY, v VARCHAR(200)",
  unique_only: "id BIGINT NOT NULL, v VARCHAR(200), UNIQUE KEY by_id (id)",
};
const hashedOnTarget =
  "id BIGINT NOT NULL, code CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, v VARCHAR(200), PRIMARY KEY (code)";
const filler = "REPEAT(CONCAT('v', n, ' '), 22)";
/** `n` counts the rows; the table without a key has every fourth row twice. */
const values: Record<(typeof tables)[number], string> = {
  composite: `n, CONCAT('part ', n % 7), ${filler}`,
  hashed: `n, CONCAT('code ', n), ${filler}`,
  keyless: "n - (n % 4 = 3), REPEAT(CONCAT('v', n - (n % 4 = 3), ' '), 22)",
  one: `n * 3, ${filler}`,
  unique_only: `n, ${filler}`,
};

beforeAll(async () => {
  const numbers = `WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${rows})`;
  const entries = tables.map((table) => {
    const name = named(table);
    const source = [
      `CREATE TABLE ${name} (${definitions[table]})`,
      `SET SESSION cte_max_recursion_depth = ${rows}`,
      `INSERT INTO ${name} ${numbers} SELECT ${values[table]} FROM r`,
      `ANALYZE TABLE ${name}`,
    ];
    const target = `CREATE TABLE ${name} (${table === "hashed" ? hashedOnTarget : definitions[table]})`;
    return [name, { source, target }] as const;
  });
  migration = await newMigration("run_resume", Object.fromEntries(entries));
  const hash = { hash: { column: "code", salt: "pepper" } };
  await migration.configure({ tables: { rules: { [named("hashed")]: { transforms: [hash] } } } });
});

afterAll(() => migration?.[Symbol.asyncDispose]());
beforeEach(() => migration.clear());

/** Past vtpipe: row by row, what the shards' own servers hold against what the source holds. */
async function expectEqualTables(): Promise<void> {
  for (const table of tables) {
    const name = named(table);
    const onTarget = table === "hashed" ? "id, code, v" : "*";
    const ours = table === "hashed" ? `id, ${hmac("code", "pepper")}, v` : "*";
    expect(await onShards(`SELECT ${onTarget} FROM ${name}`), name).toEqual(
      await onSource(migration.source, `SELECT ${ours} FROM ${name}`),
    );
  }
}

/** HMAC-SHA-256 (RFC 2104) in SQL. */
function hmac(column: string, key: string): string {
  const pad = (byte: number): string =>
    Buffer.from(Uint8Array.from({ length: 64 }, (_, i) => (Buffer.from(key)[i] ?? 0) ^ byte)).toString("hex");
  return `SHA2(CONCAT(x'${pad(0x5c)}', UNHEX(SHA2(CONCAT(x'${pad(0x36)}', ${column}), 256))), 256)`;
}

const kill = (when: PlannedSignal["when"]): PlannedSignal[] => [{ signal: "SIGKILL", when }];
const countOf = (type: string): number =>
  recordsOf(migration.directory).filter((record) => record.type === type).length;

function expectDone(result: CliResult): void {
  expect(result.error).toBeNull();
  expect(result.exitCode).toBe(0);
}

test("run, killed again and again at any moment, ends with every row once", async () => {
  const random = randomNumbers(3);
  let killed = 0;
  for (const record of ["dumped", "loading", "loaded", "loaded", "loading"] as const) {
    const moment = afterRecords(migration.directory, record, countOf(record) + 1 + Math.floor(random() * 6));
    const result = await migration.run("run", [], { signals: kill(later(random() * 30, moment)) });
    if (result.signal === "SIGKILL") killed++;
    else expectDone(result);
  }
  expect(killed).toBeGreaterThanOrEqual(3);
  const done = await migration.run("run");
  expectDone(done);
  expect(done.summary?.tables.map((table) => [table.rows, table.verified])).toEqual(tables.map(() => [rows, true]));
  await expectEqualTables();
  // The ledger of rows without a key is taken off the target with its last use.
  expect(await onShards("SHOW TABLES LIKE '%vtpipe%'")).toEqual([]);
});

test("dump, killed twice, then load, killed three times: every row once", async () => {
  const random = randomNumbers(11);
  for (const count of [2, 14]) {
    const moment = afterRecords(migration.directory, "dumped", count);
    const result = await migration.run("dump", [], { signals: kill(later(random() * 15, moment)) });
    expect(result.signal).toBe("SIGKILL");
  }
  const early = await migration.run("load", [migration.directory]);
  expect(early.exitCode).toBe(1);
  expect(early.error?.message).toContain("is not complete");
  expectDone(await migration.run("dump"));
  expect(countOf("snapshot")).toBe(3);

  let killed = 0;
  for (const count of [1, 9, 25]) {
    const moment = afterRecords(migration.directory, "loading", count);
    const result = await migration.run("load", [migration.directory], { signals: kill(later(random() * 40, moment)) });
    if (result.signal === "SIGKILL") killed++;
  }
  expect(killed).toBeGreaterThanOrEqual(2);
  expectDone(await migration.run("load", [migration.directory]));
  await expectEqualTables();
});

test("without kept files, killed twice: what is loaded is not missed, what is not is still there", async () => {
  const args = ["--no-keep-files"];
  for (const count of [4, 15]) {
    const moment = afterRecords(migration.directory, "loaded", count);
    expect((await migration.run("run", args, { signals: kill(moment) })).signal).toBe("SIGKILL");
  }
  // One that was loaded and is still there, as after a kill between the two.
  const records = recordsOf(migration.directory);
  const files = new Map(records.flatMap((one) => (one.type === "dumped" ? [[one.dumped.chunk, one.dumped.file]] : [])));
  const [loaded] = records.flatMap((one) => (one.type === "loaded" ? [files.get(one.chunk) ?? ""] : []));
  const kept = join(migration.directory, loaded ?? expect.fail());
  await writeFile(kept, "rows");
  expectDone(await migration.run("run", args));
  expect(existsSync(kept)).toBe(false);
  await expectEqualTables();
});

test("a chunk file that a killed dump had finished and not recorded is removed by the next one, which says so", async () => {
  const moment = afterRecords(migration.directory, "dumped", 3);
  expect((await migration.run("dump", [], { signals: kill(moment) })).signal).toBe("SIGKILL");
  const [recorded] = recordsOf(migration.directory).flatMap((one) => (one.type === "dumped" ? [one.dumped.file] : []));
  const unrecorded = (recorded ?? "").replace(/\d{6}\.zst$/, "000999.zst");
  await writeFile(join(migration.directory, unrecorded), "rows");
  const dumped = await migration.run("dump");
  expectDone(dumped);
  const note = /^Removed \d+ files of an interrupted run that it had not recorded\.$/;
  expect(dumped.events).toContainEqual({ type: "note", text: expect.stringMatching(note) });
  expect(existsSync(join(migration.directory, unrecorded))).toBe(false);
});

test("what a copy that was given up has loaded of a table without a key does not pass for rows of the next one", async () => {
  expectDone(await migration.run("dump"));
  const keylessLoaded: PlannedSignal["when"] = () =>
    recordsOf(migration.directory).some((record) => record.type === "loaded" && record.chunk.startsWith("0003-"));
  const args = [migration.directory, "--no-verify", "--workers", "1"];
  expect((await migration.run("load", args, { signals: kill(keylessLoaded) })).signal).toBe("SIGKILL");
  expect(await onShards("SHOW TABLES LIKE '%vtpipe\\_ledger%'")).toHaveLength(inject("shardServers").length);
  // As somebody starts over who gives that copy up: the same plan, an empty target, another run directory.
  await migration.clear();
  expectDone(await migration.run("run", ["--no-verify"]));
  await expectEqualTables();
});

test("Ctrl-C ends with 130, says how to go on, and the same command does", async () => {
  const moment = afterRecords(migration.directory, "loaded", 3);
  const stopped = await migration.run("run", [], { signals: [{ signal: "SIGINT", when: moment }] });
  expect(stopped.exitCode).toBe(130);
  expect(stopped.error).toMatchObject({ code: "interrupted", todo: "Run the same command again to go on." });
  expect(stopped.summary).toMatchObject({ ok: false, command: "run", directory: migration.directory });
  expect(stopped.events).toContainEqual({ type: "note", text: expect.stringContaining("Once more to stop at once") });
  expect(existsSync(`${migration.directory}/lock`)).toBe(false);
  expect(countOf("loaded")).toBeGreaterThanOrEqual(3);
  // A chunk that was begun was also finished, or is marked so that the next run looks for its rows.
  expectDone(await migration.run("run"));
  await expectEqualTables();
});

test("Ctrl-C twice stops at once with 130, and the same command goes on", async () => {
  const moment = afterRecords(migration.directory, "loading", 4);
  const twice: PlannedSignal[] = [
    { signal: "SIGINT", when: moment },
    { signal: "SIGINT", when: afterEvents("note", 2) },
  ];
  const stopped = await migration.run("run", [], { signals: twice });
  expect(stopped.exitCode).toBe(130);
  expect(stopped.events.at(-1)).toMatchObject({ type: "summary", ok: false, error: { code: "interrupted" } });
  expectDone(await migration.run("run"));
  await expectEqualTables();
});

test("SIGTERM is taken as Ctrl-C, before anything is read and while the result is verified", async () => {
  const when = (type: "table:planned" | "table:verified"): PlannedSignal[] => [
    { signal: "SIGTERM", when: afterEvents(type, 1) },
  ];
  const early = await migration.run("run", [], { signals: when("table:planned") });
  expect(early.exitCode).toBe(130);
  expect(await onShards(`SELECT * FROM ${named("one")} LIMIT 1`)).toEqual([]);
  const late = await migration.run("run", [], { signals: when("table:verified") });
  expect([0, 130]).toContain(late.exitCode);
  expectDone(await migration.run("run"));
  await expectEqualTables();
});

test("source connections that are killed end the dump with an error, and the same command goes on", async () => {
  const { host, port, user, password } = inject("source");
  const root = await createConnection({ host, port, user, password });
  const killReaders = async (): Promise<void> => {
    const [found] = await root.query(
      `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = 'run_resume' AND ID <> ${migration.source.connection.threadId}`,
    );
    for (const { id } of found as { id: number }[]) await root.query(`KILL ${id}`).catch(() => {});
  };
  let killing: Promise<void> | null = null;
  const failed = await migration.run("dump", [], {
    onEvent: (event) => {
      if (event.type === "snapshot") killing ??= killReaders();
    },
  });
  await killing;
  await root.end();
  expect(failed.exitCode).toBe(1);
  expect(failed.error?.now).not.toBe("");
  expect(failed.error?.todo).toContain("again");
  expectDone(await migration.run("run"));
  await expectEqualTables();
});

test("a killed program leaves no transaction on the source", async () => {
  await migration.run("dump", [], { signals: kill(afterRecords(migration.directory, "dumped", 2)) });
  const held =
    "SELECT COUNT(*) FROM information_schema.INNODB_TRX JOIN information_schema.PROCESSLIST ON ID = trx_mysql_thread_id WHERE DB = 'run_resume'";
  for (let i = 0; i < 100 && (await onSource(migration.source, held))[0] !== '["0"]'; i++) await delay(100);
  expect(await onSource(migration.source, held)).toEqual(['["0"]']);
});
