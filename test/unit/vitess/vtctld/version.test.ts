import { expect, test } from "vitest";
import { atLeast, majorOf, versionFindings } from "../../../../src/vitess/vtctld/version.ts";

test.each([
  ["24.0.0-SNAPSHOT", 24],
  ["22.0.1", 22],
  ["v19.0.4", 19],
  ["9.7.4-Vitess", 9],
  ["", null],
  ["{ip-10.0.0.1 vitess 1700000000 abc}", null],
  [null, null],
])("%s is version %s", (text, major) => {
  expect(majorOf(text)).toBe(major);
});

test("a version that is not known is not held up", () => {
  expect([atLeast("24.0.0", 24), atLeast("23.9.9", 24), atLeast(null, 24), atLeast("odd", 24)]).toEqual([
    true,
    false,
    true,
    true,
  ]);
});

test("what was tried is not spoken of, what was not is warned of, and what is too old is refused", () => {
  const findings = versionFindings({ a: "24.0.1", b: "23.0.0", c: null, d: "21.0.2", e: "25.0.0" });
  expect(findings.map(({ severity, text }) => `${severity}: ${text}`)).toEqual([
    "warning: b is Vitess 23.0.0; the handoff was tried with version 24 only.",
    "warning: c does not say which version of Vitess it is; the handoff was tried with version 24 only.",
    "refusal: d is Vitess 21.0.2; the handoff's calls mean something else before version 22.",
    "warning: e is Vitess 25.0.0; the handoff was tried with version 24 only.",
  ]);
});
