import { expect, test } from "vitest";
import { rowsPerChunk } from "../../../src/source/rows-per-chunk.ts";

const budget = 64 * 1024 * 1024;

test.each([
  ["ordinary rows share the budget", 512, 131_072],
  ["nothing known: a cautious guess", null, 65_536],
  ["no rows seen", 0, 65_536],
  ["tiny rows stop at a million", 10, 1_000_000],
  ["rows of a tenth of the budget overdraw it four times", budget / 10, 40],
  ["rows beyond the budget come one by one", budget * 9, 1],
  ["nonsense in, something bounded out", Number.POSITIVE_INFINITY, 1],
])("%s", (_, perRow, rows) => {
  expect(rowsPerChunk(budget, perRow)).toBe(rows);
});
