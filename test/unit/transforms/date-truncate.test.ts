import { describe, expect, it } from "vitest";
import { through } from "./run-step.ts";

describe("dateTruncate", () => {
  it.each([
    ["year", "2024-01-01 00:00:00.00"],
    ["month", "2024-05-01 00:00:00.00"],
    ["day", "2024-05-06 00:00:00.00"],
    ["hour", "2024-05-06 07:00:00.00"],
    ["minute", "2024-05-06 07:08:00.00"],
    ["second", "2024-05-06 07:08:09.00"],
  ])("to the %s", (to, expected) => {
    expect(through("dateTruncate", { to }, "datetime(2)", "2024-05-06 07:08:09.12", null)).toEqual([expected, null]);
  });

  it("leaves partial dates", () => {
    expect(through("dateTruncate", { to: "year" }, "date", "2024-05-06", "2024-00-00")).toEqual([
      "2024-01-01",
      "2024-00-00",
    ]);
    expect(through("dateTruncate", { to: "hour" }, "date", "2024-05-06")).toEqual(["2024-05-06"]);
  });
});
