import { clock, day, decimal, hex, maybe, prose, slug, text } from "./literals.ts";
import type { SampleTable } from "./sample-table.ts";

/** The shop: what the tables of an application look like. */

const PEOPLE = 30_000;
const ORDERS = 60_000;
const PRODUCTS = 2_000;

const people: SampleTable = {
  name: "people",
  create: `CREATE TABLE people (
    id BIGINT NOT NULL AUTO_INCREMENT,
    email VARCHAR(190) NOT NULL,
    ssn CHAR(11) DEFAULT NULL,
    password VARBINARY(60) NOT NULL,
    name VARCHAR(100) NOT NULL,
    birthday DATE DEFAULT NULL,
    credit DECIMAL(12,2) NOT NULL DEFAULT 0.00,
    score FLOAT DEFAULT NULL,
    newsletter BIT(1) NOT NULL DEFAULT b'0',
    settings JSON DEFAULT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at TIMESTAMP(6) NULL DEFAULT NULL,
    deleted_at DATETIME DEFAULT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY email (email),
    KEY deleted (deleted_at)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci`,
  columns: [
    "id",
    "email",
    "ssn",
    "password",
    "name",
    "birthday",
    "credit",
    "score",
    "newsletter",
    "settings",
    "created_at",
    "updated_at",
    "deleted_at",
  ],
  rows: PEOPLE,
  row: (random, index) => [
    String(index + 1),
    text(`${slug(random, 8)}.${index + 1}@example.${random.pick(["com", "org", "net"])}`),
    maybe(random, 0.05, () => text(`${random.int(100, 899)}-${random.int(10, 99)}-${random.int(1000, 9999)}`)),
    hex(`$2b$12$${slug(random, 53)}`),
    text(prose(random, 3, 100)),
    maybe(random, 0.1, () => text(day(random, 1930, 2010))),
    decimal(random, 8, 2),
    maybe(random, 0.2, () => String(Math.fround(random.fraction() * 1e6))),
    random.chance(0.5) ? "b'1'" : "b'0'",
    maybe(random, 0.3, () =>
      text(JSON.stringify({ theme: random.pick(["dark", "light"]), visits: random.int(0, 1e6) })),
    ),
    text(`${day(random, 2015, 2024)} ${clock(random, 6)}`),
    maybe(random, 0.3, () => text(`${day(random, 2015, 2024)} ${clock(random, 6)}`)),
    random.chance(0.9) ? "NULL" : text(`${day(random, 2020, 2024)} ${clock(random, 0)}`),
  ],
};

const products: SampleTable = {
  name: "products",
  create: `CREATE TABLE products (
    sku VARCHAR(24) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    title VARCHAR(200) NOT NULL,
    price DECIMAL(10,2) UNSIGNED NOT NULL,
    weight DOUBLE DEFAULT NULL,
    tags SET('new','sale','heavy','fragile') NOT NULL DEFAULT '',
    state ENUM('draft','live','retired') NOT NULL DEFAULT 'draft',
    description TEXT,
    price_with_tax DECIMAL(12,4) GENERATED ALWAYS AS (price * 1.2) STORED,
    title_length INT GENERATED ALWAYS AS (CHAR_LENGTH(title)) VIRTUAL,
    PRIMARY KEY (sku)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["sku", "title", "price", "weight", "tags", "state", "description"],
  rows: PRODUCTS,
  row: (random, index) => [
    text(skuOf(index)),
    text(prose(random, 6, 200)),
    decimal(random, 6, 2).replace("-", ""),
    maybe(random, 0.2, () => String(random.fraction() * 10 ** random.int(-3, 5))),
    text(["new", "sale", "heavy", "fragile"].filter(() => random.chance(0.3)).join()),
    text(random.pick(["draft", "live", "retired"])),
    maybe(random, 0.1, () => text(prose(random, 60))),
  ],
};

const orders: SampleTable = {
  name: "orders",
  create: `CREATE TABLE orders (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    customer_id BIGINT NOT NULL,
    status ENUM('open','paid','sent','returned') NOT NULL,
    total DECIMAL(14,2) NOT NULL,
    placed_at DATETIME(3) NOT NULL,
    note VARCHAR(255) DEFAULT NULL,
    PRIMARY KEY (id),
    KEY customer (customer_id, placed_at),
    CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES people (id)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["id", "customer_id", "status", "total", "placed_at", "note"],
  rows: ORDERS,
  row: (random, index) => [
    String(index + 1),
    String(random.int(1, Math.min(PEOPLE, Math.floor(index / 2) + 1))),
    text(random.pick(["open", "paid", "sent", "returned"])),
    decimal(random, 6, 2).replace("-", ""),
    text(`${day(random, 2018, 2024)} ${clock(random, 3)}`),
    maybe(random, 0.5, () => text(random.chance(0.2) ? "" : prose(random, 8, 255))),
  ],
};

const orderLines: SampleTable = {
  name: "order_lines",
  create: `CREATE TABLE order_lines (
    order_id BIGINT UNSIGNED NOT NULL,
    line SMALLINT UNSIGNED NOT NULL,
    sku VARCHAR(24) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    quantity MEDIUMINT NOT NULL,
    price DECIMAL(10,2) NOT NULL,
    PRIMARY KEY (order_id, line),
    KEY sku (sku),
    CONSTRAINT lines_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
    CONSTRAINT lines_product FOREIGN KEY (sku) REFERENCES products (sku)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["order_id", "line", "sku", "quantity", "price"],
  rows: 70_000,
  // Scaled down, a table keeps its first rows: these refer to orders and products that are then there too.
  row: (random, index) => [
    String(Math.floor((index * 6) / 7) + 1),
    String(index % 7),
    text(skuOf(random.int(0, Math.min(PRODUCTS - 1, Math.floor(index / 40))))),
    String(random.int(-5, 500)),
    decimal(random, 6, 2),
  ],
};

function skuOf(index: number): string {
  return `${["AB", "ab", "Zz", "éÉ"][index % 4]}-${String(index * 37).padStart(6, "0")}`;
}

export const commerceTables: readonly SampleTable[] = [people, products, orders, orderLines];
