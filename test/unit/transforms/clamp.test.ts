import { describe, expect, it } from "vitest";
import { through } from "./run-step.ts";

describe("clamp", () => {
  it("holds numbers between bounds", () => {
    const parameters = { min: "-1.5", max: 10 };
    expect(through("clamp", parameters, "decimal(5,2)", "-2.00", "-1.49", "10.01", null)).toEqual([
      "-1.50",
      "-1.49",
      "10.00",
      null,
    ]);
    expect(through("clamp", { max: "9223372036854775807" }, "bigint unsigned", "18446744073709551615")).toEqual([
      "9223372036854775807",
    ]);
  });

  it("refuses bounds that are none", () => {
    expect(() => through("clamp", { min: 0.5 }, "int")).toThrow("no value of");
    expect(() => through("clamp", { min: 2, max: 1 }, "int")).toThrow("above the greatest");
  });
});
