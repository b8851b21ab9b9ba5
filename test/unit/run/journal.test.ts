import { expect, test } from "vitest";
import { newJournal } from "../../../src/run/journal.ts";

test("the newest record of a chunk and of a table counts, each target for itself", () => {
  const journal = newJournal([
    { type: "run", format: 1, plan: "p", vtpipe: "0", at: "" },
    { type: "loading", target: "a", chunk: "1" },
    { type: "loading", target: "a", chunk: "2" },
    { type: "loaded", target: "a", chunk: "1", rows: 3 },
    { type: "verified", target: "a", table: "t", equal: false },
    { type: "verified", target: "a", table: "t", equal: true },
  ]);
  expect(journal.plan).toBe("p");
  expect(["1", "2", "3"].map((chunk) => journal.loadState("a", chunk))).toEqual(["loaded", "loading", "not loaded"]);
  expect(journal.loadState("b", "1")).toBe("not loaded");
  expect(journal.verified("a", "t")).toBe(true);
  expect(journal.verified("b", "t")).toBeNull();
  expect(journal.targets).toEqual(["a"]);
});
