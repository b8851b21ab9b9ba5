import { describe, expect, it } from "vitest";
import { through } from "./run-step.ts";

describe("trim", () => {
  it("takes one character off the ends", () => {
    expect(through("trim", {}, "text", "  a b ", " ", "", null)).toEqual(["a b", "", "", null]);
    expect(through("trim", { side: "start" }, "text", "  a ")).toEqual(["a "]);
    expect(through("trim", { side: "end", character: "😀" }, "text", "😀a😀😀")).toEqual(["😀a"]);
    expect(() => through("trim", { character: "ab" }, "text")).toThrow("one character");
  });
});
