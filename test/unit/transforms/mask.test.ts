import { describe, expect, it } from "vitest";
import { through } from "./run-step.ts";

describe("mask", () => {
  it("hides all but the ends", () => {
    const parameters = { keepFirst: 1, keepLast: 2 };
    expect(through("mask", parameters, "text", "é2345", "abc", "abcd", "", null)).toEqual([
      "é**45",
      "***",
      "a*cd",
      "",
      null,
    ]);
    expect(through("mask", { with: "•" }, "text", "😀a")).toEqual(["••"]);
  });
});
