import { describe, expect, it } from "vitest";
import { planChain } from "../../../src/transform/plan-chain.ts";
import { loadRegistry } from "../../../src/transform/registry.ts";
import { batchOf, cellsOf, columnsOf, rowsOf } from "../../support/rows.ts";
import { planStep } from "./run-step.ts";

const registry = await loadRegistry([], "/");
const steps: Readonly<Record<string, object>> = {
  keep: { columns: ["a"] },
  sql: { column: "a", expression: "`b`" },
  offset: { column: "b", by: 1 },
};

describe("sql", () => {
  const plan = (parameters: object) => planStep("sql", { column: "c", ...parameters }, "c varchar(9)", "n int");

  it("has the source compute a cell, and puts it into the column", () => {
    const { computed, columns, twins, class: kind, apply: _ } = plan({ expression: "UPPER(`c`)" });
    const sql = "CONVERT(UPPER(CONVERT(`c` USING utf8mb4)) USING utf8mb4)";
    expect(computed).toEqual([{ column: expect.objectContaining({ name: "c" }), expression: sql, path: "sql" }]);
    expect([columns.length, twins.get(0), kind]).toEqual([2, sql, "sql-twin"]);
    const out = plan({ expression: "UPPER(`c`)" }).apply(batchOf([cellsOf("a", "1", "A"), cellsOf("b", null, null)]));
    expect(rowsOf(out, 2)).toEqual([cellsOf("A", "1"), cellsOf(null, null)]);
  });

  it("adds a column of the given type", () => {
    const added = plan({ column: "x", type: "bigint unsigned", expression: "`n` + 1" });
    expect(added.computed[0]?.expression).toBe("CAST(CAST(`n` AS SIGNED) + 1 AS UNSIGNED)");
    expect(added.columns[2]).toMatchObject({ name: "x", type: "bigint unsigned" });
  });

  it("says the character set of texts", () => {
    const expression = "CONCAT(`c`, 'it''s', \"é\", x'41', DATE'2024-01-01')";
    expect(plan({ expression }).computed[0]?.expression).toContain(
      "_utf8mb4'it''s', _utf8mb4 x'c3a9', x'41', DATE'2024-01-01'",
    );
  });

  it.each([
    ["NOW()", "another value each time"],
    ["CURRENT_TIMESTAMP", "another value each time"],
    ["RAND() * `n`", "another value each time"],
    ["(SELECT 1)", "has SELECT in it"],
    ["`n`, 1", "more than one"],
    ["`n`) + (1", "more than one"],
    ["(`n`", "not complete"],
    ["  ", "not complete"],
    ["n + 1", "which is a column"],
    ["`x`", "has no column `x`"],
    ["1 -- x", "has -- in it"],
    ["1; DROP TABLE t", "has ; in it"],
    ["@a := 1", "has @ in it"],
    ["'open", "has ' in it"],
  ])("refuses %s", (expression, why) => {
    expect(() => plan({ expression })).toThrow(why);
  });

  it("stands before steps that change something, and after those that do not", () => {
    const chain = (...names: string[]) =>
      planChain(
        "t",
        columnsOf("a int", "b int"),
        names.map((name) => ({ name, path: name, parameters: steps[name] })),
        registry,
      );
    expect(chain("keep", "sql", "sql", "offset").computed).toHaveLength(2);
    expect(() => chain("offset", "sql")).toThrow("before any other step");
  });

  it("refuses types whose computed text is not a column's", () => {
    expect(() => plan({ column: "x", type: "double", expression: "1" })).toThrow("fewer digits");
    expect(() => plan({ column: "x", type: "bit(3)", expression: "1" })).toThrow("cannot be computed");
  });
});
