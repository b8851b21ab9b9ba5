import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { type Random, seededRandom } from "./random.ts";

/** Where the shop's tables are: the source, or a keyspace behind vtgate. */
export interface ShopPlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** The sample's application: it sells on the source, one transaction after the other, until it is closed. */
export interface Shop extends AsyncDisposable {
  /** Committed so far. */
  readonly transactions: number;
  /** Resolves when the shop stands between two transactions; throws what ended it, if something did. */
  pause(): Promise<void>;
  resume(): void;
}

/** Enough to be seen everywhere, and little beside what a small machine can do. */
const PER_SECOND = 100;

export async function openShop(place: ShopPlace): Promise<Shop> {
  const connection = await connect(place);
  const [skus] = await connection.query<RowDataPacket[]>("SELECT sku FROM products ORDER BY sku LIMIT 50");
  const random = seededRandom("shop");
  const gate = newGate();
  let transactions = 0;
  let open = true;
  const working = (async () => {
    for (;;) {
      await gate.pass();
      if (!open) return;
      const statements = sale(
        random,
        skus.map((row) => String(row["sku"])),
      );
      await connection.query(["BEGIN", ...statements, "COMMIT"].join("; "));
      transactions++;
      await sleep(1000 / PER_SECOND);
    }
  })();
  // Thrown by whoever waits for it next.
  working.catch(() => {});
  return {
    get transactions() {
      return transactions;
    },
    pause: () => Promise.race([gate.close(), working]),
    resume: () => gate.open(),
    async [Symbol.asyncDispose]() {
      open = false;
      gate.open();
      await working.catch(() => {});
      connection.destroy();
    },
  };
}

/** Lets one passer through while it is open; closing it resolves once the passer stands before it. */
function newGate(): { pass(): Promise<void>; close(): Promise<void>; open(): void } {
  let opened: Promise<void> = Promise.resolve();
  let open = (): void => {};
  let stand = (): void => {};
  return {
    async pass() {
      stand();
      await opened;
    },
    close() {
      opened = new Promise((resolve) => {
        open = resolve;
      });
      return new Promise((resolve) => {
        stand = resolve;
      });
    },
    open: () => {
      open();
      stand = () => {};
    },
  };
}

/** A transaction of the shop: an order with two lines, a change of an older one, lines that are taken back, a visit. */
function sale(random: Random, skus: readonly string[]): string[] {
  const order = random.int(1, 50_000);
  const kind = random.fraction();
  if (kind < 0.4) {
    const line = (number: number): string =>
      `(@placed, ${number}, '${skus[random.int(0, skus.length - 1)]}', ${random.int(1, 9)}, ${random.int(1, 900)}.50)`;
    return [
      `INSERT INTO orders (customer_id, status, total, placed_at, note) VALUES (${random.int(1, 20_000)}, 'open', ${random.int(1, 999)}.99, NOW(3), 'ring twice 🔔')`,
      "SET @placed = LAST_INSERT_ID()",
      `INSERT INTO order_lines (order_id, line, sku, quantity, price) VALUES ${line(0)}, ${line(1)}`,
    ];
  }
  if (kind < 0.7) {
    return [
      `UPDATE orders SET status = '${random.pick(["paid", "sent", "returned"])}', note = 'changed ${order}' WHERE id = ${order}`,
      `UPDATE order_lines SET quantity = quantity + 1 WHERE order_id = ${order}`,
    ];
  }
  if (kind < 0.8) return [`DELETE FROM order_lines WHERE order_id = ${order} AND line > 3`];
  return [
    `INSERT INTO sessions (token, person_id, started, agent) VALUES ('visit-${random.uint64()}', ${random.int(1, 20_000)}, NOW(), 'shop')`,
  ];
}

/** Adds a line that nobody else would to the first order, of a product that there is: the source has foreign keys. */
export async function addLine(place: ShopPlace, line: number): Promise<void> {
  await using connection = await connect(place);
  await connection.query(
    `INSERT INTO order_lines (order_id, line, sku, quantity, price) VALUES (1, ${line}, 'AB-000000', 1, 9.99)`,
  );
}

export async function hasLine(place: ShopPlace, line: number): Promise<boolean> {
  await using connection = await connect(place);
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT line FROM order_lines WHERE order_id = 1 AND line = ${line}`,
  );
  return rows.length > 0;
}

function connect({ host, port, user, password, database }: ShopPlace): Promise<Connection> {
  return createConnection({ host, port, user, password, database, charset: "utf8mb4", multipleStatements: true });
}
