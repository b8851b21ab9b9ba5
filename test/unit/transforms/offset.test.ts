import { describe, expect, it } from "vitest";
import { through } from "./run-step.ts";

describe("offset", () => {
  it("adds, exactly", () => {
    expect(through("offset", { by: 1000 }, "bigint", "-7", null)).toEqual(["993", null]);
    expect(through("offset", { by: "9007199254740993" }, "bigint unsigned", "1")).toEqual(["9007199254740994"]);
  });

  it("stops at the type's range, and takes integers only", () => {
    expect(() => through("offset", { by: 1 }, "tinyint", "127")).toThrow("out of the range of tinyint");
    expect(() => through("offset", { by: -1 }, "int unsigned", "0")).toThrow("out of the range");
    expect(() => through("offset", { by: 1 }, "decimal(5,0)")).toThrow("does not take");
    expect(() => through("offset", { by: 1 }, "int zerofill")).toThrow("prints padded");
  });
});
