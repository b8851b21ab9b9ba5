import { describe, expect, it } from "vitest";
import { planStep, through } from "./run-step.ts";

describe("case", () => {
  it("changes A to Z only, or every letter", () => {
    expect(through("case", { to: "upper" }, "text", "aZé😀", null)).toEqual(["AZé😀", null]);
    expect(through("case", { to: "lower" }, "text", "aZÉ@[")).toEqual(["azÉ@["]);
    expect(through("case", { to: "upper", letters: "all" }, "text", "straße é")).toEqual(["STRASSE É"]);
  });

  it("has a twin for ASCII, refuses what grows too long and what is no text", () => {
    expect(planStep("case", { column: "c", to: "upper" }, "c text").class).toBe("sql-twin");
    expect(planStep("case", { column: "c", to: "upper", letters: "all" }, "c text").class).toBe("js-only");
    expect(() => through("case", { to: "upper", letters: "all" }, "varchar(2)", "ßß")).toThrow("too many");
    expect(() => planStep("case", { column: "c", to: "upper" }, "c int")).toThrow("which this transform does not take");
  });
});
