import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { type OwnServer, startOwnServer } from "../integration/source/own-server.ts";
import { type CliResult, recordsOf, vtpipe } from "../support/cli.ts";
import { faultProxy } from "../support/fault-proxy.ts";
import { type OwnTarget, startOwnTarget } from "../support/own-target.ts";
import { eventually } from "../support/process-command.ts";

/** Some 80 chunks of the smallest size: enough to be in the middle of for a second or two. */
const rows = 20_000;
const database = "moved";
const tables = {
  big: "CREATE TABLE big (id INT NOT NULL PRIMARY KEY, v VARCHAR(300) NOT NULL)",
  loose: "CREATE TABLE loose (id INT NOT NULL, v VARCHAR(300) NOT NULL)",
} as const;

let source: OwnServer;
let target: OwnTarget;
let folder: string;
/** On the servers themselves, as root; opened anew where a test kills them. */
let onSource: Connection;
let onTarget: Connection;

const directory = (): string => join(folder, "run");
const connectSource = async (): Promise<Connection> => {
  const { host, port, user } = source.address;
  return createConnection({ host, port, user, database });
};

beforeAll(async () => {
  source = await startOwnServer("broken-source");
  target = await startOwnTarget("broken-target", tables);
  const { host, port, user } = source.address;
  const root = await createConnection({ host, port, user });
  await root.query(`CREATE DATABASE ${database}`);
  await root.end();
  onSource = await connectSource();
  onTarget = await target.connect();
  await onSource.query(`SET SESSION cte_max_recursion_depth = ${rows}`);
  for (const [table, create] of Object.entries(tables)) {
    await onSource.query(create);
    // The table without a key has every second row twice.
    const [id, count] = table === "loose" ? ["n - (n % 2)", rows / 10] : ["n", rows];
    await onSource.query(
      `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < ${count}) SELECT ${id}, REPEAT(CONCAT('v', ${id}, ' '), 40) FROM r`,
    );
    await onSource.query(`ANALYZE TABLE ${table}`);
  }
});
afterAll(async () => {
  for (const connection of [onSource, onTarget]) connection?.destroy();
  await target?.[Symbol.asyncDispose]();
  await source?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-servers-"));
  await configure();
  for (const table of Object.keys(tables)) await onTarget.query(`TRUNCATE TABLE ${table}`);
  return () => rm(folder, { recursive: true, force: true });
});

async function configure(sections: { readonly source?: object; readonly target?: object } = {}): Promise<void> {
  const { host, port, user } = source.address;
  const config = {
    version: 1,
    source: { url: `mysql://${user}@${host}:${port}/${database}`, ...sections.source },
    target: { url: target.url, ...sections.target },
    directory: "./run",
    workers: 2,
    chunkBytes: "64KiB",
    load: { statementRows: { min: 100, max: 100 }, strategy: "values" },
  };
  await writeFile(join(folder, "vtpipe.yaml"), stringify(config));
}

function run(verb: string, ...args: string[]): Promise<CliResult> {
  return vtpipe([verb, "-c", join(folder, "vtpipe.yaml"), ...args], { cwd: folder });
}

const countOf = (type: string): number => recordsOf(directory()).filter((record) => record.type === type).length;

/** Starts a run and returns once the ledger has so many records of a kind. */
async function runUntil(type: "dumped" | "loaded", count: number): Promise<{ readonly end: Promise<CliResult> }> {
  const end = run("run");
  await eventually(`${count} chunks are ${type}`, async () => countOf(type) >= count, 60, 2);
  return { end };
}

function expectDone(result: CliResult): void {
  expect(result.error).toBeNull();
  expect(result.exitCode).toBe(0);
  expect(result.summary?.tables.map(({ verified }) => verified)).toEqual([true, true]);
}

function expectResumable({ exitCode, error, stderr }: CliResult): void {
  expect(exitCode).toBe(1);
  expect(stderr).toBe("");
  expect(error?.code).not.toBe("internal");
  expect(error?.now).not.toBe("");
  expect(error?.todo).toContain("again");
}

