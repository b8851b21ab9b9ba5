import { expect, test } from "vitest";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { keyBoundOf, keyLiteral, rangePredicate } from "../../../src/mysql/key-range.ts";

test("one column", () => {
  expect(rangePredicate(["a"], { after: null, upTo: null })).toBeNull();
  expect(rangePredicate(["a"], { after: ["1"], upTo: ["5"] })).toBe("`a` > 1 AND `a` <= 5");
});

test("several columns are spelled out, the first one's range in front", () => {
  expect(rangePredicate(["a", "b"], { after: ["1", "'x'"], upTo: null })).toBe(
    "`a` >= 1 AND (`a` > 1 OR (`a` = 1 AND `b` > 'x'))",
  );
  expect(rangePredicate(["a", "b", "c"], { after: null, upTo: ["1", "2", "3"] })).toBe(
    "`a` <= 1 AND (`a` < 1 OR (`a` = 1 AND (`b` < 2 OR (`b` = 2 AND `c` <= 3))))",
  );
});

test("a bound with another number of values is refused", () => {
  expect(() => rangePredicate(["a", "b"], { after: ["1"], upTo: null })).toThrow(RangeError);
});

test("ENUM and SET bounds are the numbers they are ordered by", () => {
  const size = columnFromType("size", "enum('l','it''s','é')");
  expect(["l", "it's", "é", ""].map((member) => keyLiteral(size, Buffer.from(member)))).toEqual(["1", "2", "3", "0"]);
  const tags = columnFromType("tags", `set(${Array.from({ length: 64 }, (_, i) => `'m${i}'`)})`);
  expect(["", "m0", "m1,m3", "m63"].map((value) => keyLiteral(tags, Buffer.from(value)))).toEqual([
    "0",
    "1",
    "10",
    "9223372036854775808",
  ]);
});

test("a row's key is taken from its bytes, in key order", () => {
  const columns = [columnFromType("a", "int"), columnFromType("b", "varchar(9)"), columnFromType("c", "binary(1)")];
  const row = Buffer.from("xx\x0242\x02it\x01\xffyy", "latin1");
  expect(keyBoundOf(columns, [2, 0], row, 2, row.length - 2)).toEqual(["x'ff'", "42"]);
});
