import fc from "fast-check";
import { expect, test } from "vitest";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { cellLiteral, isLiteral } from "../../../src/mysql/literal.ts";

test.each([
  ["int", "-5", "-5"],
  ["bigint unsigned", "18446744073709551615", "18446744073709551615"],
  ["int zerofill", "00042", "00042"],
  ["decimal(65,30)", "-0.10", "-0.10"],
  ["double", "1.7976931348623157e308", "1.7976931348623157e308"],
  ["double", "-0", "'-0'"],
  ["int", "1 OR 1=1", "'1 OR 1=1'"],
  ["year", "0000", "0000"],
  ["bit(8)", "A", "x'41'"],
  ["binary(2)", "\0'", "x'0027'"],
  ["blob", "", "x''"],
  ["varchar(9)", "it's", "'it''s'"],
  ["enum('a')", "", "''"],
  ["set('a','b')", "a,b", "'a,b'"],
  ["json", '{"a": "\\\\"}', `'{"a": "\\\\\\\\"}'`],
  ["date", "0000-00-00", "'0000-00-00'"],
  ["time(3)", "-838:59:59.000", "'-838:59:59.000'"],
  ["datetime", "2024-01-02 03:04:05", "'2024-01-02 03:04:05'"],
  ["timestamp", "2024-01-02 03:04:05", "'2024-01-02 03:04:05+00:00'"],
  ["timestamp(6)", "2024-01-02 03:04:05.000001", "'2024-01-02 03:04:05.000001+00:00'"],
  ["timestamp(3)", "0000-00-00 00:00:00.000", "'0000-00-00 00:00:00.000'"],
  ["timestamp", "no time'", "'no time'''"],
])("%s %o becomes %s", (type, value, literal) => {
  expect(cellLiteral(columnFromType("c", type), Buffer.from(value))).toBe(literal);
});

test("NULL, and text that is no UTF-8", () => {
  expect(cellLiteral(columnFromType("c", "int"), null)).toBe("NULL");
  expect(cellLiteral(columnFromType("c", "text"), Buffer.from([0x61, 0xff]))).toBe("_utf8mb4 x'61ff'");
  expect(cellLiteral(columnFromType("c", "text"), Buffer.from("\ufeffa"))).toBe("'\ufeffa'");
});

test.each([
  "NULL",
  "0",
  "-5",
  "1.50",
  "-1.5e-7",
  "1E5",
  "x''",
  "x'00ff'",
  "_utf8mb4 x'ff'",
  "''",
  "'it''s'",
  "'\\0\\n\\r\\Z\\\\'",
  "'漢 \t\"`'",
])("%s is a literal", (text) => {
  expect(isLiteral(text)).toBe(true);
});

test.each([
  ...[
    "",
    " 1",
    "1 ",
    "1 OR 1=1",
    "1;",
    "a",
    "null",
    "--1",
    "1e",
    ".5",
    "0x1f",
    "x'0'",
    "x'0g'",
    "x'00' OR 1",
    "X'00'",
    "@a",
    "(1)",
    "1, 2",
  ],
  ...[
    "'",
    "'''",
    "'a'b'",
    "'\\'",
    "'\\' OR 1=1 -- '",
    "'a' OR 'b'",
    "'\n'",
    "'\0'",
    '"a"',
    "`a`",
    "'a' /* */",
    "sleep(1)",
    "1\n",
  ],
  `'${"a".repeat(70_000)}'`,
])("%j is none", (text) => {
  expect(isLiteral(text)).toBe(false);
});

test("what is written as a literal is taken for one, whatever it holds", { timeout: 60_000 }, () => {
  const types = fc.constantFrom(
    "int",
    "decimal(9,2)",
    "double",
    "varchar(9)",
    "varbinary(9)",
    "bit(9)",
    "timestamp",
    "time",
    "year",
    "json",
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.string({ unit: "binary", maxLength: 30 }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(types, bytes, (type, value) => {
      expect(isLiteral(cellLiteral(columnFromType("c", type), value))).toBe(true);
    }),
    { numRuns: 500 },
  );
});
