import { expect, test } from "vitest";
import { sampleRequests } from "../../../src/source/sample.ts";

test("a sample is the first rows of each part of the key range, as many in all as were asked for", () => {
  const requests = sampleRequests("t", [["10"], ["20"]], 100);
  expect(requests.map(({ range, limitRows }) => [range.after, range.upTo, limitRows])).toEqual([
    [null, ["10"], 34],
    [["10"], ["20"], 33],
    [["20"], null, 33],
  ]);
  expect(sampleRequests("t", [], 5)).toMatchObject([{ range: { after: null, upTo: null }, limitRows: 5 }]);
  // Fewer rows than parts: one of each of the first parts.
  expect(sampleRequests("t", [["1"], ["2"], ["3"]], 2).map(({ limitRows }) => limitRows)).toEqual([1, 1]);
});
