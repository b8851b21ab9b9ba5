import { expect, test } from "vitest";
import type { TableSchema } from "../../../src/contracts/schema.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { tagsIn } from "../../../src/mysql/gtid-set.ts";
import { chooseChunkKey, keyObstacle } from "../../../src/source/chunk-key.ts";
import { checkLossyCharsets } from "../../../src/source/preflight/lossy-charsets.ts";
import { unknownTables } from "../../../src/source/preflight/unknown-tables.ts";
import { positionOf } from "../../../src/source/source-position.ts";
import { fingerprintOf } from "../../../src/source/table-fingerprint.ts";

test("a rule for a table that is not there names the nearest one that is", () => {
  const findings = unknownTables(["peopel", "orders", "nothing_like_it"], ["people", "orders"]);
  expect(findings.map(({ severity, code, table }) => [severity, code, table])).toEqual([
    ["refusal", "unknown-table", "peopel"],
    ["refusal", "unknown-table", "nothing_like_it"],
  ]);
  expect(findings[0]?.todo).toContain("Did you mean people?");
  expect(findings[1]?.todo).not.toContain("Did you mean");
});

test("tags of GTID sets are found among intervals", () => {
  expect(tagsIn("3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5:9,\n11111111-71ca-11e1-9e33-c80aa9429562:1")).toEqual([]);
  expect(
    tagsIn("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:audit:1-2:b_2:7,\n1111fa47-71ca-11e1-9e33-c80aa9429562:audit:1"),
  ).toEqual(["audit", "b_2"]);
});

test("only gtid_mode ON gives a position, without line breaks", () => {
  expect(positionOf("ON", "a:1-5,\nb:1")).toBe("MySQL56/a:1-5,b:1");
  expect(positionOf("ON_PERMISSIVE", "a:1-5")).toBeNull();
});

test("a definition's fingerprint leaves the auto_increment counter out, and only that", () => {
  const at = (counter: string, comment: string) =>
    fingerprintOf(
      `CREATE TABLE \`t\` (\n  \`id\` int COMMENT '${comment}'\n) ENGINE=InnoDB${counter} DEFAULT CHARSET=utf8mb4`,
    );
  expect(at(" AUTO_INCREMENT=5", "a")).toBe(at("", "a"));
  expect(at("", ") ENGINE=InnoDB AUTO_INCREMENT=5")).not.toBe(at("", ") ENGINE=InnoDB AUTO_INCREMENT=6"));
});

const plain = { visible: true, mixedOrder: false };
const columns = [
  columnFromType("id", "bigint not null"),
  columnFromType("name", "varchar(190) not null"),
  columnFromType("day", "date not null"),
  columnFromType("kind", "enum('a') not null"),
  columnFromType("sjis", "varchar(5) character set sjis not null"),
];

test.each([
  [
    "the primary key before any other",
    [
      { index: "d", columns: ["day"] },
      { index: "PRIMARY", columns: ["name"] },
    ],
    "PRIMARY",
  ],
  [
    "the narrowest of the others",
    [
      { index: "n", columns: ["name"] },
      { index: "i", columns: ["id"] },
      { index: "z", columns: ["day"] },
    ],
    "z",
  ],
  [
    "one column before two",
    [
      { index: "two", columns: ["day", "id"] },
      { index: "one", columns: ["name"] },
    ],
    "one",
  ],
  [
    "by name among equals",
    [
      { index: "y", columns: ["id"] },
      { index: "x", columns: ["id"] },
    ],
    "x",
  ],
  [
    "another when the primary key has an enum",
    [
      { index: "PRIMARY", columns: ["id", "kind"] },
      { index: "n", columns: ["name"] },
    ],
    "n",
  ],
  ["none over characters that may coincide", [{ index: "PRIMARY", columns: ["sjis"] }], undefined],
])("the chunk key is %s", (_, keys, chosen) => {
  expect(
    chooseChunkKey(
      columns,
      keys.map((key) => ({ ...key, ...plain })),
    )?.index,
  ).toBe(chosen);
});

test("an index the optimizer ignores or that mixes directions is no chunk key", () => {
  const key = { index: "PRIMARY", columns: ["id", "day"], ...plain };
  expect(chooseChunkKey(columns, [{ ...key, visible: false }])).toBeNull();
  expect(chooseChunkKey(columns, [{ ...key, mixedOrder: true }])).toBeNull();
  expect(keyObstacle(columnFromType("k", "set('a','b') not null"))).toContain("k is set");
});

test("columns whose character set may lose bytes are warned of, others are not", async () => {
  const columns = [
    columnFromType("a", "varchar(9) character set cp932"),
    columnFromType("b", "varchar(9) character set latin1"),
    columnFromType("c", "varbinary(9)"),
  ];
  const table = { name: "t", columns } as unknown as TableSchema;
  const findings = await checkLossyCharsets({ session: null as never, database: "d", tables: [table] });
  expect(findings.map(({ severity, code, column }) => [severity, code, column])).toEqual([
    ["warning", "lossy-charset", "a"],
  ]);
});
