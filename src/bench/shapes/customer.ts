import { hash } from "node:crypto";
import { columnFromType } from "../../mysql/column-type.ts";
import { BatchWriter } from "./batch-writer.ts";
import { createTable, type TableShape } from "./shape.ts";

const types: readonly (readonly [column: string, type: string])[] = [
  ["id", "bigint NOT NULL"],
  ["email", "varchar(190) NOT NULL"],
  ["name", "varchar(100) NOT NULL"],
  ["country", "char(2) NOT NULL"],
  ["balance", "decimal(12,2) NOT NULL"],
  ["created_at", "datetime(3) NOT NULL"],
  ["flags", "bit(8) NOT NULL"],
  ["profile", "json"],
  ["notes", "text"],
  ["token", "blob"],
];

/** A row's SHA-256 in hex, from which all its cells come; places are counted from 1, as SUBSTR does. */
const part = (h: string, from: number, digits: number): number =>
  Number.parseInt(h.slice(from - 1, from - 1 + digits), 16);
const oneOf = (h: string, from: number, ...words: readonly string[]): string =>
  words[part(h, from, 2) % words.length] as string;

const start = Date.UTC(2015, 0, 1);
const moment = (h: string): string =>
  new Date(start + (part(h, 25, 10) % 300_000_000_000)).toISOString().replace("T", " ").slice(0, -1);

/** As MySQL prints a double: a whole one keeps its ".0". */
const double = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

function putRow(into: BatchWriter, h: string, n: number): void {
  into.integer(n);
  into.text(
    `${oneOf(h, 1, "maria", "john", "aiko", "olu", "priya", "lars", "chen", "zoe")}.${h.slice(2, 10)}@${oneOf(h, 11, "example.com", "mail.example.org", "example.net", "post.example.com")}`,
  );
  into.text(
    `${oneOf(h, 13, "Maria", "John", "Aiko", "Olu", "Priya", "Lars", "Chen", "Zoë")} ${oneOf(h, 15, "García", "Smith", "Tanaka", "Adeyemi", "Sharma", "Østergård", "Wei", "O'Brien")}`,
  );
  into.text(oneOf(h, 17, "ES", "GB", "JP", "NG", "IN", "DK", "CN", "IE"));
  into.text(((part(h, 19, 6) - 5_000_000) / 100).toFixed(2));
  into.text(moment(h));
  into.value(Uint8Array.of(part(h, 35, 2)));
  into.text(
    `{"tags": ["a", "b"], "tier": "${oneOf(h, 37, "basic", "plus", "pro")}", "score": ${double(part(h, 42, 5) / 1000)}, "visits": ${part(h, 39, 3)}, "newsletter": ${n % 2 === 0}}`,
  );
  into.text(
    `Said: "call me back, it's ${part(h, 47, 4)}".\n\tLine two of note ${n} – ${oneOf(h, 51, "needs an answer by Friday, as agreed on the phone", "paid in full, no complaint", "asked twice about delivery to the summer house", "wants the old price")}.\r\nEnd.`,
  );
  into.value(Buffer.from(h + h.slice(4, 20), "hex"));
  into.endRow();
}

export const customer: TableShape = {
  name: "customer",
  description: "ten columns of common types, about 325 bytes a row: what tables people have cost",
  columns: types.map(([column, type]) => columnFromType(column, type)),
  createTable: (table) => createTable(table, types),
  secondaryKeys: ["KEY `email` (`email`)"],
  /** The same rows that `bench/data/customer.ts` has the server make. */
  rows(seed, first, count) {
    const into = new BatchWriter(count);
    for (let n = first; n < first + count; n++) putRow(into, hash("sha256", `${seed}/${n}`), n);
    return into.batch();
  },
};
