import { randomNumbers } from "../../support/random-numbers.ts";
import type { MovedTable } from "./migration.ts";

/** A value of a row, by the row's number from 1. */
type Value = (n: number) => string | number | null | object;

/** What becomes of a column: a step, `keep`, or `drop`. */
type Decision = "keep" | "drop" | Readonly<Record<string, object>>;

interface ColumnPlan {
  readonly type: string;
  readonly value: Value;
  readonly decision: Decision;
}

interface TablePlan {
  readonly rows: number;
  readonly columns: Readonly<Record<string, ColumnPlan>>;
}

const salt = "grain-for-tests";

const random = randomNumbers(30);
const below = (count: number): number => Math.floor(random() * count);
const letters = (count: number): string =>
  Array.from({ length: count }, () => "abcdefghijklmnopqrstuvwxyz"[below(26)]).join("");
const digits = (count: number): string => Array.from({ length: count }, () => below(10)).join("");
const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

interface Person {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly ip: string;
}

export const people: readonly Person[] = Array.from({ length: 400 }, (_, i) => {
  const [first, last] = [letters(5 + below(4)), letters(6 + below(5))];
  return {
    name: `${capital(first)} ${capital(last)}`,
    email: `${first}.${last}${i}@${["inbox.test", "post.test", "work.test"][i % 3]}`,
    phone: `+31${digits(9)}`,
    ip: `${193 + below(20)}.${100 + below(100)}.${100 + below(100)}.${100 + below(100)}`,
  };
});
const someone = (): Person => people[below(people.length)] as Person;
const person = (n: number): Person => people[(n - 1) % people.length] as Person;

const kept = (type: string, value: Value): ColumnPlan => ({ type, value, decision: "keep" });
const hidden = (type: string, value: Value, step: string, more: object = {}): ColumnPlan => ({
  type,
  value,
  decision: { [step]: more },
});
const pseudonym = (type: string, kind: string, value: Value): ColumnPlan =>
  hidden(type, value, "pseudonym", { kind, salt });
const email = (value: Value = () => someone().email): ColumnPlan => pseudonym("varchar(120) not null", "email", value);
const reference = (count: number): ColumnPlan => kept("int not null", () => 1 + below(count));
const moment = kept("datetime not null", (n) => `2026-0${1 + (n % 9)}-1${n % 10} 0${n % 10}:00:00`);
const word = (type = "varchar(40) not null"): ColumnPlan =>
  kept(type, (n) => ["small", "medium", "large", "spare"][n % 4] ?? "");
const price = kept("decimal(9,2) not null", (n) => (n % 500) + 0.25);

