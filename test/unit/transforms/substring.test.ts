import { describe, expect, it } from "vitest";
import { planStep, through } from "./run-step.ts";

describe("substring", () => {
  it("keeps a part, by characters", () => {
    expect(through("substring", { from: 2, length: 2 }, "text", "é😀漢x", "a", "", null)).toEqual([
      "😀漢",
      "",
      "",
      null,
    ]);
    expect(through("substring", { from: -2 }, "text", "é😀漢", "é")).toEqual(["😀漢", ""]);
    expect(through("substring", { from: 1, length: 2 }, "char(5)", "a b")).toEqual(["a"]);
  });

  it("counts bytes of binary columns, and refuses padded ones", () => {
    expect(through("substring", { from: 2 }, "varbinary(9)", "éa")).toEqual(["\ufffda"]);
    expect(() => planStep("substring", { column: "c" }, "c binary(3)")).toThrow("zero bytes");
  });
});
