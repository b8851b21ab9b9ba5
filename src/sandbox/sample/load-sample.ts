import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import type { EventSink } from "../../contracts/events.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import { allTypesTable } from "./all-types.ts";
import { type DocumentStore, makeCollection } from "./collection.ts";
import { commerceTables } from "./commerce.ts";
import { keyTables } from "./keys.ts";
import { oddTables } from "./oddities.ts";
import { programStatements } from "./programs.ts";
import { seededRandom } from "./random.ts";
import type { SampleTable } from "./sample-table.ts";

export interface SampleOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** An existing, empty database. */
  readonly database: string;
  /** X Protocol port for the Document Store collection; null: without it. */
  readonly mysqlxPort: number | null;
  /** The same seed and scale give the same rows. */
  readonly seed: string;
  /** 1: about 200,000 rows. Extremes are there at any scale. */
  readonly scale: number;
  readonly onEvent: EventSink;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes of a multi-row INSERT: far from the server's limit (max_allowed_packet, 64 MiB), large enough to cost no round trips. */
const STATEMENT_BYTES = 1024 * 1024;
/** More than one connection, so that this process makes rows while the server stores others. */
const CONNECTIONS = 3;

/**
 * Non-strict, so that zero dates and an ENUM's error value go in as they do in old databases; UTC, so that
 * TIMESTAMPs do not depend on the machine.
 */
const sessionSettings = `SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0`;

/** Makes the sample database. Returns how many rows it has. */
export async function loadSample(options: SampleOptions): Promise<number> {
  const started = Date.now();
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(options)));
  try {
    const tables = await sampleTables(connections[0] as Connection);
    for (const { create } of tables) await connections[0]?.query(create);
    // Largest first: the last to finish is then a small one.
    const waiting = [...tables].sort((a, b) => b.rows - a.rows);
    const counts = await Promise.all(
      connections.map(async (connection) => {
        let rows = 0;
        for (let table = waiting.shift(); table !== undefined; table = waiting.shift()) {
          rows += await fill(connection, table, options);
        }
        return rows;
      }),
    );
    for (const sql of programStatements) await connections[0]?.query(sql);
    const documents = await fillCollection(options);
    const rows = counts.reduce((sum, count) => sum + count, documents);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    options.onEvent({ type: "note", text: `Sample database ${options.database}: ${rows} rows in ${seconds} s` });
    return rows;
  } finally {
    await Promise.all(connections.map((connection) => connection.end()));
  }
}

async function connect({ host, port, user, password, database }: SampleOptions): Promise<Connection> {
  const connection = await createConnection({ host, port, user, password, database, charset: "utf8mb4" });
  await connection.query(sessionSettings);
  return connection;
}

async function sampleTables(connection: Connection): Promise<SampleTable[]> {
  const [[row]] = await connection.query<RowDataPacket[]>("SELECT VERSION() AS version");
  const hasVector = Number.parseInt(String(row?.["version"]), 10) >= 9;
  return [...commerceTables, ...keyTables, allTypesTable(hasVector), ...oddTables];
}

async function fill(connection: Connection, table: SampleTable, options: SampleOptions): Promise<number> {
  let rows = 0;
  for (const { sql, count } of insertStatements(table, options.seed, options.scale)) {
    options.signal?.throwIfAborted();
    await connection.query(sql);
    rows += count;
  }
  return rows;
}

/** A table's rows as multi-row INSERTs. Every table has chance of its own, so their order does not matter. */
export function* insertStatements(
  table: SampleTable,
  seed: string,
  scale: number,
): Generator<{ sql: string; count: number }> {
  const random = seededRandom(`${seed}/${table.name}`);
  const head = `INSERT INTO ${quoteName(table.name)} (${table.columns.map(quoteName).join(", ")}) VALUES\n`;
  const total = Math.ceil(table.rows * scale);
  let tuples: string[] = [];
  let size = 0;
  for (const values of rowsOf()) {
    const tuple = `(${values.join(",")})`;
    tuples.push(tuple);
    size += tuple.length;
    if (size >= STATEMENT_BYTES) {
      yield { sql: head + tuples.join(",\n"), count: tuples.length };
      tuples = [];
      size = 0;
    }
  }
  if (tuples.length > 0) yield { sql: head + tuples.join(",\n"), count: tuples.length };

  function* rowsOf(): Generator<readonly string[]> {
    yield* table.first ?? [];
    for (let index = 0; index < total; index++) yield table.row(random, index);
  }
}

async function fillCollection(options: SampleOptions): Promise<number> {
  if (options.mysqlxPort === null) return 0;
  const { host, user, password, database, mysqlxPort } = options;
  const store: DocumentStore = { host, port: mysqlxPort, user, password, database };
  return makeCollection(store, seededRandom(`${options.seed}/collection`), options.scale);
}
