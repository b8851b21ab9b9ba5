import { describe, expect, it } from "vitest";
import { planStep, through } from "./run-step.ts";

describe("nullify", () => {
  it("makes values NULL where the column takes it", () => {
    expect(through("nullify", {}, "int", "1", null)).toEqual([null, null]);
    expect(() => planStep("nullify", { column: "c" }, "c int not null")).toThrow('"c" of "t" is NOT NULL');
  });
});
