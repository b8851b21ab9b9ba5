import { describe, expect, it } from "vitest";
import { through } from "./run-step.ts";

describe("map", () => {
  it("replaces values, and fails on others", () => {
    const values = { m: "male", f: "female" };
    expect(through("map", { values, type: "varchar(6)" }, "char(1)", "m", "f", null)).toEqual(["male", "female", null]);
    expect(() => through("map", { values, type: "varchar(6)" }, "char(1)", "x")).toThrow("a value that `values` lacks");
  });

  it("keeps others or gives them one value", () => {
    expect(through("map", { values: { 1: 2 }, otherwise: "keep" }, "int", "1", "3")).toEqual(["2", "3"]);
    expect(through("map", { values: { 1: 2 }, otherwise: { value: null } }, "int", "1", "3")).toEqual(["2", null]);
    expect(() => through("map", { values: {}, otherwise: "keep", type: "int" }, "text")).toThrow("may not fit");
  });

  it("takes values of the column's type only", () => {
    expect(() => through("map", { values: { one: 2 } }, "int")).toThrow("cannot be set");
    expect(through("map", { values: { 1: 2.5 }, otherwise: "keep" }, "decimal(3,1)", "1.0")).toEqual(["2.5"]);
  });
});
