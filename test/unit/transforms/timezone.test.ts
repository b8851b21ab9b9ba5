import { describe, expect, it } from "vitest";
import { planStep, through } from "./run-step.ts";

describe("timezone", () => {
  it("moves readings between offsets", () => {
    const zones = { from: "+05:30", to: "-01:00" };
    expect(through("timezone", zones, "datetime(1)", "2024-01-01 00:00:00.5", "0000-00-00 00:00:00.0", null)).toEqual([
      "2023-12-31 17:30:00.5",
      "0000-00-00 00:00:00.0",
      null,
    ]);
    expect(planStep("timezone", { column: "c", ...zones }, "c datetime").class).toBe("sql-twin");
  });

  it("knows when clocks change, with no twin", () => {
    const from = "Europe/Paris";
    expect(through("timezone", { from }, "datetime", "2024-03-31 01:30:00", "2024-03-31 03:30:00")).toEqual([
      "2024-03-31 00:30:00",
      "2024-03-31 01:30:00",
    ]);
    // Skipped, and there twice.
    expect(through("timezone", { from }, "datetime", "2024-03-31 02:30:00", "2024-10-27 02:30:00")).toEqual([
      "2024-03-31 01:30:00",
      "2024-10-27 00:30:00",
    ]);
    expect(through("timezone", { from: "UTC", to: from }, "datetime", "2024-07-01 12:00:00")).toEqual([
      "2024-07-01 14:00:00",
    ]);
    expect(planStep("timezone", { column: "c", from }, "c datetime").class).toBe("js-only");
  });

  it("refuses what is no zone", () => {
    expect(() => through("timezone", { from: "Mars/Base" }, "datetime")).toThrow('no time zone "Mars/Base"');
    expect(() => through("timezone", { from: "+15:00" }, "datetime")).toThrow("no time zone");
  });
});
