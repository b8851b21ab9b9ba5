import { expect, test } from "vitest";
import { overLiterals } from "../../../src/follow/computed-values.ts";

test("columns give way to values, texts that look like columns do not", () => {
  const values = new Map([
    ["`a`", "5"],
    ["`b``c`", "'x`a`'"],
  ]);
  expect(overLiterals("CONCAT(CAST(`a` AS SIGNED), '`a`', \"it''s `a`\", `b``c`, 'q\\'`a`')", values)).toBe(
    "CONCAT(CAST(5 AS SIGNED), '`a`', \"it''s `a`\", 'x`a`', 'q\\'`a`')",
  );
});

test("a name that is no column is a bug, not a guess", () => {
  expect(() => overLiterals("`z` + 1", new Map())).toThrow("no column");
});
