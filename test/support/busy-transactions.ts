import { quoteName, quoteString } from "../../src/mysql/identifiers.ts";
import { type Random, seededRandom } from "../../src/sandbox/sample/random.ts";
import type { BusyName } from "./busy-tables.ts";

/** What one transaction does, decided before it is sent: statements do not depend on what earlier ones found. */
export interface Transaction {
  readonly statements: readonly string[];
  readonly end: "COMMIT" | "ROLLBACK";
  /** Hundreds of rows and more in one go? */
  readonly large: boolean;
}

interface Scene {
  readonly random: Random;
  readonly table: Readonly<Record<BusyName, string>>;
  /** The number of a row that is likely to be there: one of the fill, or one added lately. */
  readonly some: (name: BusyName) => number;
  /** A number no row has had yet, of this session alone. */
  readonly fresh: () => number;
  /** A number among those of the fill, of a row or of a gap. */
  readonly within: (name: BusyName) => number;
}

/** Numbers a session takes for new rows; far above any fill. */
const firstFresh = 1_000_000_000;
const freshPerSession = 100_000_000;

/** The endless transactions of one session: the same for the same seed, session and fill. */
export function* busyTransactions(options: {
  readonly seed: string;
  readonly session: number;
  readonly rows: Readonly<Record<BusyName, number>>;
  readonly prefix: string;
}): Generator<Transaction, never> {
  const random = seededRandom(`${options.seed}/${options.session}`);
  const first = firstFresh + options.session * freshPerSession;
  let next = first;
  const within = (name: BusyName): number => random.int(1, 2 * Math.max(10, options.rows[name]));
  const scene: Scene = {
    random,
    table: tableNames(options.prefix),
    within,
    fresh: () => next++,
    some: (name) =>
      next > first && random.chance(0.2) ? random.int(Math.max(first, next - 500), next - 1) : within(name),
  };
  while (true) yield transaction(scene);
}

function tableNames(prefix: string): Record<BusyName, string> {
  const of = (name: BusyName): string => quoteName(prefix + name);
  return {
    orders: of("orders"),
    payments: of("payments"),
    stock: of("stock"),
    pages: of("pages"),
    things: of("things"),
    people: of("people"),
  };
}

function transaction(scene: Scene): Transaction {
  const { random } = scene;
  const small = (statements: readonly string[], end: Transaction["end"] = "COMMIT") => ({
    statements,
    end,
    large: false,
  });
  if (random.chance(0.001)) return { statements: largeChange(scene), end: "COMMIT", large: true };
  if (random.chance(0.04)) return small(change(scene), "ROLLBACK");
  if (random.chance(0.02)) {
    const undone = ["SAVEPOINT here", ...change(scene), "ROLLBACK TO SAVEPOINT here"];
    return small([...change(scene), ...undone, ...change(scene)]);
  }
  if (random.chance(0.06)) return small(Array.from({ length: random.int(2, 5) }, () => change(scene)).flat());
  return small(change(scene));
}

/** One change, mostly of one table. */
function change(scene: Scene): readonly string[] {
  return scene.random.pick([
    ...[changeOrders, changeOrders, changeOrders, pay, pay, pay, movePayment, unpay],
    ...[changeStock, changeStock, changePages, changeThings, changeThings, changeThings, changePeople, changePeople],
  ] as [typeof pay, ...(typeof pay)[]])(scene);
}

const words = ["Übung", "naïve", "日本語", "🚀🚀", "it's", "back\\slash", 'quo"te', "tab\tline\n", "plain"] as const;

function text({ random }: Scene, most = 4): string {
  return quoteString(Array.from({ length: random.int(0, most) }, () => random.pick(words)).join(" "));
}

const orNull = ({ random }: Scene, literal: string): string => (random.chance(0.2) ? "NULL" : literal);
const two = (n: number): string => String(n).padStart(2, "0");
const money = ({ random }: Scene): string => `${random.int(0, 500)}.${two(random.int(0, 99))}`;
const day = ({ random }: Scene): string =>
  `${random.int(1971, 2037)}-${two(random.int(1, 12))}-${two(random.int(1, 28))}`;
const moment = (scene: Scene): string => {
  const { random } = scene;
  const micros = String(random.int(0, 999_999)).padStart(6, "0");
  return `${day(scene)} ${two(random.int(4, 23))}:${two(random.int(0, 59))}:${two(random.int(0, 59))}.${micros}`;
};

