import { describe, expect, test } from "vitest";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import { columnFromType, membersOf, parseColumnType } from "../../../src/mysql/column-type.ts";

describe("parseColumnType", () => {
  test.each([
    ["tinyint(1)", "integer", false, null, null, "tinyint"],
    ["int unsigned", "integer", true, null, null, "int"],
    ["INTEGER", "integer", false, null, null, "int"],
    ["int(8) unsigned zerofill", "integer", true, null, null, "int"],
    ["int zerofill", "integer", true, null, null, "int"],
    ["bool not null", "integer", false, null, null, "tinyint"],
    ["decimal(65,30) not null", "decimal", false, null, null, "decimal"],
    ["numeric(5, 2)", "decimal", false, null, null, "decimal"],
    ["float", "float", false, null, null, "float"],
    ["float(24)", "float", false, null, null, "float"],
    ["float(53)", "double", false, null, null, "double"],
    ["float(30,5)", "float", false, null, null, "float"],
    ["double precision", "double", false, null, null, "double"],
    ["bit(12)", "bit", false, 12, null, "bit"],
    ["bit", "bit", false, 1, null, "bit"],
    ["char", "text", false, 1, null, "char"],
    ["varchar(190) character set latin1", "text", false, 190, null, "varchar"],
    ["character varying(7)", "text", false, 7, null, "varchar"],
    ["tinytext", "text", false, 255, null, "tinytext"],
    ["longtext", "text", false, 4_294_967_295, null, "longtext"],
    ["binary(16)", "binary", false, 16, null, "binary"],
    ["varbinary(300)", "binary", false, 300, null, "varbinary"],
    ["blob", "binary", false, 65_535, null, "blob"],
    ["enum('a','unsigned (x)')", "enum", false, null, null, "enum"],
    ["set('a','b')", "set", false, null, null, "set"],
    ["json", "json", false, null, null, "json"],
    ["date", "date", false, null, null, "date"],
    ["time", "time", false, null, 0, "time"],
    ["datetime(6)", "datetime", false, null, 6, "datetime"],
    ["timestamp(3) null default null", "timestamp", false, null, 3, "timestamp"],
    ["year(4)", "year", false, null, null, "year"],
    ["point srid 4326", "geometry", false, null, null, "point"],
    ["geometrycollection", "geometry", false, null, null, "geomcollection"],
    ["vector(3)", "vector", false, null, null, "vector"],
  ])("%s", (type, kind, unsigned, length, fsp, dataType) => {
    expect(parseColumnType(type)).toEqual({ kind, unsigned, length, fsp, dataType });
  });

  test.each(["uuid", "", "varchar2(3)", "no type", "constructor", 'enum("a")', "enum('a)"])(
    "refuses %o by name",
    (type) => {
      expect(() => parseColumnType(type)).toThrow(VtpipeError);
      expect(() => parseColumnType(type)).toThrow(`"${type}"`);
    },
  );
});

test("membersOf undoes every way of quoting", () => {
  expect(membersOf("enum('a','b''c','é,x')")).toEqual(["a", "b'c", "é,x"]);
  expect(membersOf(String.raw`set('a\\b','q\'q','','n\nn')`)).toEqual(["a\\b", "q'q", "", "n\nn"]);
  expect(membersOf("int")).toEqual([]);
});

describe("columnFromType", () => {
  test("takes what the text says", () => {
    expect(columnFromType("Näme", "varchar(20) character set latin1 collate latin1_bin not null invisible")).toEqual({
      name: "Näme",
      type: "varchar(20)",
      kind: "text",
      nullable: false,
      unsigned: false,
      charset: "latin1",
      collation: "latin1_bin",
      length: 20,
      fsp: null,
      generated: null,
      invisible: true,
      autoIncrement: false,
    });
    expect(columnFromType("id", "BIGINT(20) UNSIGNED NOT NULL AUTO_INCREMENT")).toMatchObject({
      type: "bigint(20) unsigned",
      unsigned: true,
      autoIncrement: true,
      charset: null,
      collation: null,
    });
  });

  test("text is utf8mb4 unless it says otherwise", () => {
    expect(columnFromType("a", "text")).toMatchObject({
      charset: "utf8mb4",
      collation: "utf8mb4_0900_ai_ci",
      nullable: true,
    });
    expect(columnFromType("a", "text collate utf16_bin")).toMatchObject({ charset: "utf16", collation: "utf16_bin" });
    expect(columnFromType("a", "text charset gbk")).toMatchObject({ charset: "gbk", collation: null });
  });
});
