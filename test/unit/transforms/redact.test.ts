import { describe, expect, it } from "vitest";
import { planStep, through } from "./run-step.ts";

describe("redact", () => {
  it("puts one value in place of all but NULL", () => {
    expect(through("redact", { value: "x" }, "varchar(5)", "abc", "", null)).toEqual(["x", "x", null]);
  });

  it.each([
    ["varchar(3)", "red"],
    ["text", "redacted"],
    ["decimal(5,2)", "0.00"],
    ["double", "0"],
    ["date", "1970-01-02"],
    ["datetime(2)", "1970-01-02 00:00:00.00"],
    ["json", "{}"],
    ["blob", ""],
  ])("has a stand-in for %s", (type, expected) => {
    expect(through("redact", {}, type, "whatever")).toEqual([expected]);
  });

  it("asks for one where there is none", () => {
    expect(() => planStep("redact", { column: "c" }, "c enum('a')")).toThrow("no customary stand-in");
  });
});