function changeOrders(scene: Scene): readonly string[] {
  const { random, table, some, fresh, within } = scene;
  const { orders, payments } = table;
  const insert = (id: number): string =>
    `INSERT INTO ${orders} VALUES (${id}, ${random.int(0, 999)}, 0, ${orNull(scene, text(scene))}, '${moment(scene)}')`;
  const id = some("orders");
  const to = random.chance(0.5) ? fresh() : within("orders");
  return random.pick([
    () => [insert(fresh())],
    () => [`${insert(within("orders"))} ON DUPLICATE KEY UPDATE note = 'again'`],
    // Of a number that half of the time is taken.
    () => (random.chance(0.1) ? [insert(within("orders"))] : [insert(fresh())]),
    () => [`UPDATE ${orders} SET note = ${orNull(scene, text(scene))}, at = '${moment(scene)}' WHERE id = ${id}`],
    () => [`UPDATE ${orders} SET customer = customer + 1 WHERE id BETWEEN ${id} AND ${id + random.int(1, 12)}`],
    () => [`DELETE FROM ${orders} WHERE id = ${id}`, `DELETE FROM ${payments} WHERE order_id = ${id}`],
    () => [
      `UPDATE ${orders} SET id = ${to} WHERE id = ${id}`,
      `UPDATE ${payments} SET order_id = ${to} WHERE order_id = ${id}`,
    ],
  ])();
}

/** The order first: whoever changes its payments waits for its row, so that the sum always holds. */
function pay(scene: Scene): readonly string[] {
  const { table, some, fresh } = scene;
  const amount = money(scene);
  const order = some("orders");
  return [
    `UPDATE ${table.orders} SET paid = paid + ${amount} WHERE id = ${order}`,
    `INSERT INTO ${table.payments} SELECT ${fresh()}, id, ${amount} FROM ${table.orders} WHERE id = ${order}`,
  ];
}

function movePayment({ table, some }: Scene): readonly string[] {
  return [
    `UPDATE ${table.payments} AS p JOIN ${table.orders} AS a ON a.id = p.order_id JOIN ${table.orders} AS b ON b.id = ${some("orders")}
      SET a.paid = a.paid - p.amount, b.paid = b.paid + p.amount, p.order_id = b.id WHERE p.id = ${some("payments")} AND a.id <> b.id`,
  ];
}

function unpay({ table, some }: Scene): readonly string[] {
  const payment = some("payments");
  return [
    `UPDATE ${table.orders} AS o JOIN ${table.payments} AS p ON o.id = p.order_id SET o.paid = o.paid - p.amount WHERE p.id = ${payment}`,
    `DELETE FROM ${table.payments} WHERE id = ${payment}`,
  ];
}

const skuOf = (n: number): string => `Sku-${String(n).padStart(8, "0")}`;

function changeStock(scene: Scene): readonly string[] {
  const { random, table, some, fresh } = scene;
  const number = some("stock");
  const at = `warehouse = ${((number / 2) % 16) | 0} AND sku = '${skuOf(number)}'`;
  const row = (n: number): string =>
    `(${random.int(0, 15)}, '${skuOf(n)}', ${random.int(-50, 5000)}, ${orNull(scene, money(scene))})`;
  return random.pick([
    () => [`INSERT INTO ${table.stock} VALUES ${row(fresh())}, ${row(fresh())}`],
    () => [`REPLACE INTO ${table.stock} VALUES ${row(number)}`],
    () => [`UPDATE ${table.stock} SET amount = amount - 1 WHERE ${at}`],
    () => [`UPDATE ${table.stock} SET warehouse = (warehouse + 1) % 16 WHERE ${at}`],
    // The same key to its collation, other bytes.
    () => [`UPDATE ${table.stock} SET sku = ${random.pick(["UPPER", "LOWER"])}(sku) WHERE ${at}`],
    () => [`DELETE FROM ${table.stock} WHERE ${at}`],
  ])();
}

function changePages(scene: Scene): readonly string[] {
  const { random, table, some, fresh } = scene;
  const slug = `'prägung-${some("pages")}'`;
  return random.pick([
    () => [`INSERT INTO ${table.pages} VALUES ('prägung-${fresh()}', ${text(scene)}, 0)`],
    () => [
      `INSERT INTO ${table.pages} VALUES (${slug}, ${text(scene)}, 1) ON DUPLICATE KEY UPDATE visits = visits + 1`,
    ],
    () => [`UPDATE ${table.pages} SET visits = visits + 1, title = ${text(scene)} WHERE slug = ${slug}`],
    () => [`UPDATE ${table.pages} SET slug = ${random.pick(["UPPER", "LOWER"])}(slug) WHERE slug = ${slug}`],
    () => [`UPDATE ${table.pages} SET slug = 'prägung-${fresh()}' WHERE slug = ${slug}`],
    () => [`DELETE FROM ${table.pages} WHERE slug = ${slug}`],
  ])();
}

