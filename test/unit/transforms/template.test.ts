import { describe, expect, it } from "vitest";
import { planStep, run } from "./run-step.ts";

describe("template", () => {
  const columns = ["a varchar(20)", "n int", "full varchar(10)"];
  const step = (parameters: object) => planStep("template", { column: "full", ...parameters }, ...columns);

  it("joins texts and values", () => {
    expect(run(step({ template: "{a}-{{{n}}" }), ["é", "7", null])).toEqual([["é", "7", "é-{7}"]]);
  });

  it("makes NULL of a NULL part, or nothing", () => {
    expect(run(step({ template: "{a}{n}" }), ["a", null, "x"])).toEqual([["a", null, null]]);
    expect(run(step({ template: "{a}{n}", nulls: "empty" }), ["a", null, "x"])).toEqual([["a", null, "a"]]);
  });

  it("adds a column, and may read the one it writes", () => {
    const added = planStep("template", { column: "x", type: "char(9)", template: "{n}  " }, ...columns);
    expect(run(added, ["a", "1", "f"])).toEqual([["a", "1", "f", "1"]]);
    expect(run(step({ template: "<{full}>" }), ["a", "1", "f"])).toEqual([["a", "1", "<f>"]]);
  });

  it("refuses what does not fit", () => {
    expect(() => run(step({ template: "{a}{a}" }), ["éééééé", "1", null])).toThrow(
      "12 characters, too many for varchar(10)",
    );
    expect(() => planStep("template", { column: "n", template: "{a}" }, ...columns)).toThrow('Column "n" is int');
    expect(() => step({ template: "{nobody}" })).toThrow('no column "nobody"');
    expect(() => planStep("template", { column: "b", template: "{a}" }, "a int", "b text not null")).toThrow(
      "may be NULL",
    );
  });
});
