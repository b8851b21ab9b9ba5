import { describe, expect, test } from "vitest";
import { jsonTableStatement, jsonTableStrategy } from "../../../src/load/json-table.ts";
import { valuesStrategy } from "../../../src/load/values.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { batchOf } from "../../support/rows.ts";

const columns = [
  columnFromType("id", "bigint not null"),
  { ...columnFromType("g", "int"), generated: "stored" as const },
  columnFromType("te`xt", "varchar(20)"),
  columnFromType("b", "blob"),
  columnFromType("f", "bit(16)"),
  columnFromType("ts", "timestamp"),
];
const table = { name: "od`d", columns, key: { index: "PRIMARY", columns: ["id"] } };
const text = (value: string): Buffer => Buffer.from(value);
const rows = batchOf([
  [
    text("-5"),
    text("1"),
    text("a'b\\c\0\n\"é"),
    Buffer.from([0, 255, 39]),
    Buffer.from([1, 2]),
    text("2024-01-02 03:04:05"),
  ],
  [text("1;DROP"), null, null, Buffer.alloc(0), null, text("0000-00-00 00:00:00")],
]);

describe("INSERT … VALUES", () => {
  test("quotes what is text, gives bytes as hex, and trusts no number", () => {
    expect(valuesStrategy(table).encode(rows).toString()).toBe(
      "INSERT INTO `od``d` (`id`, `te``xt`, `b`, `f`, `ts`) VALUES " +
        "(-5,'a\\'b\\\\c\\0\n\"é',x'00ff27',x'0102','2024-01-02 03:04:05+00:00')," +
        "('1;DROP',NULL,x'',NULL,'0000-00-00 00:00:00')",
    );
  });
});

describe("INSERT … SELECT … JSON_TABLE(?)", () => {
  test("is one statement whatever the rows, and every column fails loudly", () => {
    const statement = jsonTableStatement(table);
    expect(statement).toMatch(
      /^INSERT INTO `od``d` \(`id`, `te``xt`, `b`, `f`, `ts`\) SELECT j\.c0, j\.c1, FROM_BASE64\(j\.c2\), CAST\(j\.c3 AS UNSIGNED\), j\.c4 FROM/,
    );
    expect(statement.match(/ERROR ON EMPTY ERROR ON ERROR/g)).toHaveLength(5);
  });

  test("its parameter is JSON text of strings", () => {
    const encoded = jsonTableStrategy(table).encode(rows).toString();
    expect(JSON.parse(encoded)).toEqual([
      ["-5", "a'b\\c\0\n\"é", "AP8n", "258", "2024-01-02 03:04:05+00:00"],
      ["1;DROP", null, "", null, "0000-00-00 00:00:00"],
    ]);
  });
});

test.each([valuesStrategy(table), jsonTableStrategy(table)])(
  "$name: its size is told without writing it",
  (strategy) => {
    for (const some of [rows, batchOf([])]) expect(strategy.sizeOf(some)).toBe(strategy.encode(some).length);
  },
);
