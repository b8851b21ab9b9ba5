import { describe, expect, it } from "vitest";
import { planStep, through } from "./run-step.ts";

describe("zeroDate", () => {
  it("replaces dates with a zero part", () => {
    const values = ["0000-00-00", "2024-00-01", "2024-01-00", "0000-01-01", "2024-01-01", null];
    expect(through("zeroDate", {}, "date", ...values)).toEqual([null, null, null, null, "2024-01-01", null]);
    expect(through("zeroDate", { to: "1970-01-01 00:00:00" }, "datetime(1)", "0000-00-00 00:00:00.0")).toEqual([
      "1970-01-01 00:00:00.0",
    ]);
    expect(() => planStep("zeroDate", { column: "c" }, "c date not null")).toThrow("NOT NULL");
  });
});
