import { describe, expect, it } from "vitest";
import { through } from "./run-step.ts";

describe("prefix", () => {
  it("puts a text in front", () => {
    expect(through("prefix", { prefix: "eu-" }, "varchar(5)", "é1", "", null)).toEqual(["eu-é1", "eu-", null]);
    expect(() => through("prefix", { prefix: "eu-" }, "varchar(5)", "123")).toThrow("6 characters, too many");
  });
});