function changeThings(scene: Scene): readonly string[] {
  const { random, table, some, fresh } = scene;
  const id = some("things");
  const insert = (verb: "INSERT" | "REPLACE", to: number, code: string): string =>
    `${verb} INTO ${table.things} VALUES (${to}, ${code}, ${thing(scene).join(", ")})`;
  return random.pick([
    () => {
      const to = fresh();
      return [insert("INSERT", to, `'c${to}'`)];
    },
    () => [insert("REPLACE", id, `'c${some("things")}'`)],
    () => [`UPDATE ${table.things} SET ${changedThing(scene)} WHERE id = ${id}`],
    () => [`UPDATE ${table.things} SET ${changedThing(scene)}, ${changedThing(scene)} WHERE code = 'c${id}'`],
    () => [`UPDATE ${table.things} SET id = ${fresh()} WHERE id = ${id}`],
    // A unique value goes from one row to another within a transaction.
    () => [`DELETE FROM ${table.things} WHERE code = 'c${id}'`, insert("INSERT", fresh(), `'c${id}'`)],
    () => [`DELETE FROM ${table.things} WHERE id = ${id}`],
  ])();
}

const thingColumns = [
  ...["state", "flags", "bits", "price", "title", "body", "doc", "day", "at", "seen", "raw", "fixed", "born", "took"],
  "ratio",
] as const;

/** Literals of a thing's columns, in their order. */
function thing(scene: Scene): string[] {
  const { random } = scene;
  const doc = {
    n: random.int(-9, 2 ** 31),
    "🔑": random.pick(words),
    list: [null, true, { deep: random.pick(words) }],
  };
  return [
    quoteString(random.pick(["new", "done", "on hold", ""])),
    String(random.int(0, 15)),
    String(random.int(0, 4095)),
    orNull(scene, `-${random.uint32()}${random.uint32()}.${random.int(1, 9_999_999)}`),
    orNull(scene, text(scene, 2)),
    orNull(scene, text(scene, 60)),
    orNull(scene, quoteString(JSON.stringify(doc))),
    random.chance(0.2) ? "'0000-00-00'" : `'${day(scene)}'`,
    random.chance(0.2) ? "'0000-00-00 00:00:00'" : `'${moment(scene)}'`,
    orNull(scene, random.chance(0.1) ? "'0000-00-00 00:00:00'" : `'${moment(scene)}'`),
    orNull(scene, `x'${random.bytes(random.int(0, 60)).toString("hex")}'`),
    orNull(scene, `x'${random.bytes(random.int(0, 6)).toString("hex")}'`),
    orNull(scene, String(random.int(1901, 2155))),
    orNull(scene, `'-${random.int(0, 837)}:${two(random.int(0, 59))}:00.${two(random.int(0, 99))}'`),
    orNull(scene, String(random.fraction() * 1e6)),
  ];
}

function changedThing(scene: Scene): string {
  const at = scene.random.int(0, thingColumns.length - 1);
  return `${thingColumns[at]} = ${thing(scene)[at]}`;
}

function changePeople(scene: Scene): readonly string[] {
  const { random, table, some, fresh } = scene;
  const id = some("people");
  const insert = (to: number): string =>
    `INSERT INTO ${table.people} VALUES (${to}, 'p${to}@example.org', ${text(scene, 3)}, ${orNull(scene, "'+1 555'")},
      ${orNull(scene, `'${day(scene)}'`)}, ${money(scene)}, ${orNull(scene, text(scene))})`;
  return random.pick([
    () => [insert(fresh())],
    () => [insert(fresh())],
    () => [`UPDATE ${table.people} SET salary = ${money(scene)}, name = ${text(scene, 3)} WHERE id = ${id}`],
    () => [`UPDATE ${table.people} SET notes = ${text(scene)} WHERE id = ${id}`],
    () => [`UPDATE ${table.people} SET email = 'p${fresh()}@example.org', born = NULL WHERE id = ${id}`],
    () => [`UPDATE ${table.people} SET id = ${fresh()} WHERE id = ${id}`],
    () => [`DELETE FROM ${table.people} WHERE id = ${id}`],
  ])();
}

function largeChange(scene: Scene): readonly string[] {
  const { random, table, fresh, within } = scene;
  const count = random.int(300, 1500);
  return random.pick([
    () => {
      const first = fresh();
      for (let n = 1; n < count; n++) fresh();
      const numbers = `WITH RECURSIVE s AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM s WHERE n < ${count - 1})`;
      return [
        `INSERT INTO ${table.orders} ${numbers} SELECT ${first} + n, n % 1000, 0, REPEAT('large ', n % 18), '${moment(scene)}' FROM s`,
      ];
    },
    () => {
      const from = within("orders");
      return [`UPDATE ${table.orders} SET note = ${text(scene)} WHERE id BETWEEN ${from} AND ${from + count}`];
    },
    () => {
      const from = within("things");
      return [`DELETE FROM ${table.things} WHERE id BETWEEN ${from} AND ${from + Math.ceil(count / 5)}`];
    },
    () => {
      const from = within("payments");
      return [
        `UPDATE ${table.payments} AS p JOIN ${table.orders} AS o ON o.id = p.order_id SET o.paid = o.paid + 1, p.amount = p.amount + 1
          WHERE p.id BETWEEN ${from} AND ${from + count} AND o.paid = p.amount`,
      ];
    },
  ])();
}
