import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChunkRequest, DumpedChunk } from "../../../src/contracts/chunk.ts";
import type { LedgerRecord } from "../../../src/contracts/ledger.ts";
import {
  applyRecord,
  emptySpans,
  isComplete,
  nextSpanNumber,
  remaining,
  requestFor,
  type Span,
  type Spans,
} from "../../../src/source/spans.ts";
import { tiling } from "../../../src/source/tiling.ts";

/** A table of integer keys, read by the reader of src/source as the contract of ChunkRequest says. */
function read(keys: readonly number[], request: ChunkRequest): { rows: number[]; dumped: DumpedChunk } {
  const { after, upTo } = request.range;
  const inside = keys.filter(
    (key) => (after === null || key > Number(after[0])) && (upTo === null || key <= Number(upTo[0])),
  );
  const rows = inside.slice(0, request.limitRows ?? inside.length);
  const exhausted = rows.length < (request.limitRows ?? Number.POSITIVE_INFINITY);
  const last = rows.at(-1);
  return {
    rows,
    dumped: {
      chunk: request.chunk,
      table: request.table,
      range: { after, upTo: exhausted || last === undefined ? upTo : [String(last)] },
      exhausted,
      file: "",
      rowsRead: rows.length,
      checksum: { rows: rows.length, xor: 0, sum: "0" },
      bytesRead: 0,
      bytesRaw: 0,
      bytesFile: 0,
      sha256: "",
      largeRow: null,
    },
  };
}

/** A key strictly inside what a span has left, picked by `choice`; null when there are fewer than two. */
function splitKey(keys: readonly number[], span: Span, choice: number): string | null {
  const left = read(keys, requestFor(span, "", null)).rows;
  return left.length < 2 ? null : String(left[choice % (left.length - 1)]);
}

type Step =
  | { readonly do: "read"; readonly reader: number; readonly limit: number }
  | { readonly do: "finish"; readonly reader: number }
  | { readonly do: "split"; readonly reader: number; readonly choice: number }
  | { readonly do: "crash" };

const readers = fc.nat({ max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("read" as const), reader: readers, limit: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("finish" as const), reader: readers }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("split" as const), reader: readers, choice: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ do: "crash" as const }) },
);

test("whatever readers, limits, splits and crashes do, every key is read exactly once", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer(), { maxLength: 60 }),
      fc.array(step, { maxLength: 80 }),
      (unordered, steps) => {
        const keys = unordered.toSorted((a, b) => a - b);
        const ledger: LedgerRecord[] = [];
        let spans: Spans = emptySpans();
        let busy = new Map<number, { span: number; result: ReturnType<typeof read> }>();
        const kept: number[] = [];
        const chunks: DumpedChunk[] = [];
        const write = (record: LedgerRecord): void => {
          ledger.push(record);
          applyRecord(spans, record);
        };
        const idle = (): Span[] => {
          const reading = new Set(Array.from(busy.values(), (work) => work.span));
          return remaining(spans, "t").filter((span) => !reading.has(span.span));
        };
        const begin = (reader: number, limit: number): void => {
          const span = idle()[0];
          if (busy.has(reader) || span === undefined) return;
          busy.set(reader, { span: span.span, result: read(keys, requestFor(span, `0-${ledger.length}`, limit)) });
        };
        const finish = (reader: number): void => {
          const work = busy.get(reader);
          if (work === undefined) return;
          busy.delete(reader);
          kept.push(...work.result.rows);
          chunks.push(work.result.dumped);
          write({ type: "dumped", span: work.span, snapshot: 1, dumped: work.result.dumped });
        };
        const split = (reader: number, choice: number): void => {
          const open = idle();
          const span = open[reader % Math.max(1, open.length)];
          const at = span === undefined ? null : splitKey(keys, span, choice);
          if (span === undefined || at === null) return;
          write({ type: "split", table: "t", span: span.span, at: [at], into: nextSpanNumber(spans, "t") });
        };
        const crash = (): void => {
          busy = new Map();
          spans = emptySpans();
          for (const record of ledger) applyRecord(spans, record);
        };

        write({ type: "span", table: "t", span: 0, range: { after: null, upTo: null } });
        for (const action of steps) {
          if (action.do === "read") begin(action.reader, action.limit);
          if (action.do === "finish") finish(action.reader);
          if (action.do === "split") split(action.reader, action.choice);
          if (action.do === "crash") crash();
        }
        for (const reader of busy.keys()) finish(reader);
        for (let rounds = 0; !isComplete(spans, "t"); rounds++) {
          expect(rounds).toBeLessThan(keys.length + steps.length + 2);
          expect(tiling(chunks)).not.toBeNull();
          begin(0, 7);
          finish(0);
        }
        expect(kept.toSorted((a, b) => a - b)).toEqual(keys);
        expect(tiling(chunks)).toBeNull();
      },
    ),
    { numRuns: 500 },
  );
});
