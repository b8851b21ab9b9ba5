import { describe, expect, it } from "vitest";
import { planStep, through } from "./run-step.ts";

describe("cast", () => {
  it.each([
    ["int", "varchar(5)", "-7", "-7"],
    ["varchar(9)", "char(5)", "a  ", "a"],
    ["int", "decimal(6,2)", "7", "7.00"],
    ["decimal(6,2)", "int", "7.00", "7"],
    ["date", "datetime(1)", "2024-01-02", "2024-01-02 00:00:00.0"],
    ["datetime", "date", "2024-01-02 03:04:05", "2024-01-02"],
    ["varchar(9)", "int", " 42 ", "42"],
    ["varchar(9)", "decimal(5,2)", "-.5", "-0.50"],
    ["varchar(10)", "date", "2024-02-29", "2024-02-29"],
    ["text", "datetime(1)", "2024-02-29", "2024-02-29 00:00:00.0"],
  ])("%s to %s: %s", (from, type, value, expected) => {
    expect(through("cast", { type }, from, value, null)).toEqual([expected, null]);
  });

  it.each([
    ["int", "tinyint", "128"],
    ["int", "varchar(2)", "123"],
    ["decimal(6,2)", "int", "7.01"],
    ["varchar(9)", "int", "x"],
    ["varchar(9)", "int", ""],
    ["varchar(10)", "date", "2023-02-29"],
    ["text", "varchar(5) character set ascii", "é"],
  ])("%s to %s fails on %s", (from, type, value) => {
    expect(() => through("cast", { type }, from, value)).toThrow("failed on a row");
  });

  it("says which ways have no twin or are none", () => {
    expect(planStep("cast", { column: "c", type: "int" }, "c text").class).toBe("js-only");
    expect(planStep("cast", { column: "c", type: "bigint" }, "c int").class).toBe("sql-twin");
    expect(() => planStep("cast", { column: "c", type: "int" }, "c json")).toThrow("no exact way");
    expect(() => planStep("cast", { column: "c", type: "int not null" }, "c bigint")).toThrow("may be NULL");
  });
});
