import { describe, expect, test } from "vitest";
import type { CellKind } from "../../../src/contracts/schema.ts";
import { newLeakSample } from "../../../src/verify/leaks/sample.ts";
import { tellingValues } from "../../../src/verify/leaks/telling-values.ts";
import { batchOf, cellsOf } from "../../support/rows.ts";

const told = (kind: CellKind, before: string, after: string | null = null) =>
  tellingValues(kind, Buffer.from(before), after === null ? null : Buffer.from(after)).map(
    ({ bytes, alone, words }) => ({
      text: bytes.toString(),
      alone,
      words,
    }),
  );

describe("a value is looked for only when finding it says something", () => {
  test.each<[CellKind, string]>([
    ["text", "1"],
    ["text", "NL"],
    ["text", "a@b.c"],
    ["text", "000000000000"],
    ["text", "1984-05-17"],
    ["text", "12,345.67"],
    ["integer", "31612345"],
    ["decimal", "1234.50"],
    ["date", "1984-05-17"],
    ["datetime", "1984-05-17 10:11:12"],
    ["enum", "subscribed"],
    ["double", "123456789.123456789"],
  ])("not the %s %s", (kind, value) => {
    expect(told(kind, value)).toEqual([]);
  });

  test("emails, names, numbers of people, bytes", () => {
    expect(told("text", "Ann@b.com")).toEqual([{ text: "ann@b.com", alone: true, words: false }]);
    expect(told("text", "ann.smith@example.com")).toEqual([
      { text: "ann.smith@example.com", alone: false, words: false },
    ]);
    expect(told("text", "Zoë Kramer")).toEqual([{ text: "zoë kramer", alone: true, words: true }]);
    expect(told("text", "+31 (6) 1234-5678")).toEqual([{ text: "+31 (6) 1234-5678", alone: true, words: false }]);
    expect(told("integer", "31612345678")).toEqual([{ text: "31612345678", alone: true, words: false }]);
    expect(told("binary", "\u0001\u0002\u0003\u0004\u0005\u0006")).toHaveLength(1);
  });

  test("of a long value the first 64 bytes", () => {
    const [value] = told("text", `Dear Ann, ${"x".repeat(500)}`);
    expect(value).toEqual({ text: `dear ann, ${"x".repeat(54)}`, alone: false, words: true });
  });

  test("of a document the texts and numbers that are gone, not the names of members", () => {
    const before = String.raw`{"customerEmail": "ann@b.com", "to": ["bob@c.com", "a \"quote\" 1"], "phone": 31612345678, "n": 5}`;
    expect(told("json", before).map(({ text }) => text)).toEqual([
      "ann@b.com",
      "bob@c.com",
      'a "quote" 1',
      "31612345678",
    ]);
    const after = String.raw`{"customerEmail": "redacted", "to": ["bob@c.com", "a \"quote\" 1"], "phone": 31612345678}`;
    expect(told("json", before, after).map(({ text }) => text)).toEqual(["ann@b.com"]);
  });
});

describe("a sample has what the chain took away", () => {
  const column = (name: string, before: number, after: number | null) => ({
    name,
    kind: "text" as const,
    before,
    after,
  });
  const sample = (
    columns: Parameters<typeof newLeakSample>[0],
    before: (string | null)[][],
    after: (string | null)[][],
  ) => {
    const taken = newLeakSample(columns, { before: before[0]?.length ?? 0, after: after[0]?.length ?? 0 });
    taken.add(batchOf(before.map((row) => cellsOf(...row))), batchOf(after.map((row) => cellsOf(...row))));
    return (most = 100) => taken.finish(most).map((values) => values.map(({ bytes }) => bytes.toString()));
  };

  test("dropped and changed values, not those that stayed, each once", () => {
    const found = sample(
      [column("gone", 0, null), column("email", 1, 0)],
      [
        ["first1", "ann@b.com"],
        ["first1", "bob@b.com"],
        [null, "cas@b.com"],
      ],
      [["redacted"], ["bob@b.com"], [null]],
    );
    expect(found()).toEqual([["first1"], ["ann@b.com", "cas@b.com"]]);
    expect(found(1)).toEqual([["first1"], ["ann@b.com"]]);
  });

  test("words that many rows share are not looked for, addresses are", () => {
    const rows = Array.from({ length: 300 }, (_, i) => [
      i % 2 ? "Amsterdam" : `city ${"abcdefghij"[i % 10]}${i}`,
      "ann@b.com",
    ]);
    const [cities = [], emails] = sample([column("city", 0, null), column("email", 1, null)], rows, rows)(1000);
    expect(cities).not.toContain("amsterdam");
    expect(cities).toContain("city a0");
    expect(emails).toEqual(["ann@b.com"]);
  });
});
