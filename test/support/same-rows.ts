import { setTimeout as delay } from "node:timers/promises";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import type { Column, TableSchema } from "../../src/contracts/schema.ts";
import { quoteName, quoteTable } from "../../src/mysql/identifiers.ts";
import { rowBytesExpression } from "../../src/mysql/row-bytes.ts";
import { noTls } from "../../src/mysql/server-url.ts";
import { openSession, type Session } from "../../src/mysql/session.ts";
import { inspectTables } from "../../src/source/inspect.ts";
import type { Login } from "./busy-tables.ts";

/** A table of one server. */
export interface TableAt {
  readonly server: Login;
  readonly database: string;
  readonly table: string;
}

export interface Comparison {
  readonly source: TableAt & {
    /** SQL over the source's columns by target column; a column that is not named is itself. */
    readonly select?: Readonly<Record<string, string>>;
    /** Which rows should have come; default: all. */
    readonly where?: string;
  };
  /** The table on every shard, on the servers behind them (`inject("shardServers")`). */
  readonly target: { readonly servers: readonly (Login & { readonly database: string })[]; readonly table: string };
  /** Is it a copy of all rows on every shard? Default: no, each row is on one of them. */
  readonly everywhere?: boolean;
}

interface Sums {
  rows: bigint;
  xor: bigint;
  sum: bigint;
}

/** A key's text, and the checksums of its rows with the server they are on. */
type Rows = Map<string, { readonly crc: string; readonly side: number }[]>;

interface Side {
  readonly session: Session;
  readonly name: string;
  readonly from: string;
  /** SQL of a column's value. */
  readonly value: (column: Column) => string;
}

const shown = 5;

/**
 * Compares every byte of every row, generated and invisible columns included, by count, XOR and sum of CRC-32. Returns null
 * when source and target are the same, else a text with the keys of some differing rows and what differs in them. Both
 * should stand still.
 */
export async function differenceOf(comparison: Comparison): Promise<string | null> {
  const { source, target, everywhere = false } = comparison;
  const opened: Session[] = [];
  const open = async (server: Login): Promise<Session> => {
    const session = await openExact(server);
    opened.push(session);
    return session;
  };
  try {
    const shards: Side[] = [];
    let schema: TableSchema | undefined;
    for (const server of target.servers) {
      const session = await open(server);
      schema ??= (await inspectTables(session, server.database, [target.table]))[0];
      const from = quoteTable(server.database, target.table);
      shards.push({ session, name: `${server.host}:${server.port}`, from, value: ({ name }) => quoteName(name) });
    }
    if (schema === undefined) throw new Error(`there is no table ${target.table} on the target`);
    const { columns, primaryKey } = schema;
    const where = source.where === undefined ? "" : ` WHERE ${source.where}`;
    const origin: Side = {
      session: await open(source.server),
      name: "the source",
      from: `${quoteTable(source.database, source.table)}${where}`,
      value: ({ name }) => source.select?.[name] ?? quoteName(name),
    };
    for (const side of everywhere ? shards.map((shard) => [shard]) : [shards]) {
      const [here, there] = [await sumsOf([origin], columns), await sumsOf(side, columns)];
      if (sameSums(here, there)) continue;
      const summary = `${source.table} has ${here.rows} rows, ${target.table} ${there.rows} on ${side.length} shards`;
      return `${summary}:\n${await differingRows(origin, side, columns, primaryKey)}`;
    }
    return null;
  } finally {
    for (const session of opened) await session.close();
  }
}

/** Two tables that should hold the same rows. */
export interface TablePair {
  readonly source: string;
  readonly target: string;
}

