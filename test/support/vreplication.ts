import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { inject } from "vitest";
import { quoteString } from "../../src/mysql/identifiers.ts";
import { readState } from "../../src/sandbox/state-file.ts";
import { vtctldCommand } from "../../src/sandbox/vtctld-command.ts";
import type { Login } from "./busy-tables.ts";
import { positionOf } from "./busy-writer.ts";
import { eventually } from "./process-command.ts";

/** What streams are made over; an `OwnCluster` is one. */
export interface StreamSite {
  readonly source: Login;
  readonly target: { readonly keyspace: string; readonly sourceKeyspace: string };
  readonly shards: readonly (Login & { readonly name: string; readonly database: string })[];
  aliasOf(shard: string): string;
  vtctl(...args: readonly string[]): Promise<string>;
}

/** The cluster that the whole test run shares. */
export async function sharedSite(): Promise<StreamSite> {
  const state = await readState(inject("sandbox"));
  const target = state?.target;
  if (!state || !target || target.vtctld === null || target.sourceKeyspace === null) throw new Error("no real cluster");
  const { vtctld, vtctldclient, keyspace, sourceKeyspace } = target;
  return {
    source: state.source,
    target: { keyspace, sourceKeyspace },
    shards: state.shards,
    aliasOf: (shard) => `zone1-${String(200 + state.shards.findIndex(({ name }) => name === shard)).padStart(10, "0")}`,
    vtctl: (...args) => vtctldCommand({ vtctldclient: vtctldclient ?? "", server: vtctld }, ...args),
  };
}

export interface Rule {
  /** Target table. */
  readonly match: string;
  /** By shard: its SELECT over a source table. */
  readonly filter: (shard: string) => string;
}

/** A stream as its tablet's `_vt.vreplication` has it. */
export interface Stream {
  readonly shard: string;
  readonly id: number;
  readonly state: string;
  readonly pos: string;
  readonly message: string;
}

/** Adds one stopped stream per shard, as a row of our own (not by MoveTables), that begins at `position`. */
export async function addStreams(
  site: StreamSite,
  workflow: string,
  rules: readonly Rule[],
  position: string,
  shards: readonly string[] = site.shards.map(({ name }) => name),
): Promise<void> {
  for (const { name, database } of site.shards.filter((shard) => shards.includes(shard.name))) {
    const texts = rules.map(
      ({ match, filter }) => `rules:{match:${JSON.stringify(match)} filter:${JSON.stringify(filter(name))}}`,
    );
    const source = `keyspace:"${site.target.sourceKeyspace}" shard:"0" filter:{${texts.join(" ")}}`;
    await site.vtctl(
      "ExecuteFetchAsDBA",
      site.aliasOf(name),
      `insert into _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag, cell, tablet_types, time_updated,
        transaction_timestamp, state, db_name, workflow_type, workflow_sub_type, defer_secondary_keys, options)
        values (${quoteString(workflow)}, ${quoteString(source)}, '${position}', 9223372036854775807, 9223372036854775807,
        'zone1', 'in_order:REPLICA,PRIMARY', unix_timestamp(), 0, 'Stopped', '${database}', 0, 0, 0, '{}')`,
    );
  }
}

export async function startStreams(site: StreamSite, workflow: string): Promise<void> {
  await site.vtctl("Workflow", "--keyspace", site.target.keyspace, "start", "--workflow", workflow);
}

export async function stopStreams(site: StreamSite, workflow: string): Promise<void> {
  await site.vtctl("Workflow", "--keyspace", site.target.keyspace, "stop", "--workflow", workflow);
}

/** Removes the streams; rows on both sides stay. */
export async function deleteStreams(site: StreamSite, workflow: string): Promise<void> {
  const command = ["--keyspace", site.target.keyspace, "delete", "--workflow", workflow];
  await site.vtctl("Workflow", ...command, "--keep-data", "--keep-routing-rules");
}

export async function streamsOf(site: StreamSite, workflow: string): Promise<Stream[]> {
  const found: Stream[] = [];
  for (const { name, host, port, user, password } of site.shards) {
    const connection = await createConnection({ host, port, user, password });
    try {
      const [rows] = await connection.query<RowDataPacket[]>(
        `SELECT id, state, pos, message FROM _vt.vreplication WHERE workflow = ${quoteString(workflow)} ORDER BY id`,
      );
      found.push(
        ...rows.map((row) => ({
          shard: name,
          id: Number(row["id"]),
          state: String(row["state"]),
          pos: String(row["pos"]),
          message: String(row["message"]),
        })),
      );
    } finally {
      await connection.end();
    }
  }
  return found;
}

/** Waits until every stream of the workflow has applied `position`; throws at once when one of them is in Error. */
export async function streamsReach(site: StreamSite, workflow: string, position: string, seconds = 60): Promise<void> {
  const { host, port, user, password } = site.source;
  const connection = await createConnection({ host, port, user, password });
  let last: Stream[] = [];
  try {
    const wanted = gtidsOf(position);
    let broken: Stream | undefined;
    await eventually(
      `${workflow} reaches ${wanted}`,
      async () => {
        last = await streamsOf(site, workflow);
        broken = last.find(({ state }) => state === "Error");
        if (broken !== undefined) return true;
        for (const { pos } of last) {
          const [rows] = await connection.query<RowDataPacket[]>("SELECT GTID_SUBSET(?, ?) AS past", [
            wanted,
            gtidsOf(pos),
          ]);
          if (Number(rows[0]?.["past"]) !== 1) return false;
        }
        return last.length > 0;
      },
      seconds,
    );
    if (broken !== undefined)
      throw new Error(`stream ${broken.id} of ${workflow} on ${broken.shard}: ${broken.message}`);
  } catch (cause) {
    throw new Error(`${(cause as Error).message}; streams: ${JSON.stringify(last)}`, { cause });
  } finally {
    await connection.end();
  }
}

const gtidsOf = (position: string): string => position.replace(/^MySQL56\//, "");

/** Waits until the streams have applied all that the source has executed by now. */
export async function streamsCatchUp(site: StreamSite, workflow: string, seconds = 60): Promise<void> {
  const { host, port, user, password } = site.source;
  const connection = await createConnection({ host, port, user, password });
  const position = await positionOf(connection);
  await connection.end();
  await streamsReach(site, workflow, position, seconds);
}

/** Sessions that see the source exactly as it was at a position. */
export interface Snapshot extends AsyncDisposable {
  /** `MySQL56/…` */
  readonly position: string;
  readonly readers: readonly Connection[];
}

/** Holds a global read lock until `readers` transactions are open and `gtid_executed` is read. */
export async function takeTestSnapshot(server: Login, database: string, readers = 1): Promise<Snapshot> {
  const { host, port, user, password } = server;
  const open = (): Promise<Connection> =>
    createConnection({
      ...{ host, port, user, password, database, charset: "utf8mb4" },
      ...{ supportBigNumbers: true, bigNumberStrings: true, dateStrings: true },
    });
  const control = await open();
  const sessions = await Promise.all(Array.from({ length: readers }, open));
  try {
    for (const session of sessions) await session.query("SET time_zone = '+00:00'");
    await control.query("FLUSH TABLES WITH READ LOCK");
    for (const session of sessions) await session.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    const position = await positionOf(control);
    return {
      position,
      readers: sessions,
      [Symbol.asyncDispose]: async () => {
        for (const session of sessions) await session.end();
      },
    };
  } finally {
    await control.end();
  }
}
