import { describe, expect, it } from "vitest";
import { planStep, through } from "./run-step.ts";

describe("charsetRepair", () => {
  it("undoes utf8 that was taken for latin1", () => {
    const values = ["CafÃ©", "Café", "漢", "ä", "â‚¬", "", null];
    expect(through("charsetRepair", {}, "varchar(9)", ...values)).toEqual(["Café", "Café", "漢", "ä", "€", "", null]);
  });

  it("does the reverse, and makes room for every character", () => {
    expect(through("charsetRepair", { from: "latin1-as-utf8" }, "varchar(9)", "Café€")).toEqual(["CafÃ©â‚¬"]);
    const plan = planStep("charsetRepair", { column: "c" }, "c varchar(9) character set latin1");
    expect(plan.columns[0]?.charset).toBe("utf8mb4");
  });
});
