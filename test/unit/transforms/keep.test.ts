import { describe, expect, it } from "vitest";
import { planStep } from "./run-step.ts";

describe("keep", () => {
  it("changes nothing, and knows its columns", () => {
    const plan = planStep("keep", { columns: ["A"] }, "a int", "b int");
    expect([plan.class, plan.sources]).toEqual(["identity", [0, 1]]);
    expect(() => planStep("keep", { columns: ["aa"] }, "a int")).toThrow('no column "aa"');
  });
});
