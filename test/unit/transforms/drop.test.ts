import { describe, expect, it } from "vitest";
import { namesOf, planStep, run } from "./run-step.ts";

describe("drop", () => {
  it("leaves columns out and the others as they are", () => {
    const plan = planStep("drop", { columns: ["a", "C"] }, "id int", "a text", "b text", "c text");
    expect([namesOf(plan.columns), plan.class, plan.sources]).toEqual([["id", "b"], "identity", [0, 2]]);
    expect(run(plan, ["1", "x", null, "y"], ["2", null, "long".repeat(100), ""])).toEqual([
      ["1", null],
      ["2", "long".repeat(100)],
    ]);
  });

  it("refuses an empty list and the last column", () => {
    expect(() => planStep("drop", { columns: [] }, "a int")).toThrow("drop.columns: Expected a list of column names");
    expect(() => planStep("drop", { columns: ["a"] }, "a int")).toThrow("drop would leave no column");
  });
});
