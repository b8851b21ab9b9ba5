import { describe, expect, it } from "vitest";
import { planStep, run, through } from "./run-step.ts";

describe("noise", () => {
  const parameters = { amount: 10, salt: "s" };

  it("adds something between the bounds, the same for the same value", () => {
    const values = Array.from({ length: 200 }, (_, i) => String(i * 100));
    const found = through("noise", parameters, "int", ...values);
    const added = found.map((value, i) => Number(value) - i * 100);
    expect([Math.min(...added), Math.max(...added)]).toEqual([-10, 10]);
    expect(through("noise", parameters, "int", ...values)).toEqual(found);
    expect(through("noise", { ...parameters, salt: "other" }, "int", ...values)).not.toEqual(found);
  });

  it("stays in the type's range and leaves NULL alone", () => {
    const found = through("noise", { ...parameters, amount: 1000 }, "tinyint unsigned", "0", "255", "7", null);
    expect(found.slice(0, 3).every((value) => Number(value) >= 0 && Number(value) <= 255)).toBe(true);
    expect(found[3]).toBeNull();
  });

  it("may depend on another column", () => {
    const plan = planStep("noise", { column: "a", amount: "0.5", by: "id", salt: "s" }, "id int", "a decimal(5,2)");
    const [one, two, none] = run(plan, ["1", "10.00"], ["1", "20.00"], [null, "5.00"]);
    expect(Number(two?.[1]) - Number(one?.[1])).toBe(10);
    expect(none).toEqual([null, "5.00"]);
    expect(() => through("noise", { amount: 0.5, salt: "s" }, "int")).toThrow("no amount of noise");
  });
});
