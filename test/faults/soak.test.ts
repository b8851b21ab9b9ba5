import { setTimeout as delay } from "node:timers/promises";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type BusyFollow, newBusyFollow } from "../support/busy-follow.ts";
import { startWriter } from "../support/busy-writer.ts";
import type { CliResult } from "../support/cli.ts";
import { mostOf, noUsage, type ProcessUsage, usageOf } from "../support/process-usage.ts";
import { randomNumbers } from "../support/random-numbers.ts";

/**
 * Copies and follows a source that is written to, for as long as VTPIPE_SOAK_MINUTES says (a quarter in `npm test`, 20 in
 * `npm run test:nightly`), while its connections are cut, statements on the shards are killed and the program itself is stopped, frozen and killed.
 * After each round source and target must be the same, byte for byte, and no process may have used more than is promised.
 */

const minutes = Number(process.env["VTPIPE_SOAK_MINUTES"] ?? "0.25");
const seed = Number(process.env["VTPIPE_SOAK_SEED"] ?? "7");
const name = "fl_soak";
const workers = 2;
/** What the design promises for so many workers, MiB. */
const memoryCeiling = 256 + 48 * workers;
const descriptorCeiling = 200;
const followSeconds = Math.min(60, minutes * 30);

type Login = { host: string; port: number; user: string; password: string };
/** What is done to a program that runs as this process. */
type Fault = (pid: number) => Promise<void>;

let follow: BusyFollow;
let servers: Connection[];

beforeAll(async () => {
  follow = await newBusyFollow(name);
  const logins: Login[] = [inject("source"), ...inject("shardServers")];
  servers = await Promise.all(
    logins.map(({ host, port, user, password }) => createConnection({ host, port, user, password })),
  );
});
afterAll(async () => {
  await Promise.all((servers ?? []).map((server) => server.end()));
  await follow?.[Symbol.asyncDispose]();
});

/** A line of SHOW PROCESSLIST; information_schema's table cannot hold every statement. */
interface Session {
  readonly id: number;
  readonly database: string | null;
  readonly command: string;
  readonly statement: string;
}

/** All sessions on a server but our own. */
async function sessionsOn(server: Connection): Promise<readonly Session[]> {
  const [rows] = await server.query<RowDataPacket[]>("SHOW FULL PROCESSLIST");
  return rows
    .map((row) => ({ id: row["Id"], database: row["db"], command: row["Command"], statement: row["Info"] ?? "" }))
    .filter(({ id }) => id !== server.threadId);
}

/** Those that vtpipe has opened on the source to read rows or the binary log. */
async function readersOn(server: Connection): Promise<readonly Session[]> {
  const [rows] = await server.query<RowDataPacket[]>(
    "SELECT PROCESSLIST_ID AS id FROM performance_schema.session_connect_attrs WHERE ATTR_NAME = 'program_name' AND ATTR_VALUE = 'vtpipe'",
  );
  const ours = new Set(rows.map(({ id }) => Number(id)));
  const among = await sessionsOn(server);
  return among.filter(
    ({ id, database, command }) => ours.has(id) && (database === name || command.startsWith("Binlog Dump")),
  );
}

/** Kills one of them, if there is one. */
async function killOne(server: Connection, among: readonly Session[], random: () => number): Promise<void> {
  const session = among[Math.floor(random() * among.length)];
  // It may have ended by itself meanwhile.
  if (session !== undefined) await server.query(`KILL ${session.id}`).catch(() => {});
}

function faultsOf(random: () => number): Readonly<Record<string, Fault>> {
  const signal = async (pid: number, what: NodeJS.Signals): Promise<void> => {
    try {
      process.kill(pid, what);
    } catch {
      // It has just ended.
    }
  };
  return {
    "source connection killed": async () => {
      const [source] = servers;
      if (source !== undefined) await killOne(source, await readersOn(source), random);
    },
    "shard's statement killed": async () => {
      const shard = servers[1 + Math.floor(random() * (servers.length - 1))];
      if (shard === undefined) return;
      const among = await sessionsOn(shard);
      await killOne(
        shard,
        among.filter(({ statement }) => statement.includes(name)),
        random,
      );
    },
    frozen: async (pid) => {
      await signal(pid, "SIGSTOP");
      await delay(500 + random() * 1500);
      await signal(pid, "SIGCONT");
    },
    SIGKILL: (pid) => signal(pid, "SIGKILL"),
    SIGTERM: (pid) => signal(pid, "SIGTERM"),
  };
}

