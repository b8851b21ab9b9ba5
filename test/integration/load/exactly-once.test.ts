import { expect, test } from "vitest";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import type { RowBatch } from "../../../src/contracts/rows.ts";
import { createLoadLedger, dropLoadLedger } from "../../../src/load/ledger-table.ts";
import { newPaces } from "../../../src/load/paces.ts";
import { createSessionPool, type SessionPool } from "../../../src/load/session-pool.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { statementError } from "../../../src/mysql/server-errors.ts";
import { parseServerUrl, type ServerAddress } from "../../../src/mysql/server-url.ts";
import { type Outcome, openSession, type Session } from "../../../src/mysql/session.ts";
import { prepareForLoading } from "../../../src/vitess/shard-session.ts";
import { batchOf } from "../../support/rows.ts";
import { inOwnDatabase } from "../mysql/own-database.ts";
import { batches, loaderFor, loadTable, plainPool, primary } from "./loading.ts";

const columns = [columnFromType("id", "int not null"), columnFromType("v", "varchar(20)")];
const keyed = loadTable("t", columns, primary("id"));
const keyless = loadTable("t", columns, null);
const size = { rows: 10, bytes: 1 << 20 };

function rowsFrom(first: number, count: number): RowBatch {
  return batchOf(
    Array.from({ length: count }, (_, i) => [Buffer.from(String(first + i)), Buffer.from(`value ${first + i}`)]),
  );
}

async function failureOf(work: Promise<unknown>): Promise<VtpipeError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(VtpipeError);
  return error as VtpipeError;
}

async function count(session: Session): Promise<string> {
  const [row] = await session.query("SELECT CONCAT(COUNT(*), ' rows, ', COUNT(DISTINCT id), ' ids') AS n FROM t");
  return row?.["n"] ?? "";
}

/** A pool of one session with one more setting. */
function pooled(address: ServerAddress, setting: string): SessionPool {
  return createSessionPool({
    places: () => 1,
    async open() {
      const session = await openSession(address, { purpose: "target" });
      await prepareForLoading(session);
      await session.run(setting);
      return session;
    },
  });
}

type When = "before" | "after";

/**
 * A pool whose sessions lose their connection around every third statement of a kind: before it reaches the server, or
 * after the server has carried it out, when only the answer is lost.
 */
function lossyPool(address: ServerAddress, kind: RegExp, when: When): { pool: SessionPool; losses: () => number } {
  let seen = 0;
  let losses = 0;
  async function around(session: Session, sql: string, send: () => Promise<Outcome>): Promise<Outcome> {
    if (!kind.test(sql) || ++seen % 3 !== 0) return send();
    losses++;
    if (when === "after") await send();
    session.destroy();
    return send();
  }
  const pool = createSessionPool({
    places: () => 2,
    async open() {
      const session = await openSession(address, { purpose: "target" });
      await prepareForLoading(session);
      const lossy: Session = {
        ...session,
        run: (sql) => around(session, sql, () => session.run(sql)),
        async prepare(sql) {
          const prepared = await session.prepare(sql);
          return { ...prepared, execute: (params) => around(session, sql, () => prepared.execute(params)) };
        },
      };
      return lossy;
    },
  });
  return { pool, losses: () => losses };
}

const strategies = ["values", "json-table"] as const;
const moments: When[] = ["before", "after"];
const cases = strategies.flatMap((strategy) => moments.map((when) => ({ strategy, when })));

test.each(cases)("with a key, $strategy: answers lost $when the insert cost no row and double none", async (each) => {
  await inOwnDatabase(`vt_load_lost_${each.when}_${each.strategy.length}`, async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))");
    const { pool, losses } = lossyPool(address, /^INSERT INTO `t`/, each.when);
    const loader = loaderFor(keyed, pool, { size, strategy: each.strategy });
    const result = await loader.load(batches(rowsFrom(0, 95)), { chunk: "1-1", recover: false });
    await pool.close();
    expect(losses()).toBeGreaterThan(2);
    expect(result).toMatchObject({ rows: 95, retries: losses() });
    expect(await count(session)).toBe("95 rows, 95 ids");
  });
});

test.each([
  { kind: /^INSERT INTO `t`/, when: "before" as const },
  { kind: /^INSERT INTO `t`/, when: "after" as const },
  { kind: /^INSERT INTO _vtpipe/, when: "after" as const },
  { kind: /^COMMIT/, when: "before" as const },
  { kind: /^COMMIT/, when: "after" as const },
])("without a key: answers lost $when $kind cost no row and double none", async ({ kind, when }) => {
  await inOwnDatabase("vt_load_keyless_lost", async (session, address) => {
    await session.run("CREATE TABLE t (id INT, v VARCHAR(20))");
    await createLoadLedger(session, "test");
    const { pool, losses } = lossyPool(address, kind, when);
    const loader = loaderFor(keyless, pool, { size });
    await loader.load(batches(rowsFrom(0, 95)), { chunk: "1-1", recover: false });
    await pool.close();
    expect(losses()).toBeGreaterThan(2);
    expect(await count(session)).toBe("95 rows, 95 ids");
  });
});

