import { describe, expect, it } from "vitest";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { constantOf } from "../../../transforms/constants/constant.ts";
import { namesOf, planStep, run } from "./run-step.ts";

describe("set", () => {
  it("adds a column at the end", () => {
    const plan = planStep("set", { column: "tenant_id", type: "int not null", value: 7 }, "id int");
    expect([namesOf(plan.columns), plan.columns[1]?.nullable, plan.class]).toEqual([
      ["id", "tenant_id"],
      false,
      "sql-twin",
    ]);
    expect(run(plan, ["1"], [null])).toEqual([
      ["1", "7"],
      [null, "7"],
    ]);
    expect(plan.twins).toEqual(new Map([[1, "7"]]));
  });

  it("overwrites a column, in its own type or another", () => {
    const own = planStep("set", { column: "A", value: 7 }, "a decimal(5,2)", "b int");
    expect(run(own, ["1.00", "2"])).toEqual([["7.00", "2"]]);
    expect(own.sources).toEqual([null, 1]);
    const other = planStep("set", { column: "a", type: "varchar(3)", value: "abc" }, "a decimal(5,2)", "b int");
    expect([other.columns[0]?.type, run(other, ["1.00", null])]).toEqual(["varchar(3)", [["abc", null]]]);
  });

  it("sets NULL where that is allowed", () => {
    expect(run(planStep("set", { column: "a", value: null }, "a int"), ["1"])).toEqual([[null]]);
    expect(() => planStep("set", { column: "a", value: null }, "a int not null")).toThrow("the column is NOT NULL");
  });

  it.each<[string, unknown]>([
    ["tinyint", 128],
    ["tinyint unsigned", -1],
    ["int", "12x"],
    ["int", 1.5],
    ["int zerofill", 1],
    ["bigint unsigned", "18446744073709551616"],
    ["decimal(5,2)", "1000"],
    ["decimal(5,2)", "0.001"],
    ["decimal(5,2) unsigned", "-1"],
    ["decimal(5,2)", ""],
    ["decimal(5,2)", "."],
    ["double", "1e300"],
    ["double", "NaN"],
    ["double", "-0"],
    ["varchar(3)", "four"],
    ["tinytext", "ü".repeat(128)],
    ["char(5)", "a "],
    ["varchar(3) character set ascii", "é"],
    ["enum('a','b')", "c"],
    ["set('a','b')", "a,c"],
    ["binary(2)", "0x001122"],
    ["point", "POINT(1 2)"],
    ["bit(3)", 8],
    ["date", "2023-02-29"],
    ["date", "0000-00-00"],
    ["datetime", "2024-01-01 24:00:00"],
    ["datetime(2)", "2024-01-01 00:00:00.123"],
    ["time", "839:00:00"],
    ["year", 1900],
    ["json", "{"],
    ["json", "[12345678901234567890]"],
    ["json", [-0]],
    ["varchar(9)", { a: 1 }],
  ])("refuses what %s cannot hold exactly: %j", (type, value) => {
    expect(() => constantOf("t", columnFromType("c", type), value)).toThrow(
      /Table "t": the value for column "c" cannot be set/,
    );
  });
});
