import { createHash } from "node:crypto";
import { type Connection, createConnection } from "mysql2/promise";
import { quoteName } from "../../src/mysql/identifiers.ts";
import type { VindexJson } from "../../src/sandbox/vschema-json.ts";
import type { TargetTable } from "./database.ts";

/** A MySQL account and where it is let in. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/**
 * The tables of a busy shop. `orders` has a bigint key and `payments` belong to them: `paid` of an order is the sum of its
 * payments, in every transaction. `stock` has a composite key, `pages` a text key, `things` one column of every awkward
 * kind and a second unique key, and `people` are to be transformed.
 */
export const busyNames = ["orders", "payments", "stock", "pages", "things", "people"] as const;
export type BusyName = (typeof busyNames)[number];

interface BusyTable {
  /** Columns and keys. */
  readonly columns: string;
  /** Of a fill of all tables, in hundredths. */
  readonly share: number;
  /** What row n of the fill holds; keys are even numbers, so that the writer has gaps to fill. */
  readonly fill: string;
  readonly shardedBy: { readonly column: string; readonly name: string };
}

const words = "'ash', 'birch', 'cedar 🌲', 'dörn', 'elm', '枫', 'fir', 'g''um'";
const word = (n: string): string => `ELT(1 + ${n} % 8, ${words})`;
const byNumber = (column: string) => ({ column, name: "busy_hash" });
const byText = (column: string) => ({ column, name: "busy_xxhash" });

const tables: Readonly<Record<BusyName, BusyTable>> = {
  orders: {
    columns: `id BIGINT NOT NULL PRIMARY KEY, customer INT UNSIGNED NOT NULL, paid DECIMAL(14,2) NOT NULL DEFAULT 0,
      note VARCHAR(120), at TIMESTAMP(6) NOT NULL, KEY (customer)`,
    share: 40,
    fill: `SELECT 2 * n, CRC32(n) % 1000, n % 90 + 0.25, IF(n % 7 = 0, NULL, CONCAT(${word("n")}, ' ', n)),
      CAST('2001-02-03 04:05:06.789012' AS DATETIME(6)) + INTERVAL n SECOND`,
    shardedBy: byNumber("id"),
  },
  payments: {
    columns: "id BIGINT NOT NULL PRIMARY KEY, order_id BIGINT NOT NULL, amount DECIMAL(10,2) NOT NULL, KEY (order_id)",
    share: 40,
    fill: "SELECT 2 * n, 2 * n, n % 90 + 0.25",
    shardedBy: byNumber("order_id"),
  },
  stock: {
    columns: `warehouse SMALLINT UNSIGNED NOT NULL, sku VARCHAR(24) NOT NULL, amount INT NOT NULL, price DECIMAL(12,4),
      PRIMARY KEY (warehouse, sku)`,
    share: 8,
    fill: "SELECT n % 16, CONCAT('Sku-', LPAD(2 * n, 8, '0')), n % 1000, IF(n % 5 = 0, NULL, n / 7)",
    shardedBy: byText("sku"),
  },
  pages: {
    columns: "slug VARCHAR(64) NOT NULL PRIMARY KEY, title VARCHAR(120) NOT NULL, visits INT UNSIGNED NOT NULL",
    share: 4,
    fill: `SELECT CONCAT('prägung-', 2 * n), CONCAT(${word("n")}, ' – ', ${word("n DIV 8")}), n % 5000`,
    shardedBy: byText("slug"),
  },
  things: {
    columns: `id BIGINT UNSIGNED NOT NULL PRIMARY KEY, code VARCHAR(20) NOT NULL, state ENUM('new','done','on hold','') NOT NULL,
      flags SET('a','b','c','long one') NOT NULL, bits BIT(12) NOT NULL, price DECIMAL(30,10), title VARCHAR(100), body TEXT,
      doc JSON, day DATE NOT NULL, at DATETIME(3) NOT NULL, seen TIMESTAMP(6) NULL, raw BLOB, fixed BINARY(6), born YEAR,
      took TIME(2), ratio DOUBLE, UNIQUE KEY code (code), KEY (state, day)`,
    share: 4,
    fill: `SELECT 2 * n, CONCAT('c', 2 * n), 1 + n % 4, n % 16, n % 4096, IF(n % 9 = 0, NULL, n * 1234567.0123456789),
      CONCAT(${word("n")}, '👩‍👩‍👧'), IF(n % 6 = 0, NULL, REPEAT(${word("n")}, n % 50)),
      IF(n % 10 = 0, NULL, JSON_OBJECT('n', n, 'list', JSON_ARRAY(n, ${word("n")}, NULL, TRUE), 'in', JSON_OBJECT('🔑', 'é'))),
      IF(n % 5 = 0, '0000-00-00', '2000-01-01' + INTERVAL n % 9000 DAY),
      IF(n % 8 = 0, '0000-00-00 00:00:00', '2000-01-01' + INTERVAL n % 90000 MINUTE),
      IF(n % 4 = 0, NULL, IF(n % 4 = 1, '0000-00-00 00:00:00', '2001-01-01 00:00:00.123456' + INTERVAL n SECOND)),
      IF(n % 7 = 0, NULL, REPEAT(UNHEX(LPAD(HEX(n * 2654435761), 20, '0')), n % 9)), UNHEX(LPAD(HEX(n), 12, 'F')),
      IF(n % 3 = 0, NULL, 1901 + n % 200), SEC_TO_TIME(n % 90000 - 45000), n / 4`,
    shardedBy: byNumber("id"),
  },
  people: {
    columns: `id BIGINT NOT NULL PRIMARY KEY, email VARCHAR(120) NOT NULL, name VARCHAR(80) NOT NULL, phone VARCHAR(30),
      born DATE, salary DECIMAL(10,2) NOT NULL, notes TEXT, UNIQUE KEY email (email)`,
    share: 4,
    fill: `SELECT 2 * n, CONCAT('p', 2 * n, '@example.org'), CONCAT(${word("n")}, ' ', ${word("n DIV 8")}),
      IF(n % 4 = 0, NULL, CONCAT('+43 ', n)), IF(n % 6 = 0, NULL, '1930-01-01' + INTERVAL n % 30000 DAY), n % 9000 + 0.5,
      IF(n % 3 = 0, NULL, REPEAT(${word("n")}, 3))`,
    shardedBy: byNumber("id"),
  },
};

