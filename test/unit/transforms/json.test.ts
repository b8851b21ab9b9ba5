import { describe, expect, it } from "vitest";
import { through } from "./run-step.ts";

describe("json", () => {
  const document = '{"a": {"b": 18446744073709551615, "cc": 1.10}, "bb": ["}", {"a": 1}], "é\\"": 1e308}';

  it("sets members, and adds them in MySQL's order", () => {
    expect(through("json", { set: { "$.a.b": "x" } }, "json", document, null)).toEqual([
      document.replace("18446744073709551615", '"x"'),
      null,
    ]);
    expect(through("json", { set: { "$.c": true, "$.zzzzz": [1] } }, "json", document)).toEqual([
      document.replace(', "bb"', ', "c": true, "bb"').replace(/}$/, ', "zzzzz": [1]}'),
    ]);
    expect(through("json", { set: { "$.a": 1 } }, "json", "{}", "[]", "null", "7")).toEqual([
      '{"a": 1}',
      "[]",
      "null",
      "7",
    ]);
    expect(through("json", { set: { "$.x.y": 1, "$.bb.y": 1 } }, "json", document)).toEqual([document]);
  });

  it("removes members wherever they stand", () => {
    const members = '{"a": 1, "b": "x, \\"y\\"}", "c": [{}]}';
    expect(through("json", { remove: ["$.a"] }, "json", members)).toEqual(['{"b": "x, \\"y\\"}", "c": [{}]}']);
    expect(through("json", { remove: ["$.b"] }, "json", members)).toEqual(['{"a": 1, "c": [{}]}']);
    expect(through("json", { remove: ["$.c", "$.d"] }, "json", members)).toEqual(['{"a": 1, "b": "x, \\"y\\"}"}']);
    expect(through("json", { remove: ["$.a"] }, "json", '{"a": 1}')).toEqual(["{}"]);
    expect(through("json", { remove: ['$."é\\""'] }, "json", document)).toEqual([document.replace(/, "é.*/, "}")]);
  });

  it("redacts what is there", () => {
    expect(through("json", { redact: ["$.a.cc", "$.no"] }, "json", document)).toEqual([
      document.replace("1.10", '"redacted"'),
    ]);
  });

  it.each([
    { remove: ["a"] },
    { remove: ["$"] },
    { remove: ["$.a[0]"] },
    { remove: ["$.*"] },
    { remove: ["$**.a"] },
    {},
  ])("refuses %j", (parameters) => {
    expect(() => through("json", parameters, "json")).toThrow(/is no path to a member|is needed/);
  });

  it("refuses numbers that the two print differently", () => {
    expect(() => through("json", { set: { "$.a": 1e300 } }, "json")).toThrow("not printed alike");
  });
});