/** Which of many target tables, all on one server, differ from their sources: as `differenceOf` compares, without the reasons. */
export async function differingTables(
  source: Omit<TableAt, "table">,
  target: Omit<TableAt, "table">,
  pairs: readonly TablePair[],
): Promise<ReadonlySet<string>> {
  const [here, there] = [await openExact(source.server), await openExact(target.server)];
  try {
    const names = pairs.map((pair) => pair.target);
    const schemas = new Map((await inspectTables(there, target.database, names)).map((table) => [table.name, table]));
    const side = (session: Session, database: string, table: string): Side[] => [
      { session, name: table, from: quoteTable(database, table), value: ({ name }) => quoteName(name) },
    ];
    const differing = new Set<string>();
    for (const pair of pairs) {
      const columns = schemas.get(pair.target)?.columns;
      if (columns === undefined) throw new Error(`there is no table ${pair.target} on the target`);
      const [ours, theirs] = await Promise.all([
        sumsOf(side(here, source.database, pair.source), columns),
        sumsOf(side(there, target.database, pair.target), columns),
      ]);
      if (!sameSums(ours, theirs)) differing.add(pair.target);
    }
    return differing;
  } finally {
    await here.close();
    await there.close();
  }
}

/** Throws with the difference. */
export async function expectSameRows(comparison: Comparison): Promise<void> {
  const difference = await differenceOf(comparison);
  if (difference !== null) throw new Error(difference);
}

/** Waits until there is no difference, for what follows a source on its own; throws with the last one after `seconds`. */
export async function becomesSame(comparison: Comparison, seconds = 60): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (true) {
    const difference = await differenceOf(comparison);
    if (difference === null) return;
    if (Date.now() > deadline) throw new Error(`after ${seconds} s ${difference}`);
    await delay(200);
  }
}

async function openExact({ host, port, user, password }: Login): Promise<Session> {
  const more = { scheme: "mysql", socketPath: null, database: "", tls: noTls } as const;
  const session = await openSession({ ...more, host, port, user, password }, { purpose: "control" });
  await session.run("SET NAMES utf8mb4");
  await session.run("SET time_zone = '+00:00'");
  return session;
}

const sameSums = (a: Sums, b: Sums): boolean => a.rows === b.rows && a.xor === b.xor && a.sum === b.sum;

async function sumsOf(sides: readonly Side[], columns: readonly Column[]): Promise<Sums> {
  const total: Sums = { rows: 0n, xor: 0n, sum: 0n };
  for (const { session, from, value } of sides) {
    const crc = `CRC32(${rowBytesExpression(columns, value)})`;
    const [row] = await session.query(
      `SELECT COUNT(*) AS n, COALESCE(BIT_XOR(c), 0) AS x, COALESCE(SUM(c), 0) AS s FROM (SELECT ${crc} AS c FROM ${from}) AS r`,
    );
    total.rows += BigInt(row?.["n"] ?? 0);
    total.xor ^= BigInt(row?.["x"] ?? 0);
    total.sum += BigInt(row?.["s"] ?? 0);
  }
  return total;
}

async function differingRows(
  origin: Side,
  shards: readonly Side[],
  columns: readonly Column[],
  primaryKey: readonly string[],
): Promise<string> {
  const keyed = columns.filter(({ name }) => primaryKey.includes(name));
  // Without a key a row is its own: two that differ show as one missing and one too many.
  const key = keyed.length > 0 ? keyed : columns;
  const here = await rowsOf([origin], key, columns);
  const there = await rowsOf(shards, key, columns);
  const found: string[] = [];
  let count = 0;
  for (const name of new Set([...here.keys(), ...there.keys()])) {
    const [ours = [], theirs = []] = [here.get(name), there.get(name)];
    if (crcs(ours) === crcs(theirs)) continue;
    if (++count > shown) continue;
    const place = (rows: typeof theirs): string =>
      rows.map(({ side }) => shards[side]?.name ?? "").join(" and ") || "no shard";
    if (ours.length !== theirs.length) {
      found.push(`  ${name}: ${ours.length} times on the source, ${theirs.length} on the target (${place(theirs)})`);
    } else {
      const [row] = theirs;
      const shard = shards[row?.side ?? 0];
      const cells = shard === undefined ? [] : await differingCells(origin, shard, key, columns, name);
      found.push(`  ${name} differs on ${place(theirs)}: ${cells.join("; ")}`);
    }
  }
  return [...found, ...(count > shown ? [`  and ${count - shown} more keys`] : [])].join("\n");
}