async function expectExact(): Promise<void> {
  for (const table of Object.keys(tables)) {
    const all = async (connection: Connection): Promise<string[]> => {
      const [found] = await connection.query<RowDataPacket[]>(`SELECT * FROM ${table}`);
      return found.map((row) => JSON.stringify(row)).sort();
    };
    expect(await all(onTarget), table).toEqual(await all(onSource));
  }
}

describe("a source that breaks", () => {
  test("its mysqld is killed in mid-run: the run says so, and goes on with a new snapshot when it is back", async () => {
    const running = await runUntil("dumped", 3);
    await source.kill();
    const failed = await running.end;
    onSource.destroy();
    await source.start();
    onSource = await connectSource();
    expectResumable(failed);
    expect(["source", "snapshot", "unreachable"]).toContain(failed.error?.code);
    expect(countOf("dumped")).toBeGreaterThanOrEqual(3);
    expectDone(await run("run"));
    expect(countOf("snapshot")).toBe(2);
    await expectExact();
  });

  test("a table is altered in mid-run, without the right to hold that off: the run names it", async () => {
    const mover = await source.account(
      "mover",
      `SELECT, SHOW VIEW, TRIGGER ON ${database}.*`,
      "RELOAD, PROCESS, REPLICATION CLIENT ON *.*",
    );
    const { host, port, user, password } = mover;
    await configure({ source: { url: `mysql://${user}@${host}:${port}/${database}`, password } });
    const running = await runUntil("dumped", 3);
    await onSource.query("ALTER TABLE loose ADD COLUMN extra INT");
    const failed = await running.end;
    await onSource.query("ALTER TABLE loose DROP COLUMN extra");
    expect(failed.exitCode).toBe(1);
    expect(failed.error).toMatchObject({
      code: "source",
      message: expect.stringMatching(/definition of .*loose.* changed/),
    });
    expect(failed.error?.todo).toContain("BACKUP_ADMIN");
  });

  test("it hears nothing more of us while we hold its lock: it takes the lock away, and writers go on", async () => {
    await using proxy = await faultProxy(source.address);
    const { host, port } = proxy;
    const url = `mysql://${source.address.user}@${host}:${port}/${database}`;
    await configure({ source: { url, lockTimeoutSeconds: 1, silenceSeconds: 2 } });
    // The answer is the one that shows the position, under the lock.
    proxy.plan({ fault: "half-open", at: /^SELECT @@GLOBAL\.gtid_executed AS executed/, nth: 2 });
    const running = run("run");
    await eventually("the lock is held and the network is gone", async () => proxy.struck() === 1, 60, 2);
    await onSource.query("SET SESSION lock_wait_timeout = 40");
    await onSource.query("UPDATE loose SET id = 0 WHERE id = 0");
    expectResumable(await running);
    proxy.plan(null);
    expectDone(await run("run"));
    await expectExact();
  });
});

