import { describe, expect, it } from "vitest";
import { through } from "./run-step.ts";

describe("round", () => {
  it("rounds halves away from zero", () => {
    expect(through("round", { places: 1 }, "decimal(6,2)", "1.25", "-1.25", "1.24", "-0.04", null)).toEqual([
      "1.30",
      "-1.30",
      "1.20",
      "0.00",
      null,
    ]);
    expect(through("round", { places: -2 }, "int", "150", "149", "-150")).toEqual(["200", "100", "-200"]);
    expect(through("round", { places: 9 }, "decimal(6,2)", "1.25")).toEqual(["1.25"]);
  });

  it("stops at the type's range", () => {
    expect(() => through("round", {}, "decimal(3,1)", "99.9")).toThrow("out of the range");
    expect(() => through("round", {}, "double")).toThrow("does not take");
  });
});
