import { expect, test } from "vitest";
import { judgeHistory, tooLongHistory } from "../../../../src/run/limits/history-guard.ts";

test.each([
  { length: 1_000_000, most: null, found: "fine" },
  { length: 1_000_001, most: null, found: "warn" },
  { length: 900_000_000, most: null, found: "warn" },
  { length: 2500, most: 5000, found: "fine" },
  { length: 2501, most: 5000, found: "warn" },
  { length: 5000, most: 5000, found: "warn" },
  { length: 5001, most: 5000, found: "end" },
])("a history list of $length against $most: $found", ({ length, most, found }) => {
  expect(judgeHistory(length, most)).toBe(found);
});

test("the end says what is true and how to go on", () => {
  const error = tooLongHistory(5001, 5000);
  expect(error).toMatchObject({ code: "source", retryable: true });
  expect(error.message).toContain("5001 long, limit 5000 (limits.historyListLength)");
  expect(error.now).toContain("every finished chunk is recorded");
  expect(error.todo).toContain("Run the same command again");
});