describe("a target that breaks", () => {
  test("a shard's mysqld is killed in mid-load and comes back: the run outlasts it", async () => {
    const running = await runUntil("loaded", 3);
    await target.server.kill();
    onTarget.destroy();
    await target.server.start();
    onTarget = await target.connect();
    expectDone(await running.end);
    await expectExact();
  });

  test("loading connections are killed again and again: every row arrives once", async () => {
    const running = await runUntil("loaded", 2);
    let over = false;
    const ended = running.end.finally(() => {
      over = true;
    });
    let kills = 0;
    while (!over && kills < 20) {
      const [found] = await onTarget.query<RowDataPacket[]>(
        `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = '${target.database}' AND ID <> CONNECTION_ID()`,
      );
      for (const { id } of found) {
        kills++;
        await onTarget.query(`KILL ${id}`).catch(() => {});
      }
      await delay(20);
    }
    expect(kills).toBeGreaterThan(2);
    expectDone(await ended);
    await expectExact();
  });

  test("a shard takes no writes for a while: the run waits for it", async () => {
    const running = await runUntil("loaded", 3);
    await onTarget.query("SET GLOBAL super_read_only = ON");
    const loaded = countOf("loaded");
    await delay(3000);
    // One chunk per worker may have been on its way.
    expect(countOf("loaded")).toBeLessThanOrEqual(loaded + 2);
    await onTarget.query("SET GLOBAL read_only = OFF");
    expectDone(await running.end);
    await expectExact();
  });

  test("a shard that takes no writes from the start is refused by name, before anything is read", async () => {
    await onTarget.query("SET GLOBAL read_only = ON");
    const refused = await run("run").finally(() => onTarget.query("SET GLOBAL read_only = OFF"));
    expect(refused.exitCode).toBe(1);
    expect(refused.error).toMatchObject({ code: "preflight", message: expect.stringContaining("read only") });
    expect(countOf("dumped")).toBe(0);
  });

  test("an INSERT that a deadlock has undone is sent again", async () => {
    const other = await target.connect();
    // InnoDB undoes the transaction that has done less.
    await other.query("CREATE TABLE heavy (n INT)");
    await other.query("SET SESSION cte_max_recursion_depth = 3000");
    await other.query("BEGIN");
    await other.query(
      "INSERT INTO heavy WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3000) SELECT n FROM r",
    );
    await other.query("INSERT INTO big VALUES (51, 'not ours')");
    const deadlocks = async (): Promise<number> => {
      const [found] = await onTarget.query<RowDataPacket[]>(
        "SELECT `COUNT` AS n FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks'",
      );
      return Number(found[0]?.["n"]);
    };
    const before = await deadlocks();
    const running = run("run");
    await eventually("the load waits for row 51", async () => {
      const [found] = await onTarget.query<RowDataPacket[]>(
        "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'",
      );
      return found.length > 0;
    });
    await other.query("INSERT INTO big VALUES (50, 'not ours either')");
    expect(await deadlocks()).toBe(before + 1);
    await other.query("ROLLBACK");
    await other.query("DROP TABLE heavy");
    await other.end();
    expectDone(await running);
    await expectExact();
  });

  test("a row larger than a shard's max_allowed_packet is refused by name, and no row of its table is sent", async () => {
    await onSource.query("CREATE TABLE wide (id INT NOT NULL PRIMARY KEY, doc LONGTEXT)");
    await onSource.query("INSERT INTO wide VALUES (1, 'a'), (2, REPEAT('b', 2000000)), (3, 'c')");
    await onTarget.query("CREATE TABLE wide (id INT NOT NULL PRIMARY KEY, doc LONGTEXT)");
    await onTarget.query("SET GLOBAL max_allowed_packet = 1048576");
    try {
      const refused = await run("run", "--include", "wide");
      expect(refused.exitCode).toBe(1);
      expect(refused.error).toMatchObject({
        code: "target",
        message: expect.stringMatching(/wide.*\b2\b|\b2\b.*wide/s),
      });
      expect(refused.error?.now).toContain("No row of table wide was sent");
      const [found] = await onTarget.query<RowDataPacket[]>("SELECT id FROM wide");
      expect(found).toEqual([]);
    } finally {
      await onTarget.query("SET GLOBAL max_allowed_packet = DEFAULT");
      await onTarget.query("DROP TABLE wide");
      await onSource.query("DROP TABLE wide");
    }
  });
});

describe("a target whose disk is full", () => {
  let small: OwnTarget;
  const room = (megabytes: number): string => `ibdata1:12M:autoextend:max:${megabytes}M`;
  beforeAll(async () => {
    small = await startOwnTarget("full-target", tables, [
      "--innodb-file-per-table=OFF",
      "--innodb-autoextend-increment=1",
      `--innodb-data-file-path=${room(16)}`,
    ]);
  });
  afterAll(() => small?.[Symbol.asyncDispose]());

  test("is named, and with room the same command goes on", async () => {
    await configure({ target: { url: small.url } });
    const full = await run("run");
    expect(full.exitCode).toBe(1);
    expect(full.error).toMatchObject({ code: "target", message: expect.stringMatching(/table '\w+' is full/i) });
    expect(full.error?.now).toContain("may be on the target");
    expect(full.error?.todo).toContain("room");
    await small.server.kill();
    await small.server.start({ "innodb-data-file-path": room(500) });
    expectDone(await run("run"));
    const [usual, mine] = [onTarget, await small.connect()];
    try {
      onTarget = mine;
      await expectExact();
    } finally {
      onTarget = usual;
      mine.destroy();
    }
  });
});
