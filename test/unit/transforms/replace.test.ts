import { describe, expect, it } from "vitest";
import { planStep, run, through } from "./run-step.ts";

describe("replace", () => {
  it("replaces every place, literally", () => {
    expect(through("replace", { find: "a.", with: "$&" }, "text", "a.b a.aa.", null)).toEqual(["$&b $&a$&", null]);
    expect(through("replace", { find: "x" }, "text", "axxb")).toEqual(["ab"]);
  });

  it("replaces by a pattern, with groups", () => {
    const plan = planStep("replace", { column: "c", pattern: "(\\d+)-(.)", with: "$2$1" }, "c text");
    expect([plan.class, run(plan, ["12-😀 3-x"])]).toEqual(["js-only", [["😀12 x3"]]]);
  });

  it("wants one of the two, and a pattern that is one", () => {
    expect(() => through("replace", {}, "text")).toThrow("Either");
    expect(() => through("replace", { pattern: "(" }, "text")).toThrow("no regular expression");
    expect(() => through("replace", { find: "a", with: "bbb" }, "varchar(2)", "a")).toThrow("too many for varchar(2)");
  });
});
