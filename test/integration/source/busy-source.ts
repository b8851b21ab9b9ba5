import { setTimeout as delay } from "node:timers/promises";
import { type Connection, createConnection, type ResultSetHeader } from "mysql2/promise";
import type { ServerAddress } from "../../../src/mysql/server-url.ts";
import type { Session } from "../../../src/mysql/session.ts";

/** What a reader of the busy tables sees. */
export interface Sight {
  /** Ids of the log: one for each transaction that is visible. */
  readonly log: readonly string[];
  /** Money in both tables, which no transaction changes as a whole. */
  readonly money: string;
  /** Rows that come, change and go, as text. */
  readonly visitors: string;
}

export interface BusySource extends AsyncDisposable {
  readonly tables: readonly { readonly database: string; readonly name: string }[];
  /** By log id: the number of the transaction's GTID. */
  readonly transactions: ReadonlyMap<string, number>;
  /** Resolves when this many more transactions are committed. */
  more(count: number): Promise<void>;
  stop(): Promise<void>;
}

const accounts = 40;
export const allMoney = accounts * 2 * 100;

export async function createBusyTables(session: Session, database: string): Promise<void> {
  await session.run(`DROP DATABASE IF EXISTS ${database}`);
  await session.run(`CREATE DATABASE ${database}`);
  for (const side of ["left_side", "right_side"]) {
    await session.run(`CREATE TABLE ${database}.${side} (id INT PRIMARY KEY, money INT NOT NULL)`);
    const values = Array.from({ length: accounts }, (_, id) => `(${id}, 100)`).join(", ");
    await session.run(`INSERT INTO ${database}.${side} VALUES ${values}`);
  }
  await session.run(`CREATE TABLE ${database}.visitors (id INT PRIMARY KEY, v INT NOT NULL)`);
  await session.run(`CREATE TABLE ${database}.log (id BIGINT PRIMARY KEY AUTO_INCREMENT)`);
}

/** Writers that transfer money, let visitors come and go, and log each of their transactions in it. */
export async function startWriters(
  address: ServerAddress,
  database: string,
  writers: number,
  pauseMs: number,
): Promise<BusySource> {
  const transactions = new Map<string, number>();
  let stopped = false;
  const wakers: (() => void)[] = [];
  const write = async (connection: Connection): Promise<void> => {
    const number = (below: number): number => Math.floor(Math.random() * below);
    await connection.query(`SET SESSION session_track_gtids = OWN_GTID, transaction_isolation = 'READ-COMMITTED'`);
    while (!stopped) {
      await connection.query("BEGIN");
      try {
        const amount = number(50) - 25;
        await connection.query(`UPDATE left_side SET money = money - ${amount} WHERE id = ${number(accounts)}`);
        await connection.query(`REPLACE INTO visitors VALUES (${number(100)}, ${number(1_000)})`);
        await connection.query(`DELETE FROM visitors WHERE id = ${number(100)}`);
        await connection.query(`UPDATE right_side SET money = money + ${amount} WHERE id = ${number(accounts)}`);
        const [logged] = await connection.query<ResultSetHeader>("INSERT INTO log VALUES ()");
        const [committed] = await connection.query<ResultSetHeader>("COMMIT");
        const gtid = (committed as { stateChanges?: { gtids?: string[] } }).stateChanges?.gtids?.[0] ?? "";
        transactions.set(String(logged.insertId), Number(gtid.split(":")[1]));
      } catch (error) {
        if ((error as { errno?: number }).errno !== 1213) throw error;
        await connection.query("ROLLBACK");
      }
      for (const wake of wakers.splice(0)) wake();
      if (pauseMs > 0) await delay(pauseMs);
    }
  };
  const { host, port, user, password } = address;
  const connections = await Promise.all(
    Array.from({ length: writers }, () => createConnection({ host, port, user, password: password ?? "", database })),
  );
  const working = Promise.all(connections.map(write));
  const stop = async (): Promise<void> => {
    stopped = true;
    await working;
    await Promise.all(connections.splice(0).map((connection) => connection.end()));
  };
  return {
    tables: ["left_side", "right_side", "visitors", "log"].map((name) => ({ database, name })),
    transactions,
    async more(count) {
      const goal = transactions.size + count;
      while (transactions.size < goal) {
        await Promise.race([working, new Promise<void>((resolve) => wakers.push(resolve))]);
      }
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

export async function look(session: Session, database: string): Promise<Sight> {
  const log = await session.query(`SELECT id FROM ${database}.log ORDER BY id`);
  const [money] = await session.query(
    `SELECT (SELECT SUM(money) FROM ${database}.left_side) + (SELECT SUM(money) FROM ${database}.right_side) AS m`,
  );
  const visitors = await session.query(`SELECT id, v FROM ${database}.visitors ORDER BY id`);
  return { log: log.map((row) => row["id"] ?? ""), money: money?.["m"] ?? "", visitors: JSON.stringify(visitors) };
}

/** The transaction numbers in a GTID set of one server: `MySQL56/uuid:1-5:7` has 1 to 5 and 7. */
export function numbersIn(position: string | null): Set<number> {
  const numbers = new Set<number>();
  for (const interval of (position ?? "").replace("MySQL56/", "").split(":").slice(1)) {
    const [from = 0, to = from] = interval.split("-").map(Number);
    for (let number = from; number <= to; number++) numbers.add(number);
  }
  return numbers;
}