interface Soaked {
  usage: ProcessUsage;
  rounds: number;
  starts: number;
  /** Ends with an error that can be resumed from, by its code. */
  readonly errors: Map<string, number>;
  readonly faults: Map<string, number>;
}

const count = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

test(
  `${minutes} minutes under a writer and faults: the same bytes after every round, within memory`,
  async () => {
    const random = randomNumbers(seed);
    const faults = Object.entries(faultsOf(random));
    const soaked: Soaked = { usage: noUsage, rounds: 0, starts: 0, errors: new Map(), faults: new Map() };

    /** One start of the program under faults, which come every second or so until it has ended or `enough` says so; then it is told to stop. */
    async function underFaults(args: readonly string[], enough: () => boolean): Promise<CliResult> {
      let pid: number | null = null;
      let ended = false;
      soaked.starts++;
      const running = follow
        .run(args, {
          onStart: (started) => {
            pid = started;
          },
        })
        .finally(() => {
          ended = true;
        });
      let nextFault = performance.now() + 300 + random() * 1500;
      while (!ended) {
        const usage = pid === null ? null : usageOf(pid);
        if (usage !== null) soaked.usage = mostOf(soaked.usage, usage);
        if (pid !== null && usage !== null && enough()) {
          process.kill(pid, "SIGINT");
          break;
        }
        if (pid !== null && performance.now() >= nextFault) {
          const [kind, fault] = faults[Math.floor(random() * faults.length)] as (typeof faults)[number];
          count(soaked.faults, kind);
          await fault(pid);
          nextFault = performance.now() + 300 + random() * 1500;
        }
        await delay(20);
      }
      const result = await running;
      expect(result.stderr, "what a program prints that did not foresee what happened").not.toMatch(
        /UnhandledPromise|uncaught|\n {4}at /i,
      );
      if (result.error !== null) {
        count(soaked.errors, result.error.code);
        expect(result.error.code, result.error.message).not.toMatch(/^(internal|files|differ|plan-changed)$/);
        expect(result.error.now).not.toBe("");
        expect(result.error.todo).not.toBe("");
      }
      return result;
    }

    await using writer = await startWriter({ ...follow.busy, seed: `soak ${seed}`, sessions: 4, perSecond: 60 });
    const deadline = performance.now() + minutes * 60_000;
    do {
      soaked.rounds++;
      // The copy: again and again until it is done, at last without faults, so that a round ends.
      let copied = false;
      for (let tries = 0; !copied && tries < 8; tries++) {
        copied = (await underFaults(["run", "--no-verify"], () => false)).exitCode === 0;
      }
      if (!copied) await follow.succeeds("run", "--no-verify");
      const until = performance.now() + followSeconds * 1000;
      const over = (): boolean => performance.now() >= until;
      while (!over()) await underFaults(["follow"], over);
      await writer.pause();
      await follow.succeeds("follow", "--until-caught-up");
      await follow.same(0);
      await follow.again();
      writer.resume();
    } while (performance.now() < deadline);
    const { transactions } = await writer.stop();

    const listed = (counts: ReadonlyMap<string, number>): string =>
      [...counts].map(([what, times]) => `${what} ${times}`).join(", ") || "none";
    const { rssMiB, descriptors, threads } = soaked.usage;
    process.stderr.write(
      `soak, seed ${seed}: ${soaked.rounds} rounds equal, ${soaked.starts} starts under faults, ${transactions} transactions written\n` +
        `soak: faults: ${listed(soaked.faults)}; ends with an error: ${listed(soaked.errors)}\n` +
        `soak: at most ${rssMiB.toFixed(0)} of ${memoryCeiling} MiB, ${descriptors} descriptors, ${threads} threads\n`,
    );
    expect(rssMiB).toBeLessThan(memoryCeiling);
    expect(descriptors).toBeLessThan(descriptorCeiling);
  },
  minutes * 60_000 + 600_000,
);
