import { describe, expect, it } from "vitest";
import { planStep, run, through } from "./run-step.ts";

describe("dateShift", () => {
  it("moves by days over months and years", () => {
    expect(through("dateShift", { days: 1 }, "date", "2023-12-31", "2024-02-28", "0000-00-00", null)).toEqual([
      "2024-01-01",
      "2024-02-29",
      "0000-00-00",
      null,
    ]);
    expect(through("dateShift", { days: -1 }, "datetime(1)", "2024-03-01 12:00:00.5")).toEqual([
      "2024-02-29 12:00:00.5",
    ]);
    expect(() => through("dateShift", { days: 1 }, "date", "9999-12-31")).toThrow("leaves the years");
    expect(() => through("dateShift", { days: -1 }, "date", "0001-01-01")).toThrow("leaves the years");
  });

  it("moves rows of one key alike", () => {
    const parameters = { column: "d", within: 30, by: "id", salt: "s" };
    const plan = planStep("dateShift", parameters, "id int", "d date");
    const found = run(plan, ["1", "2024-03-01"], ["1", "2024-03-11"], ["2", "2024-03-01"], [null, "2024-03-01"]);
    const days = found.map(([, date]) => Date.parse(date ?? "") / 86_400_000);
    expect((days[1] as number) - (days[0] as number)).toBe(10);
    expect(days[2]).not.toBe(days[0]);
    expect(found[3]).toEqual([null, "2024-03-01"]);
  });

  it("wants one of the two forms", () => {
    expect(() => through("dateShift", {}, "date")).toThrow("Either");
    expect(() => through("dateShift", { days: 1, salt: "s" }, "date")).toThrow("Either");
    expect(() => through("dateShift", { within: 1, by: "c", salt: "s" }, "date")).toThrow("itself");
  });
});
