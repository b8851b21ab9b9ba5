import { describe, expect, it } from "vitest";
import { planChain } from "../../../src/transform/plan-chain.ts";
import { loadRegistry } from "../../../src/transform/registry.ts";
import { columnsOf } from "../../support/rows.ts";
import { run } from "../transforms/run-step.ts";

const registry = await loadRegistry([], "/");
const columns = columnsOf(
  "id int",
  "country varchar(9)",
  "born datetime",
  "paid decimal(5,2)",
  "e enum('a','b')",
  "note text",
);
const plan = (name: string, parameters: object, when: unknown) =>
  planChain("people", columns, [{ name, parameters, when, path: `[0].${name}` }], registry);
const row = ["7", "DE", "2024-01-01 12:00:00", "5.50", "a", "Grüße 😀"];

/** Does the condition hold for the row? */
function holds(when: unknown, cells: (string | null)[] = row): boolean {
  return run(plan("set", { column: "id", value: 0 }, when), cells)[0]?.[0] === "0";
}

describe("when", () => {
  it.each<[unknown, boolean]>([
    [{ country: "DE" }, true],
    [{ country: "de" }, false],
    [{ country: "DE", id: 8 }, false],
    [[{ country: "FR" }, { id: 7 }], true],
    [{ country: { not: "FR" } }, true],
    [{ id: { in: [6, 7] } }, true],
    [{ id: { notIn: [6, 7] } }, false],
    [{ id: { gt: 7 } }, false],
    [{ id: { ge: 7, lt: 8 } }, true],
    [{ paid: 5.5 }, true],
    [{ paid: { le: "5.49" } }, false],
    [{ born: { gt: "2024-01-01" } }, true],
    [{ born: { lt: "2024-01-01 12:00:00" } }, false],
    [{ e: { in: ["a"] } }, true],
    [{ note: { startsWith: "Grü" } }, true],
    [{ note: { endsWith: "😀" } }, true],
    [{ note: { contains: "ße" } }, true],
    [{ note: { contains: "SSE" } }, false],
    [{ note: { matches: "^\\p{Lu}.+ .$" } }, true],
    [{ note: null }, false],
    [{ note: { null: false } }, true],
  ])("%j holds: %s", (when, expected) => {
    expect(holds(when)).toBe(expected);
  });

  it("takes NULL for no value at all", () => {
    const nothing = [null, null, null, null, null, null];
    for (const when of [
      { country: "DE" },
      { country: { not: "DE" } },
      { id: { notIn: [1] } },
      { id: { lt: 5 } },
      { note: { matches: "^" } },
    ]) {
      expect(holds(when, nothing)).toBe(false);
    }
    expect(holds({ note: null }, nothing)).toBe(true);
  });

  it("leaves other rows as they are, and new columns NULL there", () => {
    const masked = plan("mask", { column: "country" }, { id: { lt: 5 } });
    expect(
      run(masked, ["4", "DE", null, null, null, null], ["5", "DE", null, null, null, null]).map((r) => r[1]),
    ).toEqual(["**", "DE"]);
    expect(masked.twins.get(1)).toMatch(
      /^IF\(\(CAST\(`id` AS SIGNED\) < 5\), .*, CONVERT\(`country` USING utf8mb4\)\)$/,
    );
    const flagged = plan("set", { column: "flag", type: "int", value: 1 }, { id: 4 });
    expect(run(flagged, ["4", null, null, null, null, null], row).map((r) => r[6])).toEqual(["1", null]);
  });

  it("is js-only with a pattern", () => {
    expect(plan("mask", { column: "note" }, { note: { matches: "x" } }).class).toBe("js-only");
    expect(plan("mask", { column: "note" }, { note: { contains: "x" } }).class).toBe("sql-twin");
  });

  it("is part of the fingerprint", () => {
    const [a, b, none] = [{ id: 1 }, { id: 2 }, undefined].map(
      (when) => plan("mask", { column: "note" }, when).fingerprint,
    );
    expect(new Set([a, b, none]).size).toBe(3);
  });

  it.each<[string, object, unknown, string]>([
    ["hash", { column: "note", salt: "s" }, { id: 1 }, "do not fit"],
    ["drop", { columns: ["note"] }, { id: 1 }, "takes no `when`"],
    ["rename", { column: "note", to: "n" }, { id: 1 }, "takes no `when`"],
    ["set", { column: "x", type: "int not null", value: 1 }, { id: 1 }, "do not fit"],
    ["mask", { column: "note" }, { nobody: 1 }, 'no column "nobody"'],
    ["mask", { column: "note" }, { id: "x" }, "cannot be set"],
    ["mask", { column: "note" }, { id: { lt: 1.5 } }, "compared with exactly"],
    ["mask", { column: "note" }, { note: { lt: "a" } }, "does not take"],
    ["mask", { column: "note" }, { born: { lt: "soon" } }, "is no datetime"],
    ["mask", { column: "note" }, { note: { matches: "(" } }, "no regular expression"],
    ["mask", { column: "note" }, { id: { contains: "1" } }, "does not take"],
    ["mask", { column: "note" }, { id: {} }, "no condition"],
    ["mask", { column: "note" }, {}, "no condition"],
    ["mask", { column: "note" }, [], "no condition"],
    ["mask", { column: "note" }, { id: { like: "1" } }, "no condition"],
  ])("%s %j when %j is refused", (name, parameters, when, why) => {
    expect(() => plan(name, parameters, when)).toThrow(why);
  });
});