const crcs = (rows: readonly { readonly crc: string }[]): string =>
  rows
    .map(({ crc }) => crc)
    .sort()
    .join();

/** A key as the hex of its cells' bytes would be exact and unreadable; as JSON of texts and hex it is both. */
function keySql(side: Side, key: readonly Column[]): string {
  return `CONCAT_WS(', ', ${key.map((column) => `CONCAT('${column.name.replaceAll("'", "''")} = ', COALESCE(${shownSql(side, column)}, 'NULL'))`).join(", ")})`;
}

function shownSql(side: Side, column: Column): string {
  const value = side.value(column);
  const hex = (bytes: string): string => `CONCAT('x', HEX(${bytes}))`;
  switch (column.kind) {
    case "bit":
      return hex(`CONCAT(x'', ${value})`);
    case "vector":
      return hex(`CAST(${value} AS BINARY)`);
    case "binary":
    case "geometry":
      return hex(value);
    default:
      return `CAST(CAST(${column.kind === "json" ? value : `CONCAT(${value})`} AS CHAR CHARACTER SET utf8mb4) AS CHAR) COLLATE utf8mb4_bin`;
  }
}

async function rowsOf(sides: readonly Side[], key: readonly Column[], columns: readonly Column[]): Promise<Rows> {
  const rows: Rows = new Map();
  for (const [index, side] of sides.entries()) {
    const crc = `CRC32(${rowBytesExpression(columns, side.value)})`;
    for (const row of await side.session.query(`SELECT ${keySql(side, key)} AS k, ${crc} AS c FROM ${side.from}`)) {
      const name = row["k"] ?? "";
      const known = rows.get(name) ?? [];
      known.push({ crc: row["c"] ?? "", side: index });
      rows.set(name, known);
    }
  }
  return rows;
}

/** Each column whose bytes differ, with both values. */
async function differingCells(
  origin: Side,
  shard: Side,
  key: readonly Column[],
  columns: readonly Column[],
  name: string,
): Promise<string[]> {
  const cellsOn = async (side: Side): Promise<Record<string, string | null>> => {
    const cells = columns.flatMap((column, i) => [
      `HEX(${rowBytesExpression([{ ...column, nullable: true }], side.value)}) AS b${i}`,
      `LEFT(${shownSql(side, column)}, 80) AS s${i}`,
    ]);
    const where = ` ${/ WHERE /.test(side.from) ? "AND" : "WHERE"} ${keySql(side, key)} = CAST('${name.replaceAll("\\", "\\\\").replaceAll("'", "''")}' AS CHAR) COLLATE utf8mb4_bin`;
    return (await side.session.query(`SELECT ${cells.join(", ")} FROM ${side.from}${where}`))[0] ?? {};
  };
  const [here, there] = [await cellsOn(origin), await cellsOn(shard)];
  return columns.flatMap(({ name: column }, i) =>
    here[`b${i}`] === there[`b${i}`]
      ? []
      : [
          `${column} is ${quoted(there[`s${i}`])} (${there[`b${i}`]}), should be ${quoted(here[`s${i}`])} (${here[`b${i}`]})`,
        ],
  );
}

const quoted = (text: string | null | undefined): string => (text == null ? "NULL" : JSON.stringify(text));

/** The result of a query that gives one number, on one server. */
export async function numberOf(server: Login & { readonly database: string }, sql: string): Promise<number> {
  const { host, port, user, password, database } = server;
  const connection = await createConnection({ host, port, user, password, database });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return Number(Object.values(rows[0] ?? {})[0]);
  } finally {
    await connection.end();
  }
}
