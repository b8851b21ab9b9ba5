import { describe, expect, it } from "vitest";
import { planStep, through } from "./run-step.ts";

describe("pseudonym", () => {
  const make = (kind: string, ...values: (string | null)[]) =>
    through("pseudonym", { kind, salt: "s" }, "varchar(60)", ...values);

  it.each([
    ["email", /^u[0-9a-f]{16}@example\.com$/],
    ["name", /^[A-Z][a-z]+ [A-Z][a-z]+$/],
    ["phone", /^\+1555\d{7}$/],
    ["uuid", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/],
    ["ip", /^10\.\d{1,3}\.\d{1,3}\.\d{1,3}$/],
  ])("invents %s, the same for the same value", (kind, shape) => {
    const [one, two, again, none] = make(kind, "ann", "bob", "ann", null);
    expect([one, two].every((value) => shape.test(value ?? ""))).toBe(true);
    expect([one === again, one === two, none]).toEqual([true, false, null]);
    expect(through("pseudonym", { kind, salt: "other" }, "text", "ann")).not.toEqual([one]);
  });

  it("warns where there are few, and refuses columns that are too short", () => {
    expect(planStep("pseudonym", { column: "c", kind: "name", salt: "s" }, "c text").collisions).toMatchObject([
      { column: "c", text: expect.stringContaining("will share one") },
    ]);
    expect(planStep("pseudonym", { column: "c", kind: "uuid", salt: "s" }, "c text").collisions).toEqual([]);
    expect(() => planStep("pseudonym", { column: "c", kind: "uuid", salt: "s" }, "c char(35)")).toThrow(
      "too short for uuid",
    );
  });
});