test("without a key, routed: of rows that take two statements only the refused one is sent again", async () => {
  await inOwnDatabase("vt_load_blind", async (session, address) => {
    await session.run("CREATE TABLE t (id INT, v VARCHAR(20))");
    let inserts = 0;
    const pool = createSessionPool({
      places: () => 1,
      async open() {
        const plain = await openSession(address, { purpose: "target" });
        await prepareForLoading(plain);
        return {
          ...plain,
          async run(sql) {
            if (/^INSERT INTO `t`/.test(sql) && ++inserts % 4 === 2) throw deadlock();
            return plain.run(sql);
          },
        };
      },
    });
    const five = { min: 5, max: 5 };
    const bounds = { sessions: { start: 1, max: 1 }, rows: five, bytes: { min: 1 << 20, max: 1 << 20 }, memory: 1 };
    const plan = { kind: "routed", why: "test" } as const;
    const more = { size, strategy: "values", plan, paces: newPaces(bounds) } as const;
    const result = await loaderFor(keyless, pool, more).load(batches(rowsFrom(0, 95)), {
      chunk: "1-1",
      recover: false,
    });
    await pool.close();
    expect(result.retries).toBeGreaterThan(3);
    expect(await count(session)).toBe("95 rows, 95 ids");
  });
});

function deadlock(): VtpipeError {
  const message = "Deadlock found when trying to get lock; try restarting transaction";
  const gate = parseServerUrl("vtgate://loader@127.0.0.1/main");
  return statementError(gate, "target", false, { message, errno: 1213, code: undefined, fatal: false });
}

test("a chunk begun by an earlier process is completed, whatever part of it is there", async () => {
  await inOwnDatabase("vt_load_recover", async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))");
    await session.run("INSERT INTO t VALUES (3, 'value 3'), (11, 'value 11'), (12, 'value 12'), (94, 'value 94')");
    const pool = plainPool(address);
    await loaderFor(keyed, pool, { size }).load(batches(rowsFrom(0, 95)), { chunk: "1-1", recover: true });
    expect(await count(session)).toBe("95 rows, 95 ids");
    await loaderFor(keyed, pool, { size }).load(batches(rowsFrom(0, 95)), { chunk: "1-1", recover: true });
    expect(await count(session)).toBe("95 rows, 95 ids");
    await pool.close();
  });
});

test("parts of a table without a key are skipped when they are there, and never mixed with other parts", async () => {
  await inOwnDatabase("vt_load_keyless_recover", async (session, address) => {
    await session.run("CREATE TABLE t (id INT, v VARCHAR(20))");
    await createLoadLedger(session, "test");
    const pool = plainPool(address);
    const loader = loaderFor(keyless, pool, { size });
    await loader.load(batches(rowsFrom(0, 25)), { chunk: "1-1", recover: false });
    // The same rows in other batches: parts do not depend on how rows are read.
    await loader.load(batches(rowsFrom(0, 7), rowsFrom(7, 90)), { chunk: "1-2", recover: true });
    const again = loaderFor(keyless, pool, { size });
    await again.load(batches(rowsFrom(0, 97)), { chunk: "1-2", recover: true });
    expect(await count(session)).toBe("122 rows, 97 ids");

    const otherCut = loaderFor(keyless, pool, { size: { rows: 9, bytes: 1 << 20 } });
    const failure = await failureOf(otherCut.load(batches(rowsFrom(0, 97)), { chunk: "1-2", recover: true }));
    expect(failure).toMatchObject({ code: "target" });
    expect(failure.message).toMatch(/Part \d+ of chunk 1-2 of table t .* other rows/);
    expect(await count(session)).toBe("122 rows, 97 ids");
    await pool.close();
  });
});

test("a run that takes its load ledger away leaves that of a run beside it", async () => {
  await inOwnDatabase("vt_load_keyless_beside", async (session, address) => {
    await session.run("CREATE TABLE t (id INT, v VARCHAR(20))");
    for (const run of ["test", "beside"]) await createLoadLedger(session, run);
    // The one that stays has no line yet, or has one: neither is a reason to lose it.
    await dropLoadLedger(session, "beside");
    const pool = plainPool(address);
    await loaderFor(keyless, pool, { size }).load(batches(rowsFrom(0, 25)), { chunk: "1-1", recover: false });
    await createLoadLedger(session, "beside");
    await dropLoadLedger(session, "beside");
    await loaderFor(keyless, pool, { size }).load(batches(rowsFrom(0, 25)), { chunk: "1-1", recover: true });
    expect(await count(session)).toBe("25 rows, 25 ids");
    await pool.close();
  });
});

