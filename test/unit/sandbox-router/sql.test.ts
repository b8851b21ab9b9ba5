import { describe, expect, test } from "vitest";
import { fixedValues } from "../../../src/sandbox/router/plan/narrow.ts";
import { decodeString, literalInput } from "../../../src/sandbox/router/sql/literals.ts";
import { stripKeyspace } from "../../../src/sandbox/router/sql/qualifier.ts";
import { readSet } from "../../../src/sandbox/router/sql/set.ts";
import { parseTarget } from "../../../src/sandbox/router/sql/target.ts";
import { tokensOf } from "../../../src/sandbox/router/sql/tokens.ts";

const read = (sql: string): string[] => tokensOf(sql).map(({ kind, value }) => `${kind}:${value}`);

describe("tokens", () => {
  test.each([
    ["select 'a''b', \"c\\\"d\"", ["word:SELECT", "string:'a''b'", "operator:,", 'string:"c\\"d"']],
    ["`a``b`.`c`", ["name:a`b", "operator:.", "name:c"]],
    ["'\\\\' 'x'", ["string:'\\\\'", "string:'x'"]],
    ["1 1.5 .5 1e3 -1", ["number:1", "number:1.5", "number:.5", "number:1e3", "operator:-", "number:1"]],
    [
      "1a t.1 0x0F x'0f' 0b1 b'1' 0xZ",
      ["word:1A", "word:T", "operator:.", "number:1", "hex:0x0F", "hex:x'0f'", "bit:0b1", "bit:b'1'", "word:0XZ"],
    ],
    [
      "@a @@global.b @'c d' a:=1",
      ["variable:@a", "variable:@@global.b", "variable:@'c d'", "word:A", "operator::=", "number:1"],
    ],
    ["a -- b\nc # d\n/* e */ f /*+ g */--h", ["word:A", "word:C", "word:F", "operator:-", "operator:-", "word:H"]],
    ["a /*!40000 b */ c", ["word:A", "executable:/*!40000 b */", "word:C"]],
    ["'open", ["bad:'open"]],
    ["a /* open", ["word:A", "bad:/* open"]],
    ["a<=>b<>c", ["word:A", "operator:<=>", "word:B", "operator:<>", "word:C"]],
    ["", []],
  ])("%s", (sql, expected) => expect(read(sql)).toEqual(expected));

  test("bytes past ASCII belong to words and never end a literal", () => {
    const sql = Buffer.from("SELECT 'é😀' AS größe", "utf8").toString("latin1");
    expect(read(sql)[1]).toBe(`string:${Buffer.from("'é😀'").toString("latin1")}`);
    expect(tokensOf(sql)).toHaveLength(4);
  });
});

describe("literals", () => {
  test.each([
    ["'a''b'", "a'b"],
    ['"a""b\'\'c"', "a\"b''c"],
    ["'\\n\\0\\Z\\\\\\'\\%\\_\\q'", "\n\0\x1a\\'\\%\\_q"],
    ["'\\\\''x'", "\\'x"],
  ])("%s", (raw, expected) => expect(decodeString(raw)).toBe(expected));

  test("only literals whose vindex value is certain are taken", () => {
    expect(literalInput("number", "5", true)?.bytes.toString()).toBe("-5");
    expect(literalInput("number", "0", true)?.bytes.toString()).toBe("0");
    for (const raw of ["007", "1.0", "1e3"]) expect(literalInput("number", raw, false)).toBeNull();
    expect(literalInput("hex", "0x0f1", false)).toBeNull();
    expect(literalInput("hex", "x'0F'", false)?.bytes).toEqual(Buffer.from([15]));
    expect(literalInput("word", "null", false)?.kind).toBe("null");
    expect(literalInput("word", "TRUE", false)).toBeNull();
  });
});

describe("what a WHERE clause fixes", () => {
  const fixed = (sql: string): string[] | null =>
    fixedValues(sql, tokensOf(sql), "id")?.map(({ bytes }) => bytes.toString()) ?? null;
  test.each([
    ["id = 5", ["5"]],
    ["t.`ID` = 'x' and v > 2", ["x"]],
    ["v = 1 AND id IN (1, -2, 'three')", ["1", "-2", "three"]],
    ["id = 5 OR v = 1", null],
    ["(id = 5)", null],
    ["NOT id = 5", null],
    ["v BETWEEN 1 AND id = 5", null],
    ["id = 5 + 1", null],
    ["id = v", null],
    ["id = 1.5", null],
    ["id IN (1, v)", null],
    ["id IN (1) IS NULL", null],
    ["id = NULL", null],
    ["id <=> 5", null],
    ["id > 5", null],
    ["5 = id", null],
    ["", null],
  ])("%s", (sql, expected) => expect(fixed(sql)).toEqual(expected));
});

test("the keyspace's name goes where a table must follow, and nowhere else", () => {
  const strip = (sql: string): string => stripKeyspace(sql, tokensOf(sql), "ks");
  expect(strip("INSERT INTO ks.t (a) VALUES ('ks.t')")).toBe("INSERT INTO t (a) VALUES ('ks.t')");
  expect(strip("SELECT `ks`.`t`.a, ks.a FROM `ks`.`t` AS ks")).toBe("SELECT `t`.a, ks.a FROM `t` AS ks");
  expect(strip("UPDATE other.t SET a = 1")).toBe("UPDATE other.t SET a = 1");
});

test("targets", () => {
  const shard = (text: string): string | null => parseTarget(text, "ks").shard;
  expect(["ks", "ks@primary", "ks:-80", "ks/80-@PRIMARY", "ks:0@primary"].map(shard)).toEqual([
    null,
    null,
    "-80",
    "80-",
    "0",
  ]);
  for (const text of ["ks:-80@replica", "ks:-80@primary|zone1-100", "ks[-80]", "ks[80]@primary", "ks@"]) {
    expect(() => shard(text), text).toThrow(/not supported/);
  }
  expect(() => shard("other:-80")).toThrow("VT05003: unknown database 'other' in vschema");
});

test("SET is read item by item", () => {
  const items = (sql: string): string[] =>
    readSet(sql, tokensOf(sql)).map(({ kind, name, value }) => `${kind} ${name} ${value}`);
  expect(items("SET NAMES 'utf8mb4' COLLATE x, @@session.a = 1+1, LOCAL b := 'x,y', @c = @@d;")).toEqual([
    "names names utf8mb4",
    "system a 1+1",
    "system b 'x,y'",
    "user @c @@d",
  ]);
  expect(items("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")).toEqual([
    "system transaction_isolation 'READ-COMMITTED'",
  ]);
  for (const sql of [
    "SET GLOBAL a = 1",
    "SET @@global.a = 1",
    "SET PERSIST a = 1",
    "SET PASSWORD = 'x'",
    "SET a",
    "SET TRANSACTION READ ONLY",
  ]) {
    expect(() => items(sql), sql).toThrow(/not supported/);
  }
});
