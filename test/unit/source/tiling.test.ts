import { expect, test } from "vitest";
import type { KeyBound } from "../../../src/contracts/chunk.ts";
import { tiling } from "../../../src/source/tiling.ts";

const tile = (chunk: string, after: KeyBound | null, upTo: KeyBound | null) => ({ chunk, range: { after, upTo } });

test("chunks that chain from start to end tile the table, in whatever order they were read", () => {
  expect(tiling([tile("a", null, null)])).toBeNull();
  expect(
    tiling([tile("c", ["9", "'x'"], null), tile("a", null, ["5", "'q'"]), tile("b", ["5", "'q'"], ["9", "'x'"])]),
  ).toBeNull();
});

test.each([
  ["nothing read", [], /no chunk has been read/],
  ["a gap", [tile("a", null, ["5"]), tile("b", ["6"], null)], /no chunk begins after \(5\)/],
  ["no start", [tile("b", ["6"], null)], /no chunk begins after the start of the table/],
  [
    "an overlap",
    [tile("a", null, ["5"]), tile("b", ["5"], null), tile("c", ["5"], ["7"])],
    /b and c both begin after \(5\)/,
  ],
  ["no end", [tile("a", null, ["5"]), tile("b", ["5"], ["9"])], /no chunk (begins after|reaches).*9/],
  ["one too many", [tile("a", null, null), tile("b", ["5"], ["9"])], /1 chunks lie outside/],
  ["a circle", [tile("a", null, ["5"]), tile("b", ["5"], ["5"])], /no chunk reaches the end/],
])("names %s", (_, tiles, message) => {
  expect(tiling(tiles)).toMatch(message);
});
