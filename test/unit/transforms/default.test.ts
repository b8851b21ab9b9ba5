import { describe, expect, it } from "vitest";
import { planStep, through } from "./run-step.ts";

describe("default", () => {
  it("replaces NULL only", () => {
    expect(through("default", { value: 7 }, "decimal(4,1)", null, "0.0")).toEqual(["7.0", "0.0"]);
    expect(() => planStep("default", { column: "c", value: null }, "c int")).toThrow("NULL itself");
  });
});
