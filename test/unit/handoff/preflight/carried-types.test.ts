import { expect, test } from "vitest";
import type { Column } from "../../../../src/contracts/schema.ts";
import { checkCarriedTypes } from "../../../../src/handoff/preflight/carried-types.ts";
import { checked, column, found, server, someFacts } from "./facts.ts";

const id = column("id", "integer");
const withColumns = (...columns: Column[]) => checked("t", {}, { columns: [id, ...columns] });
const codes = (...given: Parameters<typeof checked>[]) =>
  found(checkCarriedTypes, someFacts({ tables: given.map((parts) => checked(...parts)) }));

test("a table without any key is refused, one with a unique key over NOT NULL columns is not", () => {
  expect(codes(["t", {}, { primaryKey: [], uniqueKeys: [] }])).toEqual(["refusal keyless-table"]);
  expect(codes(["t", {}, { primaryKey: [], uniqueKeys: [{ index: "u", columns: ["id"] }] }])).toEqual([]);
  expect(codes(["t", { lane: "still" }, { primaryKey: [], uniqueKeys: [] }])).toEqual([]);
});

test("a FLOAT is refused in the key and carried elsewhere", () => {
  const columns = [column("f", "float"), id];
  expect(codes(["t", {}, { columns, primaryKey: ["f"] }])).toEqual(["refusal float-key"]);
  expect(codes(["t", {}, { columns, primaryKey: [], uniqueKeys: [{ index: "u", columns: ["f"] }] }])).toEqual([
    "refusal float-key",
  ]);
  expect(codes(["t", {}, { columns }])).toEqual([]);
});

test.each([
  ["latin1", "enum('grün','b')", true],
  ["latin1", "enum('a','it''s')", false],
  ["utf8mb4", "enum('grün','日本')", false],
  ["utf8mb4", "set('a','🚀')", true],
  ["utf8mb3", "enum('grün')", false],
  ["utf16", "enum('ab','b')", true],
  ["binary", "enum('grün')", false],
])("members of an ENUM or SET in %s: %s", (charset, type, refused) => {
  const kind = type.startsWith("set") ? ("set" as const) : ("enum" as const);
  const findings = found(checkCarriedTypes, someFacts({ tables: [withColumns(column("v", kind, { charset, type }))] }));
  expect(findings).toEqual(refused ? ["refusal member-charset"] : []);
});

test("members are those of SHOW CREATE TABLE: information_schema has no 4-byte characters", () => {
  const columns = [id, column("v", "enum", { charset: "utf8mb4", type: "enum('?')" })];
  const create = (line: string) =>
    `CREATE TABLE \`t\` (\n  \`id\` int NOT NULL,\n  \`v\` ${line},\n  PRIMARY KEY (\`id\`)\n)`;
  expect(codes(["t", {}, { columns, createStatement: create("enum('🚀') DEFAULT NULL") }])).toEqual([
    "refusal member-charset",
  ]);
  expect(codes(["t", {}, { columns, createStatement: create("enum('?') DEFAULT NULL COMMENT '🚀'") }])).toEqual([]);
});

test("columns that no stream reads are not looked at", () => {
  const columns = [id, column("v", "enum", { charset: "latin1", type: "enum('ü')" })];
  const select = (expression: string) => ({
    lane: "streams" as const,
    verbatim: false,
    columns: [
      { name: "id", expression: "`id`" },
      { name: "w", expression },
    ],
  });
  expect(codes(["t", select("'constant'"), { columns }])).toEqual([]);
  expect(codes(["t", select("upper(`v`)"), { columns }])).toEqual(["refusal member-charset"]);
});

test("JSON is warned of, and dates only where the source takes impossible ones", () => {
  const table = withColumns(column("doc", "json"), column("at", "datetime"));
  expect(found(checkCarriedTypes, someFacts({ tables: [table] }))).toEqual(["warning json-scalars"]);
  const lenient = [server({}, { sql_mode: "STRICT_ALL_TABLES,ALLOW_INVALID_DATES" })];
  expect(found(checkCarriedTypes, someFacts({ tables: [table], servers: lenient }))).toEqual([
    "warning json-scalars",
    "warning impossible-dates",
  ]);
});