export interface BusyTablesOptions {
  readonly server: Login;
  readonly database: string;
  /** Rows of all tables together, or of each; default 1000. */
  readonly rows?: number | Readonly<Partial<Record<BusyName, number>>>;
  /** Stands before the tables' names, so that tests share a database; default `busy_`. */
  readonly prefix?: string;
}

/** Rows of each table for that number of all rows. */
export function rowsOfEach(rows: BusyTablesOptions["rows"] = 1000): Record<BusyName, number> {
  const of = (name: BusyName): number =>
    typeof rows === "number" ? Math.ceil((rows * tables[name].share) / 100) : (rows[name] ?? 0);
  const each = Object.fromEntries(busyNames.map((name) => [name, of(name)])) as Record<BusyName, number>;
  // Every order is made with one payment.
  const orders = Math.max(each.orders, each.payments);
  return { ...each, orders, payments: orders };
}

/** Makes the tables in place of those an earlier run may have left, and fills them. */
export async function createBusyTables(options: BusyTablesOptions): Promise<void> {
  await onTables(options, async (connection, name, table) => {
    await connection.query(`DROP TABLE IF EXISTS ${table}`);
    await connection.query(createStatement(table, tables[name].columns));
    await fill(connection, table, tables[name].fill, rowsOfEach(options.rows)[name]);
  });
}

/** Fills tables that were made without rows. */
export async function fillBusyTables(options: BusyTablesOptions): Promise<void> {
  await onTables(options, (connection, name, table) =>
    fill(connection, table, tables[name].fill, rowsOfEach(options.rows)[name]),
  );
}

export async function dropBusyTables(options: BusyTablesOptions): Promise<void> {
  await onTables(options, async (connection, _, table) => {
    await connection.query(`DROP TABLE IF EXISTS ${table}`);
  });
}

async function onTables(
  options: BusyTablesOptions,
  work: (connection: Connection, name: BusyName, table: string) => Promise<void>,
): Promise<void> {
  const { server, database, prefix = "busy_" } = options;
  const connection = await createConnection({ ...loginOf(server), database });
  try {
    await connection.query("SET sql_mode = 'NO_ENGINE_SUBSTITUTION', cte_max_recursion_depth = 1000000");
    await connection.query("SET time_zone = '+00:00'");
    for (const name of busyNames) await work(connection, name, quoteName(prefix + name));
  } finally {
    await connection.end();
  }
}

/** In statements of 50 000 rows: one of a million would be one transaction, and one event group of the binary log. */
async function fill(connection: Connection, table: string, select: string, rows: number): Promise<void> {
  const atOnce = 50_000;
  for (let from = 1; from <= rows; from += atOnce) {
    const to = Math.min(rows, from + atOnce - 1);
    await connection.query(
      `INSERT INTO ${table} WITH RECURSIVE s AS (SELECT ${from} AS n UNION ALL SELECT n + 1 FROM s WHERE n < ${to}) ${select} FROM s`,
    );
  }
}

