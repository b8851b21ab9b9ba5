import { describe, expect, it } from "vitest";
import { planStep, run } from "./run-step.ts";

describe("filter", () => {
  it("keeps rows for which the condition holds", () => {
    const plan = planStep("filter", { where: { a: { ge: 2 }, b: "x" } }, "a int", "b varchar(5)");
    expect(run(plan, ["1", "x"], ["2", "x"], ["3", "y"], [null, "x"])).toEqual([["2", "x"]]);
    expect([plan.class, plan.filter]).toEqual(["js-only", null]);
  });

  it("has a form for VReplication's source with integers and NULL", () => {
    const where = { a: { gt: 1, in: [2, 3], notIn: [4, 5] }, b: null };
    const plan = planStep("filter", { where }, "a int", "b varchar(5)");
    expect([plan.class, plan.filter]).toEqual([
      "sql-twin",
      "`a` IN (2, 3) AND `a` <> 4 AND `a` <> 5 AND `a` > 1 AND `b` IS NULL",
    ]);
  });

  it.each([{ where: [{ a: 1 }, { a: 2 }] }, { where: { b: { contains: "x" } } }])("has none for %j", (parameters) => {
    expect(planStep("filter", parameters, "a int", "b varchar(5)").class).toBe("js-only");
  });
});