/** 30 tables, personal data in 18 of them: in columns of its own, inside of text, inside of documents. */
const plans: Readonly<Record<string, TablePlan>> = {
  users: {
    rows: people.length,
    columns: {
      email: email((n) => person(n).email),
      full_name: pseudonym("varchar(80) not null", "name", (n) => person(n).name),
      phone: pseudonym("varchar(30)", "phone", (n) => (n % 9 === 0 ? null : person(n).phone)),
      ssn: hidden("char(11)", () => `${digits(3)}-${digits(2)}-${digits(4)}`, "redact"),
      birth_date: hidden("date", (n) => `19${50 + (n % 50)}-0${1 + (n % 9)}-1${n % 10}`, "dateTruncate", {
        to: "year",
      }),
      password_hash: { type: "varchar(80)", value: () => letters(60), decision: "drop" },
      created_at: moment,
    },
  },
  addresses: {
    rows: 400,
    columns: {
      user_id: reference(400),
      street: hidden("varchar(80)", () => `${capital(letters(9))} ${1 + below(200)}`, "redact"),
      city: word(),
      postcode: hidden("varchar(12)", () => `${digits(4)} ${letters(2).toUpperCase()}`, "substring", { length: 2 }),
    },
  },
  orders: { rows: 900, columns: { user_id: reference(400), contact_email: email(), total: price, placed_at: moment } },
  order_items: { rows: 1500, columns: { order_id: reference(900), product_id: reference(120), price } },
  products: {
    rows: 120,
    columns: { sku: kept("varchar(20) not null", (n) => `SKU-${1000 + n}`), title: word(), price },
  },
  tickets: {
    rows: 300,
    columns: {
      user_email: email(),
      subject: word(),
      body: hidden("text", () => `Please call me on ${someone().phone}. ${someone().name}`, "redact"),
    },
  },
  messages: {
    rows: 600,
    columns: {
      ticket_id: reference(300),
      doc: hidden("json", () => ({ from: someone().email, lang: "nl", to: { email: someone().email } }), "json", {
        remove: ["$.from"],
        redact: ["$.to.email"],
      }),
    },
  },
  logs: {
    rows: 800,
    columns: {
      level: word(),
      line: hidden("text", () => `login of <${someone().email}> succeeded`, "replace", {
        pattern: "[\\w.]+@[\\w.]+",
        with: "someone",
      }),
    },
  },
  sessions: {
    rows: 500,
    columns: {
      user_id: reference(400),
      ip: pseudonym("varchar(45) not null", "ip", () => someone().ip),
      device: pseudonym("char(36) not null", "uuid", (n) => uuid(1 + (n % 150))),
      token: hidden("varchar(80)", () => letters(40), "nullify"),
    },
  },
  devices: {
    rows: 150,
    columns: {
      device: pseudonym("char(36) not null", "uuid", uuid),
      owner_email: email(),
      push_token: hidden("varbinary(40)", () => letters(32), "nullify"),
    },
  },
  payments: {
    rows: 500,
    columns: {
      order_id: reference(900),
      card_number: hidden("varchar(20)", () => digits(16), "mask", { keepLast: 4 }),
      iban: hidden("varchar(34)", () => `NL${digits(2)}BANK${digits(10)}`, "mask", { keepFirst: 2 }),
      amount: price,
    },
  },
  invoices: {
    rows: 400,
    columns: {
      order_id: reference(900),
      billed_to: pseudonym("varchar(80) not null", "name", () => someone().name),
      billed_email: email(),
    },
  },
  newsletters: { rows: 300, columns: { email: email(), topic: word() } },
  employees: {
    rows: 60,
    columns: {
      email: email((n) => person(n).email),
      manager_email: email((n) => person(1 + (n % 7)).email),
      salary: hidden("int", (n) => 30_000 + n, "redact"),
    },
  },
  reviews: {
    rows: 300,
    columns: {
      product_id: reference(120),
      author: pseudonym("varchar(80) not null", "name", () => someone().name),
      stars: kept("tinyint not null", (n) => 1 + (n % 5)),
    },
  },
  password_resets: {
    rows: 100,
    columns: { email: email(), token: hidden("varchar(80)", () => letters(40), "redact"), made_at: moment },
  },
  audit: {
    rows: 500,
    columns: {
      actor_email: email(),
      detail: hidden("json", () => ({ ip: someone().ip, what: "update" }), "json", { remove: ["$.ip"] }),
    },
  },
  referrals: { rows: 200, columns: { from_email: email(), to_email: email() } },
  countries: { rows: 40, columns: { code: kept("char(2) not null", (n) => `C${n % 10}`), title: word() } },
  currencies: { rows: 20, columns: { title: word() } },
  categories: { rows: 30, columns: { title: word() } },
  product_categories: { rows: 200, columns: { product_id: reference(120), category_id: reference(30) } },
  warehouses: { rows: 10, columns: { title: word() } },
  stock: { rows: 300, columns: { product_id: reference(120), warehouse_id: reference(10), amount: reference(50) } },
  shipments: { rows: 400, columns: { order_id: reference(900), warehouse_id: reference(10), sent_at: moment } },
  coupons: { rows: 50, columns: { code: kept("varchar(20) not null", (n) => `COUPON-${n}`), amount: price } },
  taxes: { rows: 40, columns: { country_id: reference(40), amount: price } },
  settings: { rows: 30, columns: { title: word(), value: word("text") } },
  translations: { rows: 100, columns: { title: word(), text: word("text") } },
  job_runs: { rows: 100, columns: { title: word(), ran_at: moment } },
};

