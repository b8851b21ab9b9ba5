import { expect, test } from "vitest";
import type { DumpedChunk, KeyBound } from "../../../src/contracts/chunk.ts";
import { rangesTile } from "../../../src/verify/chunk-ranges.ts";

const chunk = (after: KeyBound | null, upTo: KeyBound | null): DumpedChunk =>
  ({ range: { after, upTo } }) as unknown as DumpedChunk;

test.each<[string, DumpedChunk[], boolean]>([
  ["one chunk over everything", [chunk(null, null)], true],
  ["chunks in any order", [chunk(["5"], ["9"]), chunk(["9"], null), chunk(null, ["5"])], true],
  ["composite bounds", [chunk(null, ["1", "'a'"]), chunk(["1", "'a'"], null)], true],
  ["no chunk", [], false],
  ["a gap", [chunk(null, ["5"]), chunk(["6"], null)], false],
  ["an open start", [chunk(["5"], null)], false],
  ["an open end", [chunk(null, ["5"])], false],
  ["an overlap", [chunk(null, null), chunk(["5"], null)], false],
  ["two chunks from one place", [chunk(null, ["5"]), chunk(null, ["6"]), chunk(["5"], null)], false],
  ["a circle", [chunk(null, ["5"]), chunk(["5"], ["6"]), chunk(["6"], ["5"])], false],
])("%s", (_, chunks, tiles) => {
  expect(rangesTile(chunks)).toBe(tiles);
});