function createStatement(table: string, columns: string): string {
  return `CREATE TABLE ${table} (${columns}) DEFAULT CHARSET = utf8mb4`;
}

function loginOf({ host, port, user, password }: Login): Login & { charset: string } {
  return { host, port, user, password, charset: "utf8mb4" };
}

/** The tables on the target as they are on the source, with their sharding; for `targetTables`. Without `people`: see {@link personsTarget}. */
export function busyTargets(
  prefix = "busy_",
  names: readonly BusyName[] = busyNames.filter((name) => name !== "people"),
): Record<string, TargetTable> {
  return Object.fromEntries(
    names.map((name) => {
      const { columns, shardedBy } = tables[name];
      const vschema = { column_vindexes: [shardedBy] };
      return [prefix + name, { create: createStatement(quoteName(prefix + name), columns), vschema }];
    }),
  );
}

/** The vindexes the targets are sharded by. */
export const busyVindexes: Readonly<Record<string, VindexJson>> = {
  busy_hash: { type: "hash" },
  busy_xxhash: { type: "xxhash" },
};

const salt = "pinch";

/** A rule of the config (`tables.rules.<prefix>people`) that makes `<prefix>persons` of `people`; each step has an SQL twin. */
export const personsRule = (prefix = "busy_"): Readonly<Record<string, unknown>> => ({
  as: `${prefix}persons`,
  transforms: [
    { hash: { column: "email", salt } },
    { rename: { column: "name", to: "full_name" } },
    { nullify: { column: "phone" } },
    { dateTruncate: { column: "born", to: "year" } },
    { round: { column: "salary", places: -2 } },
    { drop: { columns: ["notes"] } },
    { set: { column: "tenant_id", type: "int not null", value: 7 } },
  ],
});

/**
 * The same in SQL over `people`, by target column: written here by hand, not by vtpipe, so that it can be checked against.
 */
export const personsTwin: Readonly<Record<string, string>> = {
  id: "`id`",
  email: hmacSql("`email`", salt),
  full_name: "`name`",
  phone: "NULL",
  born: "CAST(CONCAT(YEAR(`born`), '-01-01') AS DATE)",
  salary: "CAST(ROUND(`salary`, -2) AS DECIMAL(10,2))",
  tenant_id: "7",
};

/** HMAC-SHA-256 as hex, by RFC 2104. */
export function hmacSql(value: string, key: string): string {
  const block = Buffer.alloc(64);
  const bytes = Buffer.from(key);
  (bytes.length > 64 ? createHash("sha256").update(bytes).digest() : bytes).copy(block);
  const pad = (byte: number): string => `x'${Buffer.from(block.map((b) => b ^ byte)).toString("hex")}'`;
  const inner = `UNHEX(SHA2(CONCAT(${pad(0x36)}, CAST(${value} AS BINARY)), 256))`;
  return `LOWER(SHA2(CONCAT(${pad(0x5c)}, ${inner}), 256))`;
}

/** `persons` on the target, for `targetTables`. */
export function personsTarget(prefix = "busy_"): Record<string, TargetTable> {
  const name = `${prefix}persons`;
  const columns = `id BIGINT NOT NULL PRIMARY KEY, email CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    full_name VARCHAR(80) NOT NULL, phone VARCHAR(30), born DATE, salary DECIMAL(10,2) NOT NULL, tenant_id INT NOT NULL,
    UNIQUE KEY email (email)`;
  const vschema = { column_vindexes: [tables.people.shardedBy] };
  return { [name]: { create: createStatement(quoteName(name), columns), vschema } };
}

/** Counts orders that are not paid what their payments say, and payments of no order; 0 in every transaction, on every shard. */
export function brokenRelations(prefix = "busy_"): string {
  const [orders, payments] = [quoteName(`${prefix}orders`), quoteName(`${prefix}payments`)];
  return `SELECT (SELECT COUNT(*) FROM ${orders} AS o LEFT JOIN
      (SELECT order_id, SUM(amount) AS paid FROM ${payments} GROUP BY order_id) AS p ON p.order_id = o.id
      WHERE o.paid <> COALESCE(p.paid, 0))
    + (SELECT COUNT(*) FROM ${payments} AS p LEFT JOIN ${orders} AS o ON o.id = p.order_id WHERE o.id IS NULL) AS broken`;
}
