import { expect, test } from "vitest";
import { columnLoss } from "../../../src/load/column-loss.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";

test.each([
  ["int", "int", null],
  ["int", "bigint", null],
  ["int unsigned", "bigint", null],
  ["int unsigned", "int", "loud"],
  ["bigint", "int", "loud"],
  ["int", "int unsigned", "loud"],
  ["bigint unsigned", "decimal(20,0)", null],
  ["bigint", "decimal(10,0)", "silent"],
  ["decimal(10,2)", "decimal(12,2)", null],
  ["decimal(10,2)", "decimal(10,1)", "silent"],
  ["decimal(10,2)", "decimal(9,2)", "loud"],
  ["float", "double", null],
  ["double", "float", "silent"],
  ["varchar(10)", "varchar(20)", null],
  ["varchar(20)", "varchar(10)", "loud"],
  ["varchar(20)", "text", null],
  ["varbinary(5)", "binary(5)", "silent"],
  ["binary(5)", "binary(6)", "silent"],
  ["binary(5)", "varbinary(5)", null],
  ["blob", "tinyblob", "loud"],
  ["bit(8)", "bit(7)", "loud"],
  ["enum('a','b')", "enum('b','a','c')", null],
  ["enum('a','b')", "enum('a')", "loud"],
  ["enum('a')", "varchar(10)", null],
  ["datetime(6)", "datetime(3)", "silent"],
  ["datetime(3)", "datetime(6)", null],
  ["datetime", "timestamp", "silent"],
  ["timestamp", "datetime", "silent"],
  ["json", "longtext", null],
  ["varchar(10)", "int", "silent"],
] as const)("%s into %s: %s", (from, to, how) => {
  expect(columnLoss(columnFromType("c", from), columnFromType("c", to))?.how ?? null).toBe(how);
});

test.each([
  ["decimal(10,0)", "all digits behind the point are rounded away"],
  ["decimal(10,1)", "only 1 digit behind the point stays, further ones are rounded away"],
  ["decimal(10,2)", "only 2 digits behind the point stay, further ones are rounded away"],
])("decimal(10,3) into %s: %s", (to, what) => {
  expect(columnLoss(columnFromType("c", "decimal(10,3)"), columnFromType("c", to))?.what).toBe(what);
});
