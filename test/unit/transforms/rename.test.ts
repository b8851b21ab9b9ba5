import { describe, expect, it } from "vitest";
import { namesOf, planStep, run } from "./run-step.ts";

describe("rename", () => {
  it("changes the name and no byte", () => {
    const plan = planStep("rename", { column: "A", to: "b" }, "id int", "a text");
    expect([namesOf(plan.columns), plan.class, plan.sources]).toEqual([["id", "b"], "identity", [0, 1]]);
    expect(run(plan, ["1", null], ["2", ""])).toEqual([
      ["1", null],
      ["2", ""],
    ]);
  });

  it("may change only the case of a name", () => {
    expect(namesOf(planStep("rename", { column: "a", to: "A" }, "a int").columns)).toEqual(["A"]);
  });

  it("refuses a taken and an overlong name", () => {
    expect(() => planStep("rename", { column: "a", to: "B" }, "a int", "b int")).toThrow(
      'because there is a column "b"',
    );
    expect(() => planStep("rename", { column: "a", to: "x".repeat(65) }, "a int")).toThrow("rename.to: ");
  });
});
