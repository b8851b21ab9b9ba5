import { describe, expect, it } from "vitest";
import { planStep, through } from "./run-step.ts";

describe("enumRepair", () => {
  it("replaces the error value", () => {
    expect(through("enumRepair", { to: "b" }, "enum('a','b')", "", "a", null)).toEqual(["b", "a", null]);
    expect(through("enumRepair", {}, "enum('a','b')", "")).toEqual([null]);
    expect(() => planStep("enumRepair", { column: "c" }, "c enum('a','')")).toThrow("is a member");
  });
});