function uuid(n: number): string {
  return `${String(n).padStart(8, "0")}-1111-4222-a333-${String(n * 7919).padStart(12, "0")}`;
}

const prefix = "anon_";
const tableOf = (name: string): string => `${prefix}${name}`;

/** The tables with their rows, by their names on both sides. */
export function personalTables(): Record<string, MovedTable> {
  const tables = Object.entries(plans).map(([name, { rows, columns }]): [string, MovedTable] => {
    const entries = Object.entries(columns);
    const create = (shown: typeof entries) =>
      `CREATE TABLE ${tableOf(name)} (id INT NOT NULL PRIMARY KEY, ${shown.map(([column, { type }]) => `\`${column}\` ${type}`).join(", ")})`;
    const values = Array.from(
      { length: rows },
      (_, i) => `(${[i + 1, ...entries.map(([, { value }]) => literal(value(i + 1)))].join(", ")})`,
    );
    return [
      tableOf(name),
      {
        source: [create(entries), `INSERT INTO ${tableOf(name)} VALUES ${values.join(", ")}`],
        target: create(entries.filter(([, { decision }]) => decision !== "drop")),
      },
    ];
  });
  return Object.fromEntries(tables);
}

function literal(value: ReturnType<Value>): string {
  if (value === null) return "NULL";
  return typeof value === "number" ? String(value) : `'${typeof value === "object" ? JSON.stringify(value) : value}'`;
}

/** `tables` of a config that decides about every column; `changes` puts other decisions in place, null takes one out. */
export function personalRules(changes: Readonly<Record<string, Decision | null>> = {}): object {
  const rules = Object.entries(plans).map(([name, { columns }]) => {
    const decisions = Object.entries(columns).map(([column, { decision }]): [string, Decision | null] => {
      const change = changes[`${name}.${column}`];
      return [column, change === undefined ? decision : change];
    });
    const named = (wanted: Decision) => decisions.flatMap(([column, d]) => (d === wanted ? [column] : []));
    const steps = decisions.flatMap(([column, decision]) =>
      decision === null || typeof decision === "string"
        ? []
        : Object.entries(decision).map(([step, parameters]) => ({ [step]: { column, ...parameters } })),
    );
    const drop = named("drop");
    const transforms = [
      { keep: { columns: ["id", ...named("keep")] } },
      ...(drop.length > 0 ? [{ drop: { columns: drop } }] : []),
      ...steps,
    ];
    return [tableOf(name), { transforms }];
  });
  return { include: [`${prefix}*`], rules: Object.fromEntries(rules) };
}

/** Pairs of columns that people join by, those with pseudonyms among them. */
export const joins: readonly (readonly [string, string, string, string])[] = [
  ["users", "email", "orders", "contact_email"],
  ["users", "email", "tickets", "user_email"],
  ["users", "email", "newsletters", "email"],
  ["users", "email", "employees", "email"],
  ["employees", "manager_email", "users", "email"],
  ["orders", "contact_email", "invoices", "billed_email"],
  ["devices", "owner_email", "password_resets", "email"],
  ["audit", "actor_email", "referrals", "to_email"],
  ["sessions", "device", "devices", "device"],
  ["users", "id", "orders", "user_id"],
  ["orders", "id", "payments", "order_id"],
  ["products", "id", "reviews", "product_id"],
];

export function joinCount([left, a, right, b]: (typeof joins)[number]): string {
  return `SELECT COUNT(*) FROM ${tableOf(left)} l JOIN ${tableOf(right)} r ON l.${a} = r.${b}`;
}
