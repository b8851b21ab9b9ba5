import { expect, test } from "vitest";
import type { DumpedChunk, KeyBound } from "../../../src/contracts/chunk.ts";
import type { LedgerRecord } from "../../../src/contracts/ledger.ts";
import {
  applyRecord,
  emptySpans,
  isComplete,
  nextSpanNumber,
  remaining,
  requestFor,
  type Spans,
} from "../../../src/source/spans.ts";

const whole: LedgerRecord = { type: "span", table: "t", span: 0, range: { after: null, upTo: null } };

function dumped(span: number, after: KeyBound | null, upTo: KeyBound | null, exhausted: boolean): LedgerRecord {
  const chunk: DumpedChunk = {
    chunk: `0-${after?.[0] ?? "start"}`,
    table: "t",
    range: { after, upTo },
    exhausted,
    file: "f",
    rowsRead: 1,
    checksum: { rows: 1, xor: 0, sum: "0" },
    bytesRead: 1,
    bytesRaw: 1,
    bytesFile: 1,
    sha256: "",
    largeRow: null,
  };
  return { type: "dumped", span, snapshot: 1, dumped: chunk };
}

function fold(...records: LedgerRecord[]): Spans {
  const spans = emptySpans();
  for (const record of records) applyRecord(spans, record);
  return spans;
}

test("an announced table is unread from its start", () => {
  const spans = fold(whole);
  expect(isComplete(spans, "t")).toBe(false);
  expect(remaining(spans, "t")).toMatchObject([{ span: 0, after: null, upTo: null }]);
  expect(isComplete(spans, "other")).toBe(false);
});

test("a chunk advances its span, and an exhausted one ends it", () => {
  const spans = fold(whole, dumped(0, null, ["5"], false));
  const [span] = remaining(spans, "t");
  expect(span && requestFor(span, "0-2", 10)).toEqual({
    chunk: "0-2",
    table: "t",
    range: { after: ["5"], upTo: null },
    limitRows: 10,
  });
  applyRecord(spans, dumped(0, ["5"], null, true));
  expect(isComplete(spans, "t")).toBe(true);
});

test("a split gives the unread end to a new span", () => {
  const spans = fold(whole, dumped(0, null, ["5"], false), { type: "split", table: "t", span: 0, at: ["50"], into: 1 });
  expect(remaining(spans, "t")).toMatchObject([
    { span: 0, after: ["5"], upTo: ["50"] },
    { span: 1, after: ["50"], upTo: null },
  ]);
  expect(nextSpanNumber(spans, "t")).toBe(2);
});

test("a limit that falls on the last key of a span ends it, so that no empty chunk follows", () => {
  const spans = fold(whole, { type: "split", table: "t", span: 0, at: ["5"], into: 1 }, dumped(0, null, ["5"], false));
  expect(remaining(spans, "t").map((span) => span.span)).toEqual([1]);
});

test.each<[string, LedgerRecord[]]>([
  ["a span announced twice", [whole, whole]],
  ["a chunk of an unknown span", [whole, dumped(3, null, ["5"], false)]],
  ["a gap", [whole, dumped(0, ["5"], ["9"], false)]],
  ["a chunk past the end of a span", [whole, dumped(0, null, null, true), dumped(0, null, ["5"], false)]],
  ["a chunk that says it is exhausted before its span's end", [whole, dumped(0, null, ["5"], true)]],
  ["an unbounded chunk that says it is not exhausted", [whole, dumped(0, null, null, false)]],
  ["a chunk that goes nowhere", [whole, dumped(0, null, ["5"], false), dumped(0, ["5"], ["5"], false)]],
  [
    "a split where the span stands",
    [whole, dumped(0, null, ["5"], false), { type: "split", table: "t", span: 0, at: ["5"], into: 1 }],
  ],
  ["a split into a known span", [whole, { type: "split", table: "t", span: 0, at: ["5"], into: 0 }]],
])("refuses %s as damage of the ledger", (_, records) => {
  expect(() => fold(...records)).toThrow(/ledger contradicts itself on table t/);
});
