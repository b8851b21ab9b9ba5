import fc from "fast-check";
import { expect, test } from "vitest";
import { newFindings } from "../../../src/verify/findings.ts";
import { type RowKey, rowKeyOf } from "../../../src/verify/row-key.ts";
import { newRowMatcher } from "../../../src/verify/row-matcher.ts";
import { batchOf, type Cell, columnsOf } from "../../unit/store/make.ts";

const columns = columnsOf("a varbinary(9) not null", "b int", "v varchar(20)", "w blob");
const key = rowKeyOf(columns, ["b", "a"]) as RowKey;

const bytes = fc.uint8Array({ maxLength: 3 }).map((some) => Buffer.from(some));
const value = fc.oneof(fc.constant(null), bytes);
const row = fc.tuple(bytes, fc.integer({ min: 0, max: 9 }).map(String), value, value);
const keyText = ([a, b]: readonly Cell[]): string => JSON.stringify([String(b), (a as Buffer).toString("hex")]);
const rows = fc.uniqueArray(row, { selector: keyText, maxLength: 25 });

const fate = fc.constantFrom("same", "same", "missing", "changed", "moved");

test("whatever happens to rows, each is found as what it is, with its columns", () => {
  fc.assert(
    fc.property(rows, fc.infiniteStream(fate), rows, fc.boolean(), (expected, fates, others, backwards) => {
      const known = new Set(expected.map(keyText));
      const extra = others.filter((other) => !known.has(keyText(other)));
      const wanted = { missing: 0, different: 0, extra: extra.length };
      const actual: (readonly Cell[])[] = [...extra];
      for (const one of expected) {
        const [a, b, v, w] = one;
        const happens = fates.next().value;
        if (happens === "missing") wanted.missing += 1;
        else if (happens === "changed") {
          actual.push([a, b, v, Buffer.concat([w ?? Buffer.alloc(0), Buffer.from("!")])]);
          wanted.different += 1;
        } else if (happens === "moved" && (v === null ? w !== null : w === null || !v.equals(w))) {
          actual.push([a, b, w, v]);
          wanted.different += 1;
        } else actual.push(one);
      }
      if (backwards) actual.reverse();
      const findings = newFindings(1000, () => {});
      const matcher = newRowMatcher(key, batchOf(expected), findings, true);
      const half = Math.floor(actual.length / 2);
      matcher.actual(batchOf(actual.slice(0, half)));
      matcher.actual(batchOf(actual.slice(half)));
      expect(matcher.finish()).toBe(expected.length - wanted.missing);
      expect(findings.counts).toEqual(wanted);
      for (const { what, columns: names } of findings.differences) {
        expect(
          what === "different" ? names.length > 0 && !names.includes("a") && !names.includes("b") : !names.length,
        ).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test("a row that comes twice is extra the second time", () => {
  const batch = batchOf([[Buffer.from("k"), "1", null, null]]);
  const findings = newFindings(5, () => {});
  const matcher = newRowMatcher(key, batch, findings, true);
  matcher.actual(batch);
  matcher.actual(batch);
  matcher.finish();
  expect(findings.differences).toEqual([{ what: "extra", key: "(1, x'6b')", columns: [] }]);
});

test("neighbouring key cells are not confused", () => {
  const text = columnsOf("a varchar(9) not null", "b varchar(9) not null");
  const both = rowKeyOf(text, ["a", "b"]) as RowKey;
  const findings = newFindings(5, () => {});
  const matcher = newRowMatcher(both, batchOf([["1:x", "y"]]), findings, true);
  matcher.actual(batchOf([["1", "x1:y"]]));
  matcher.finish();
  expect(findings.counts).toEqual({ missing: 1, different: 0, extra: 1 });
});
