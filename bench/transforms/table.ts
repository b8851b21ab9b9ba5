import type { Column, TableSchema } from "../../src/contracts/schema.ts";
import { columnFromType } from "../../src/mysql/column-type.ts";
import { type Random, seededRandom } from "../../src/sandbox/sample/random.ts";

/** Twelve columns, by name with their types; about 330 bytes a row on the wire. */
const types: Readonly<Record<string, string>> = {
  id: "bigint not null",
  email: "varchar(190)",
  name: "varchar(100) not null",
  phone: "varchar(30)",
  country: "char(2) not null",
  balance: "decimal(12,2) not null",
  born: "date",
  created_at: "datetime(3) not null",
  state: "enum('new','active','closed')",
  profile: "json",
  notes: "text",
  token: "varbinary(40) not null",
};

export const personColumns: readonly Column[] = Object.entries(types).map(([name, type]) => columnFromType(name, type));

/** The table as an inspection of the source would give it. */
export function personTable(rows: number): TableSchema {
  const lines = Object.entries(types).map(([name, type]) => `  \`${name}\` ${type},`);
  const primary = { index: "PRIMARY", columns: ["id"] };
  return {
    database: "bench",
    name: "person",
    columns: personColumns,
    primaryKey: primary.columns,
    chunkKey: primary,
    uniqueKeys: [primary],
    foreignKeys: [],
    engine: "InnoDB",
    partitioned: false,
    rowsEstimate: rows,
    bytesEstimate: rows * 330,
    createStatement: ["CREATE TABLE `person` (", ...lines, "  PRIMARY KEY (`id`)", ") ENGINE=InnoDB"].join("\n"),
  };
}

/** One row in ten has no phone, and some texts have spaces and capitals to take off: as in tables people have. */
export function personCells(id: number, random: Random): readonly (string | Buffer | null)[] {
  const first = random.pick(["Maria", "John", "Aiko", "Olu", "Priya", "Lars", "Chen", "Zoë"]);
  const last = random.pick(["García", "Smith", "Tanaka", "Adeyemi", "Sharma", "Østergård", "Wei", "O'Brien"]);
  const host = random.pick(["example.com", "mail.example.org", "Example.NET", "post.example.com"]);
  const digits = (count: number): string => String(random.int(0, 10 ** count - 1)).padStart(count, "0");
  const date = (from: number, years: number): string =>
    `${from + random.int(0, years - 1)}-${pad(random.int(1, 12))}-${pad(random.int(1, 28))}`;
  const said = random.pick([
    "needs an answer by Friday, as agreed",
    "paid in full, no complaint",
    "wants the old price",
  ]);
  return [
    String(id),
    `${random.chance(0.1) ? " " : ""}${first.toLowerCase()}.${random.uint32().toString(16)}@${host}`,
    `${first} ${last}`,
    random.chance(0.1) ? null : `+49-${digits(3)}-${digits(7)}`,
    random.pick(["ES", "GB", "JP", "NG", "IN", "DK", "CN", "IE"]),
    `${random.int(-50_000, 120_000)}.${digits(2)}`,
    random.chance(0.05) ? null : date(1930, 80),
    `${date(2015, 9)} ${pad(random.int(0, 23))}:${pad(random.int(0, 59))}:${pad(random.int(0, 59))}.${digits(3)}`,
    random.pick(["new", "active", "active", "closed"]),
    `{"tier": "${random.pick(["basic", "plus", "pro"])}", "visits": ${random.int(0, 4095)}, "newsletter": ${random.chance(0.5)}}`,
    `Said: "call me back, it's ${digits(4)}".\n\tLine two of note ${id} – ${said}.\r\nEnd.`,
    random.bytes(random.int(16, 40)),
  ];
}

const pad = (number: number): string => String(number).padStart(2, "0");

/** All rows of the table as cells; the same seed gives the same rows. */
export function* persons(rows: number, seed: string): Generator<readonly (string | Buffer | null)[]> {
  const random = seededRandom(seed);
  for (let id = 1; id <= rows; id++) yield personCells(id, random);
}
