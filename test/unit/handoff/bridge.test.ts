import fc from "fast-check";
import { expect, test } from "vitest";
import type { KeyRange } from "../../../src/contracts/chunk.ts";
import { planBridge } from "../../../src/handoff/bridge.ts";
import { laned } from "./laned.ts";

const old = "MySQL56/a:1-5";
const newest = "MySQL56/a:1-9";
const range = (after: number | null, upTo: number | null): KeyRange => ({
  after: after === null ? null : [String(after)],
  upTo: upTo === null ? null : [String(upTo)],
});

test("a table read at one position needs no bridge", () => {
  const chunks = [{ table: "orders", range: range(null, null), position: newest }];
  expect(planBridge([laned("orders")], chunks, newest)).toEqual({ streams: [], refusals: [] });
});

test("a table wholly read at an older position is bridged as a whole, whatever its key", () => {
  const table = laned("orders", { key: [{ name: "code", integer: false }] });
  const chunks = [{ table: "orders", range: range(null, null), position: old }];
  expect(planBridge([table], chunks, newest).streams).toEqual([{ from: old, parts: [{ table, piece: null }] }]);
});

test("neighbouring ranges of one position become one piece, and others streams of their own", () => {
  const table = laned("orders");
  const chunks = [
    { table: "orders", range: range(null, 10), position: old },
    { table: "orders", range: range(10, 20), position: old },
    { table: "orders", range: range(20, 30), position: newest },
    { table: "orders", range: range(30, 40), position: old },
    { table: "orders", range: range(40, null), position: newest },
  ];
  expect(planBridge([table], chunks, newest).streams).toEqual([
    { from: old, parts: [{ table, piece: ["`id` <= 20"] }] },
    { from: old, parts: [{ table, piece: ["`id` > 30", "`id` <= 40"] }] },
  ]);
});

test("pieces of different tables share a stream", () => {
  const [a, b] = [laned("a"), laned("b")];
  const chunks = [
    { table: "a", range: range(null, null), position: old },
    { table: "b", range: range(null, 5), position: old },
    { table: "b", range: range(5, null), position: newest },
  ];
  expect(planBridge([a, b], chunks, newest).streams).toEqual([
    {
      from: old,
      parts: [
        { table: a, piece: null },
        { table: b, piece: ["`id` <= 5"] },
      ],
    },
  ]);
});

test("parts of a table whose key is text are refused with another way", () => {
  const table = laned("codes", { key: [{ name: "code", integer: false }] });
  const chunks = [
    { table: "codes", range: { after: null, upTo: ["'m'"] }, position: old },
    { table: "codes", range: { after: ["'m'"], upTo: null }, position: newest },
  ];
  const { streams, refusals } = planBridge([table], chunks, newest);
  expect(streams).toEqual([]);
  expect(refusals[0]?.text).toContain("Parts of table codes were read at different positions");
});

test("every key of a composite range is in exactly one piece, and no other key is in any", () => {
  const small = fc.integer({ min: 0, max: 3 });
  const bound = fc.option(fc.tuple(small, small, small), { nil: null });
  const table = laned("t", { key: ["a", "b", "c"].map((name) => ({ name, integer: true })) });
  fc.assert(
    fc.property(bound, bound, (after, upTo) => {
      const text = (key: readonly number[] | null) => (key === null ? null : key.map(String));
      const chunks = [
        { table: "t", range: { after: text(after), upTo: text(upTo) }, position: old },
        { table: "t", range: { after: ["9", "9", "9"], upTo: null }, position: newest },
      ];
      const pieces = planBridge([table], chunks, newest).streams.map(({ parts }) => parts[0]?.piece ?? []);
      for (const key of keys()) {
        const inside = (after === null || compare(key, after) > 0) && (upTo === null || compare(key, upTo) <= 0);
        const holding = pieces.filter((piece) => piece.every((condition) => holds(condition, key)));
        expect(holding).toHaveLength(inside ? 1 : 0);
      }
    }),
  );
});

function* keys(): Generator<readonly number[]> {
  for (let n = 0; n < 64; n++) yield [n >> 4, (n >> 2) & 3, n & 3];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value - (b[i] ?? 0);
  return 0;
}

function holds(condition: string, key: readonly number[]): boolean {
  const [, name = "", operator = "", value = ""] = /^`(.)` (\S+) (\d+)$/.exec(condition) ?? [];
  const cell = key["abc".indexOf(name)] ?? Number.NaN;
  const other = Number(value);
  const answers: Record<string, boolean> = {
    "=": cell === other,
    "<": cell < other,
    "<=": cell <= other,
    ">": cell > other,
  };
  return answers[operator] ?? false;
}
