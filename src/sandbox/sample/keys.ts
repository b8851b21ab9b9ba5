import { clock, day, decimal, hex, maybe, prose, slug, text } from "./literals.ts";
import type { SampleTable } from "./sample-table.ts";

/** One table per kind of key that rows can be read by, and those without one. */

const sessions: SampleTable = {
  name: "sessions",
  create: `CREATE TABLE sessions (
    token VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    person_id BIGINT NOT NULL,
    started TIMESTAMP NOT NULL DEFAULT '1999-01-01 00:00:00',
    agent VARCHAR(200) DEFAULT NULL,
    PRIMARY KEY (token)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["token", "person_id", "started", "agent"],
  rows: 10_000,
  row: (random, index) => [
    text(`${slug(random, random.int(6, 40))}-${index}`),
    String(random.int(1, 30_000)),
    text(`${day(random, 2000, 2024)} ${clock(random, 0)}`),
    maybe(random, 0.2, () => text(prose(random, 8, 200))),
  ],
};

const devices: SampleTable = {
  name: "devices",
  create: `CREATE TABLE devices (
    uuid BINARY(16) NOT NULL,
    serial VARCHAR(40) NOT NULL,
    firmware VARBINARY(64) DEFAULT NULL,
    seen_at DATETIME DEFAULT NULL,
    PRIMARY KEY (uuid)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["uuid", "serial", "firmware", "seen_at"],
  rows: 8_000,
  row: (random) => [
    hex(random.bytes(16)),
    text(slug(random, 12)),
    maybe(random, 0.2, () => hex(random.bytes(random.int(0, 64)))),
    maybe(random, 0.2, () => text(`${day(random, 2015, 2024)} ${clock(random, 0)}`)),
  ],
};

const priceList: SampleTable = {
  name: "price_list",
  create: `CREATE TABLE price_list (
    amount DECIMAL(20,4) NOT NULL,
    label VARCHAR(80) NOT NULL,
    PRIMARY KEY (amount)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["amount", "label"],
  rows: 3_000,
  row: (random, index) => [
    `${index * 7 - 9_000}.${String(random.int(0, 9999)).padStart(4, "0")}`,
    text(prose(random, 4, 80)),
  ],
  first: [
    ["-9999999999999999.9999", "'lowest'"],
    ["9999999999999999.9999", "'highest'"],
  ],
};

const counters: SampleTable = {
  name: "counters",
  create: `CREATE TABLE counters (
    id BIGINT UNSIGNED NOT NULL,
    hits INT UNSIGNED NOT NULL,
    ratio DECIMAL(9,8) DEFAULT NULL,
    PRIMARY KEY (id)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["id", "hits", "ratio"],
  rows: 2_000,
  // From 2^64 - 1 downwards: beyond what a signed or a floating-point number holds.
  row: (random, index) => [
    String(2n ** 64n - 1n - BigInt(index) * 3n),
    String(random.uint32()),
    maybe(random, 0.2, () => decimal(random, 1, 8)),
  ],
  first: [["0", "0", "NULL"]],
};

const readings: SampleTable = {
  name: "readings",
  create: `CREATE TABLE readings (
    id INT NOT NULL,
    sensor CHAR(8) NOT NULL,
    value DOUBLE NOT NULL,
    taken TIMESTAMP(3) NULL DEFAULT NULL,
    PRIMARY KEY (id)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["id", "sensor", "value", "taken"],
  rows: 5_000,
  // Sparse: dense runs with gaps of a million and more between them.
  row: (random, index) => [
    String(1 + (index % 50) + Math.floor(index / 50) * 20_000_000),
    text(slug(random, 8)),
    String((random.fraction() - 0.5) * 10 ** random.int(-20, 20)),
    maybe(random, 0.1, () => text(`${day(random, 2015, 2024)} ${clock(random, 3)}`)),
  ],
};

const shifts: SampleTable = {
  name: "shifts",
  create: `CREATE TABLE shifts (
    site CHAR(4) NOT NULL,
    day DATE NOT NULL,
    slot TINYINT NOT NULL,
    person_id BIGINT NOT NULL,
    PRIMARY KEY (site, day, slot)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["site", "day", "slot", "person_id"],
  rows: 1_000,
  row: (random, index) => [
    text(["OSLO", "oslä", "Rom", "NYC"][index % 4] ?? ""),
    text(new Date(Date.UTC(2024, 0, 1 + Math.floor(index / 12))).toISOString().slice(0, 10)),
    String((Math.floor(index / 4) % 3) - 1),
    String(random.int(1, 30_000)),
  ],
};

const auditLog: SampleTable = {
  name: "audit_log",
  create: `CREATE TABLE audit_log (
    person_id BIGINT NOT NULL,
    action VARCHAR(40) NOT NULL,
    at DATETIME(6) DEFAULT NULL,
    detail JSON DEFAULT NULL
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["person_id", "action", "at", "detail"],
  rows: 6_000,
  row: (random, index) => [
    String(index % 20 === 0 ? 1 + (index % 3) : random.int(1, 500)),
    text(random.pick(["login", "logout", "purchase", ""])),
    // Every twentieth row is like others, cell for cell: without a key, only their number tells.
    index % 20 === 0 ? "NULL" : text(`${day(random, 2020, 2024)} ${clock(random, 6)}`),
    index % 20 === 0 ? "NULL" : text(JSON.stringify({ ip: `10.0.${random.int(0, 255)}.${random.int(0, 255)}` })),
  ],
};

const archive: SampleTable = {
  name: "archive",
  create:
    "CREATE TABLE archive (id BIGINT NOT NULL, body TEXT, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
  columns: ["id", "body"],
  rows: 0,
  row: () => [],
};

const measurements: SampleTable = {
  name: "measurements",
  create: `CREATE TABLE measurements (
    id BIGINT NOT NULL,
    year SMALLINT NOT NULL,
    reading DECIMAL(16,6) DEFAULT NULL,
    PRIMARY KEY (id, year)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
  PARTITION BY RANGE (year) (
    PARTITION before_2020 VALUES LESS THAN (2020),
    PARTITION before_2022 VALUES LESS THAN (2022),
    PARTITION later VALUES LESS THAN MAXVALUE
  )`,
  columns: ["id", "year", "reading"],
  rows: 4_000,
  row: (random, index) => [
    String(index + 1),
    String(random.int(2015, 2024)),
    maybe(random, 0.1, () => decimal(random, 10, 6)),
  ],
};

const cities: SampleTable = {
  name: "cities",
  create: `CREATE TABLE cities (
    name VARCHAR(60) COLLATE utf8mb4_0900_ai_ci NOT NULL,
    inhabitants INT UNSIGNED DEFAULT NULL,
    PRIMARY KEY (name)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["name", "inhabitants"],
  rows: 400,
  row: (random, index) => [
    text(`${random.pick(["Zürich", "Łódź", "Malmö", "São Paulo", "Αθήνα", "東京", "Bergen"])} ${index}`),
    maybe(random, 0.1, () => String(random.int(100, 40_000_000))),
  ],
};

const settings: SampleTable = {
  name: "settings",
  create: `CREATE TABLE settings (
    id INT UNSIGNED NOT NULL,
    name VARCHAR(60) NOT NULL,
    value LONGTEXT,
    PRIMARY KEY (id),
    UNIQUE KEY name (name)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  columns: ["id", "name", "value"],
  rows: 50,
  row: (random, index) => [String(index), text(`setting.${index}`), maybe(random, 0.2, () => text(prose(random, 5)))],
};

export const keyTables: readonly SampleTable[] = [
  sessions,
  devices,
  priceList,
  counters,
  readings,
  shifts,
  auditLog,
  archive,
  measurements,
  cities,
  settings,
];
