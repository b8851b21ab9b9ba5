import { expect, test } from "vitest";
import { rowFormats } from "../../../src/store/export/formats.ts";
import { batchOf, columnsOf, headerOf } from "./make.ts";

const columns = columnsOf("id bigint not null", "na`me varchar(90)", "raw varbinary(9)", "at timestamp(6)");
const batch = batchOf([
  ["18446744073709551615", 'a "b", c', Buffer.from([0, 255]), "2024-01-01 00:00:00.000001"],
  ["2", null, null, null],
  ["3", "", Buffer.alloc(0), "0000-00-00 00:00:00"],
  ["4", "\\N", Buffer.from("\t"), null],
  ["5", "tab\tline\nöß😀\0end", Buffer.from("x"), null],
]);

function printed(format: keyof typeof rowFormats): string {
  const { head, rows } = rowFormats[format](headerOf(columns));
  return Buffer.concat([head(), rows(batch)]).toString("utf8");
}

test("CSV tells NULL, the empty string and the text \\N apart", () => {
  expect(printed("csv")).toBe(
    [
      "id,na`me,raw,at",
      '18446744073709551615,"a ""b"", c",0x00ff,2024-01-01 00:00:00.000001',
      "2,\\N,\\N,\\N",
      '3,"",0x,0000-00-00 00:00:00',
      '4,"\\N",0x09,\\N',
      '5,"tab\tline\nöß😀\0end",0x78,\\N',
      "",
    ].join("\r\n"),
  );
});

test("TSV is escaped as LOAD DATA reads it", () => {
  expect(printed("tsv")).toBe(
    [
      "id\tna`me\traw\tat",
      '18446744073709551615\ta "b", c\t0x00ff\t2024-01-01 00:00:00.000001',
      "2\t\\N\t\\N\t\\N",
      "3\t\t0x\t0000-00-00 00:00:00",
      "4\t\\\\N\t0x09\t\\N",
      "5\ttab\\tline\\nöß😀\\0end\t0x78\t\\N",
      "",
    ].join("\n"),
  );
});

test("JSON lines keep every digit, and bytes are marked", () => {
  const lines = printed("json").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)[0]).toEqual({
    id: "18446744073709551615",
    "na`me": 'a "b", c',
    raw: { base64: "AP8=" },
    at: "2024-01-01 00:00:00.000001",
  });
  expect(JSON.parse(lines[1] as string)).toEqual({ id: "2", "na`me": null, raw: null, at: null });
  expect(JSON.parse(lines[4] as string)).toMatchObject({ "na`me": "tab\tline\nöß😀\0end" });
});

test("SQL inserts into the target, with literals that any session understands", () => {
  expect(printed("sql")).toBe(
    [
      "SET NAMES utf8mb4;",
      "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO';",
      "INSERT INTO `persons` (`id`, `na``me`, `raw`, `at`) VALUES",
      "(18446744073709551615,'a \"b\", c',x'00ff','2024-01-01 00:00:00.000001+00:00'),",
      "(2,NULL,NULL,NULL),",
      "(3,'',x'','0000-00-00 00:00:00'),",
      "(4,'\\\\N',x'09',NULL),",
      "(5,'tab\tline\\nöß😀\\0end',x'78',NULL);",
      "",
    ].join("\n"),
  );
});

test("a statement stays below what every server takes, and generated columns are left out", () => {
  const [id, name] = columnsOf("id int", "name longtext");
  const twin = { ...id, name: "twin", generated: "stored" } as never;
  const large = batchOf([1, 2, 3].map((n) => [String(n), "1", "x".repeat(300_000)]));
  const statements = rowFormats
    .sql(headerOf([id, twin, name] as never))
    .rows(large)
    .toString("utf8");
  expect(statements.match(/INSERT INTO `persons` \(`id`, `name`\) VALUES/g)).toHaveLength(3);
  expect(statements.match(/;\n/g)).toHaveLength(3);
});

test("text is aligned, cut and safe for a terminal", () => {
  const rows = batchOf([
    ["1", "x".repeat(200), null, null],
    ["22", "\x1b[31mred\u202e", Buffer.from([1]), null],
  ]);
  const out = rowFormats.text(headerOf(columns)).rows(rows).toString("utf8");
  expect(out).toBe(
    [
      `id  na\`me${" ".repeat(57)}raw   at`,
      `--  ${"-".repeat(60)}  ----  ----`,
      ` 1  ${"x".repeat(59)}…  NULL  NULL`,
      `${` 22  `.trimStart() + `\\u{1b}[31mred\\u{202e}`.padEnd(62)}0x01  NULL`,
      "",
    ].join("\n"),
  );
});

test("no format makes anything of no rows but its head", () => {
  const none = batchOf([]);
  for (const format of ["json", "sql", "csv", "tsv"] as const) {
    expect(rowFormats[format](headerOf(columns)).rows(none)).toHaveLength(0);
  }
});
