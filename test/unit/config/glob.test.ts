import fc from "fast-check";
import { expect, test } from "vitest";
import { globMatcher } from "../../../src/config/glob.ts";

test.each([
  ["*", "", true],
  ["*", "a\nb", true],
  ["?", "😀", true],
  ["?", "", false],
  ["tmp_*", "tmp_", true],
  ["tmp_*", "tmp", false],
  ["*_old", "people_old_old", true],
  ["a.c", "abc", false],
  ["[ab]", "a", false],
  ["a*b?", "axxbyybz", true],
])("%j and %j: %s", (glob, text, fits) => {
  expect(globMatcher(glob)(text)).toBe(fits);
});

test("what fits is what the regular expression of the glob fits", () => {
  const piece = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.constantFrom("*", "?")), { maxLength: 5 }), piece, piece, (parts, a, b) => {
      const glob = parts.join("");
      const expression = glob.replaceAll(".", "\\.").replaceAll("?", ".").replaceAll("*", "[^]*");
      expect(globMatcher(glob)(a + b)).toBe(new RegExp(`^${expression}$`).test(a + b));
    }),
    { numRuns: 1000 },
  );
});

test("a glob of many stars is answered at once", () => {
  expect(globMatcher(`${"*a".repeat(30)}b`)("a".repeat(200))).toBe(false);
});
