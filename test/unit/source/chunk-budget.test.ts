import { describe, expect, test } from "vitest";
import { newBytesLeft } from "../../../src/source/bytes-left.ts";
import { chunkBudget, nextSpeed, tailBudget } from "../../../src/source/chunk-budget.ts";

const mebibyte = 1 << 20;

describe("the bytes of a chunk", () => {
  test.each([
    ["nothing is known", null, 32 * mebibyte],
    ["it is read in 30 s", 32 * mebibyte, 32 * mebibyte],
    ["it would take four times 30 s", (32 * mebibyte) / 120, 8 * mebibyte],
    ["rows hardly come at all", 10, mebibyte],
  ])("when %s", (_, speed, bytes) => {
    expect(chunkBudget(32 * mebibyte, speed)).toBe(bytes);
  });

  test("are never more than the config says, however little that is", () => {
    expect(chunkBudget(65_536, 10)).toBe(65_536);
    expect(chunkBudget(65_536, 1e12)).toBe(65_536);
  });
});

describe("the speed", () => {
  test("is the latest chunks', each with half the weight of the next one", () => {
    expect(nextSpeed(null, 3000, 3)).toBe(1000);
    expect(nextSpeed(1000, 6000, 3)).toBe(1500);
  });

  test("is not judged by a chunk that was over in a moment, unless that was fast", () => {
    expect(nextSpeed(null, 10, 0.5)).toBeNull();
    expect(nextSpeed(1000, 10, 0.5)).toBe(1000);
    expect(nextSpeed(1000, 5000, 0.5)).toBe(10_000);
  });

  test("is left as it was by a chunk without rows or without time", () => {
    expect(nextSpeed(1000, 0, 5)).toBe(1000);
    expect(nextSpeed(1000, 5, 0)).toBe(1000);
  });
});

describe("chunks near the end", () => {
  test.each([
    ["much is left", 4000, 4, 32],
    ["each of four readers has two more", 256, 4, 32],
    ["half of that is left", 128, 4, 16],
    ["hardly anything is left", 1, 4, 4],
    ["there is one reader", 1, 1, 32],
  ])("when %s", (_, left, readers, bytes) => {
    expect(tailBudget(32 * mebibyte, left * mebibyte, readers)).toBe(bytes * mebibyte);
  });

  test("are never more than the config says", () => {
    expect(tailBudget(65_536, 1, 4)).toBe(65_536);
  });

  test("what is left follows what was read, and a table that is done leaves nothing", () => {
    const left = newBytesLeft([
      ["a", 100],
      ["b", 50],
    ]);
    left.read("a", 30);
    expect(left.total).toBe(120);
    left.read("b", 500);
    expect(left.total).toBe(70);
    left.done("a");
    left.done("a");
    expect(left.total).toBe(0);
  });
});
