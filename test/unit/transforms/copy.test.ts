import { describe, expect, it } from "vitest";
import { planStep, run } from "./run-step.ts";

describe("copy", () => {
  it("adds a column of the same type at the end", () => {
    const plan = planStep("copy", { column: "a", to: "b" }, "a varchar(9) character set latin1", "id int");
    expect(plan.columns[2]).toMatchObject({ name: "b", type: "varchar(9)", charset: "latin1" });
    expect(run(plan, ["x", "1"], [null, "2"])).toEqual([
      ["x", "1", "x"],
      [null, "2", null],
    ]);
    expect(plan.sources).toEqual([0, 1, null]);
    expect(() => planStep("copy", { column: "a", to: "A" }, "a int")).toThrow("already");
  });
});
