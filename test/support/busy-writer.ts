import { setTimeout as delay } from "node:timers/promises";
import { type Connection, createConnection } from "mysql2/promise";
import { type BusyTablesOptions, rowsOfEach } from "./busy-tables.ts";
import { busyTransactions } from "./busy-transactions.ts";

export interface WriterOptions extends BusyTablesOptions {
  /** Decides what every session does, in its order. How sessions interleave is up to the server. */
  readonly seed: string;
  readonly sessions: number;
  /** All sessions together; default: as many as they can. */
  readonly perSecond?: number;
}

export interface Written {
  /** Committed. */
  readonly transactions: number;
  /** Rolled back on purpose. */
  readonly rolledBack: number;
  /** Ended by a deadlock or a lock that was not granted in time. */
  readonly deadlocks: number;
  /** Ended by a duplicate key. */
  readonly duplicates: number;
  /** Of the committed ones, those of hundreds of rows. */
  readonly large: number;
  readonly seconds: number;
}

export interface Writer extends AsyncDisposable {
  /** What was written so far. */
  readonly written: Written;
  /** Resolves when this many more transactions are committed; rejects when a session fails. */
  more(transactions: number): Promise<void>;
  /** Resolves when every session stands between two transactions. */
  pause(): Promise<void>;
  resume(): void;
  /** Ends the sessions. Rejects when one of them met an error that such a writer does not expect. */
  stop(): Promise<Written>;
}

const deadlock = 1213;
const lockWaitTimeout = 1205;
const duplicate = 1062;

/** Starts sessions that change the tables of `createBusyTables` (same database, rows and prefix) until they are stopped. */
export async function startWriter(options: WriterOptions): Promise<Writer> {
  const { server, database, seed, sessions, perSecond, prefix = "busy_" } = options;
  const { host, port, user, password } = server;
  const counts = { transactions: 0, rolledBack: 0, deadlocks: 0, duplicates: 0, large: 0 };
  const began = performance.now();
  const gate = openGate(sessions);
  let stopped = false;
  let wakers: (() => void)[] = [];

  const work = async (connection: Connection, session: number): Promise<void> => {
    const planned = busyTransactions({ seed, session, rows: rowsOfEach(options.rows), prefix });
    const apart = perSecond === undefined ? 0 : (1000 * sessions) / perSecond;
    let due = performance.now();
    while (!stopped) {
      await gate.pass();
      due = Math.max(due + apart, performance.now() - 100);
      if (due > performance.now()) await delay(due - performance.now());
      const { statements, end, large } = planned.next().value;
      const alone = statements.length === 1 && end === "COMMIT";
      try {
        // All in one message: the writer's speed is not that of the network.
        await connection.query(alone ? (statements[0] ?? "") : ["BEGIN", ...statements, end].join(";\n"));
        if (end === "ROLLBACK") counts.rolledBack++;
        else counts.transactions++;
        if (large) counts.large++;
      } catch (error) {
        const { errno } = error as { errno?: number };
        if (errno === deadlock || errno === lockWaitTimeout) counts.deadlocks++;
        else if (errno === duplicate) counts.duplicates++;
        else throw new Error(`the writer could not do:\n${statements.join(";\n")}`, { cause: error });
        await connection.query("ROLLBACK");
      }
      for (const wake of wakers) wake();
    }
  };

  const connections = await Promise.all(
    Array.from({ length: sessions }, async (_, session) => {
      const login = { host, port, user, password, database, charset: "utf8mb4", multipleStatements: true };
      const connection = await createConnection(login);
      await connection.query(
        `SET sql_mode = 'NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 10, cte_max_recursion_depth = 10000, time_zone = '${session % 2 === 0 ? "+00:00" : "-03:30"}'`,
      );
      return connection;
    }),
  );
  let failed = false;
  const working = Promise.all(
    connections.map((connection, session) =>
      work(connection, session).catch((error) => {
        failed = stopped = true;
        gate.open();
        throw error;
      }),
    ),
  );
  // It is thrown by whoever waits next; until then it is no unhandled rejection.
  working.catch(() => {});
  const written = (): Written => ({ ...counts, seconds: (performance.now() - began) / 1000 });
  const end = async (): Promise<void> => {
    stopped = true;
    gate.open();
    await working.catch(() => {});
    await Promise.all(connections.splice(0).map((connection) => connection.end()));
  };
  return {
    get written() {
      return written();
    },
    async more(transactions) {
      const goal = counts.transactions + transactions;
      await Promise.race([
        working,
        new Promise<void>((resolve) => {
          const look = (): void => {
            if (counts.transactions < goal) return;
            wakers = wakers.filter((waker) => waker !== look);
            resolve();
          };
          wakers.push(look);
        }),
      ]);
    },
    pause: () => Promise.race([gate.close(), working.then(() => {})]),
    resume: () => gate.open(),
    async stop() {
      const result = written();
      await end();
      await working;
      return { ...result, ...counts };
    },
    [Symbol.asyncDispose]: async () => {
      const silent = failed;
      await end();
      if (!silent) await working;
    },
  };
}

/** A gate that `passers` go through; closing it resolves when all of them wait before it. */
function openGate(passers: number): { pass(): Promise<void>; close(): Promise<void>; open(): void } {
  let opened: Promise<void> | null = null;
  let open = (): void => {};
  let waiting = 0;
  let allWait = (): void => {};
  return {
    async pass() {
      while (opened !== null) {
        if (++waiting === passers) allWait();
        await opened;
        waiting--;
      }
    },
    close() {
      if (opened !== null) return Promise.resolve();
      opened = new Promise((resolve) => {
        open = resolve;
      });
      return new Promise((resolve) => {
        allWait = resolve;
      });
    },
    open() {
      opened = null;
      open();
    },
  };
}

/** What a connection's server has executed, as Vitess writes a position. */
export async function positionOf(connection: Connection): Promise<string> {
  const [rows] = await connection.query("SELECT @@GLOBAL.gtid_executed AS gtids");
  const gtids = String((rows as { gtids?: string }[])[0]?.gtids ?? "");
  return `MySQL56/${gtids.replaceAll(/\s/g, "")}`;
}