test.each(strategies)("%s: a key that is taken is named, not skipped", async (strategy) => {
  await inOwnDatabase(`vt_load_duplicate_${strategy.length}`, async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))");
    await session.run("INSERT INTO t VALUES (7, 'of somebody else')");
    const pool = plainPool(address);
    const failure = await failureOf(
      loaderFor(keyed, pool, { strategy }).load(batches(rowsFrom(0, 20)), { chunk: "1-1", recover: false }),
    );
    expect(failure).toMatchObject({ code: "target", context: { table: "t", chunk: "1-1", errno: 1062 } });
    expect(failure.message).toContain("Duplicate entry '7'");
    expect(await count(session)).toBe("1 rows, 1 ids");
    await pool.close();
  });
});

test("rows whose keys the target takes for equal are refused also while recovering", async () => {
  await inOwnDatabase("vt_load_collation", async (session, address) => {
    await session.run("CREATE TABLE t (id VARCHAR(10) COLLATE utf8mb4_0900_ai_ci PRIMARY KEY)");
    const table = loadTable("t", [columnFromType("id", "varchar(10) not null")], primary("id"));
    const pool = plainPool(address);
    const rows = batchOf([[Buffer.from("é")], [Buffer.from("E")]]);
    const failure = await failureOf(loaderFor(table, pool).load(batches(rows), { chunk: "1-1", recover: true }));
    expect(failure.message).toMatch(/Duplicate entry/);
    await pool.close();
  });
});

test("composite, binary and temporal keys are recognised", async () => {
  await inOwnDatabase("vt_load_composite", async (session, address) => {
    await session.run(
      "CREATE TABLE t (v INT, b BINARY(2), s VARCHAR(9) CHARACTER SET latin1, d DATETIME(3), ts TIMESTAMP(6), PRIMARY KEY (b, s, d, ts))",
    );
    const table = loadTable(
      "t",
      [
        columnFromType("v", "int"),
        columnFromType("b", "binary(2) not null"),
        { ...columnFromType("s", "varchar(9) not null"), charset: "latin1" },
        columnFromType("d", "datetime(3) not null"),
        columnFromType("ts", "timestamp(6) not null"),
      ],
      primary("b", "s", "d", "ts"),
    );
    const rows = batchOf(
      Array.from({ length: 40 }, (_, i) => [
        i % 2 === 0 ? null : Buffer.from(String(i)),
        Buffer.from([i, 39]),
        Buffer.from(`é'${i}`),
        Buffer.from(`2024-02-29 12:00:00.0${10 + i}`),
        Buffer.from(i === 0 ? "0000-00-00 00:00:00.000000" : `2024-10-27 01:30:00.0000${10 + i}`),
      ]),
    );
    // Keys are compared as they are at UTC, in whatever time zone the target's sessions are.
    const pool = pooled(address, "SET time_zone = '+03:00'");
    await loaderFor(table, pool, { size }).load(batches(rows), { chunk: "1-1", recover: false });
    const result = await loaderFor(table, pool, { size }).load(batches(rows), { chunk: "1-1", recover: true });
    expect(result).toMatchObject({ rows: 40, statements: 0, retries: 0 });
    await pool.close();
  });
});

test("a lock wait that times out is tried again", async () => {
  await inOwnDatabase("vt_load_locked", async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))");
    await using holder = await openSession(address, { purpose: "target" });
    await holder.run("BEGIN");
    await holder.run("INSERT INTO t VALUES (5, 'mine for now')");
    const pool = pooled(address, "SET innodb_lock_wait_timeout = 1");
    const loading = loaderFor(keyed, pool).load(batches(rowsFrom(0, 20)), { chunk: "1-1", recover: false });
    setTimeout(() => void holder.run("ROLLBACK"), 1500);
    expect((await loading).retries).toBeGreaterThan(0);
    expect(await count(session)).toBe("20 rows, 20 ids");
    await pool.close();
  });
});

test("a target that stays away ends the load with what is true and what to do", async () => {
  await inOwnDatabase("vt_load_away", async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))");
    const pool = plainPool({ ...address, port: 1 });
    const limits = { attempts: 3, seconds: 5 };
    const failure = await failureOf(
      loaderFor(keyed, pool, { limits }).load(batches(rowsFrom(0, 20)), { chunk: "1-7", recover: false }),
    );
    expect(failure).toMatchObject({ code: "target", retryable: true });
    expect(failure.message).toMatch(/given up after 3 tries/);
    expect(failure.now).toContain("chunk 1-7");
  });
});

test("stopping ends the load after what is in flight, and it can be continued", async () => {
  await inOwnDatabase("vt_load_stop", async (session, address) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))");
    const stop = new AbortController();
    async function* source(): AsyncGenerator<RowBatch> {
      yield rowsFrom(0, 50);
      stop.abort();
      yield rowsFrom(50, 50);
    }
    const pool = plainPool(address);
    const failure = await failureOf(
      loaderFor(keyed, pool, { size }).load(source(), { chunk: "1-1", recover: false, signal: stop.signal }),
    );
    expect(failure.code).toBe("interrupted");
    expect(await count(session)).toBe("50 rows, 50 ids");
    await loaderFor(keyed, pool, { size }).load(batches(rowsFrom(0, 100)), { chunk: "1-1", recover: true });
    expect(await count(session)).toBe("100 rows, 100 ids");
    await pool.close();
  });
});
