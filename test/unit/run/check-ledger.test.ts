import { expect, test } from "vitest";
import type { DumpedChunk } from "../../../src/contracts/chunk.ts";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import type { LedgerRecord } from "../../../src/contracts/ledger.ts";
import type { ManifestTable } from "../../../src/contracts/manifest.ts";
import type { Snapshot } from "../../../src/contracts/position.ts";
import { checkLedger } from "../../../src/run/check-ledger.ts";

const manifest = { plan: "p", tables: [{ source: "people" } as ManifestTable] };

const run: LedgerRecord = { type: "run", format: 1, plan: "p", vtpipe: "0.1.0", at: "" };
const snapshot = (id: number): LedgerRecord => ({ type: "snapshot", snapshot: { id } as Snapshot });
const span: LedgerRecord = { type: "span", table: "people", span: 0, range: { after: null, upTo: null } };
const split: LedgerRecord = { type: "split", table: "people", span: 0, at: ["5"], into: 1 };
const loading: LedgerRecord = { type: "loading", target: "t", chunk: "1-1" };
const loaded: LedgerRecord = { type: "loaded", target: "t", chunk: "1-1", rows: 1 };
const verified: LedgerRecord = { type: "verified", target: "t", table: "people", equal: true };

function dumped(chunk: string, of: number, after: string | null, upTo: string | null, more: object = {}): LedgerRecord {
  const range = { after: after === null ? null : [after], upTo: upTo === null ? null : [upTo] };
  const exhausted = upTo === null || upTo === "5";
  return {
    type: "dumped",
    span: of,
    snapshot: 1,
    dumped: { chunk, table: "people", range, exhausted } as DumpedChunk,
    ...more,
  };
}

const whole = [
  ...[run, snapshot(1), span, split, dumped("1-1", 0, null, "3"), snapshot(2), dumped("1-2", 1, "5", null)],
  ...[dumped("1-3", 0, "3", "5", { snapshot: 2 }), loading, loaded, verified],
];

test("a ledger as runs write it is taken", () => {
  for (let length = 0; length <= whole.length; length++) checkLedger("ledger.jsonl", whole.slice(0, length), manifest);
});

test.each<[string, LedgerRecord[], string]>([
  ["of another plan", [{ ...run, plan: "q" }], "line 1: it is the ledger of another plan"],
  ["with a snapshot left out", [run, snapshot(2)], "line 2: snapshot 2 stands where snapshot 1 was due"],
  ["with a snapshot twice", [run, snapshot(1), snapshot(1)], "line 3: snapshot 1 stands where snapshot 2 was due"],
  ["about another table", [run, { ...span, table: "pets" }], "line 2: it is about table pets"],
  [
    "with a chunk of another table",
    [run, snapshot(1), { ...dumped("1-1", 0, null, null), dumped: { chunk: "1-1", table: "pets" } } as LedgerRecord],
    "table pets",
  ],
  [
    "with a chunk of no snapshot",
    [run, span, dumped("1-1", 0, null, null)],
    "line 3: chunk 1-1 is of snapshot 1, which",
  ],
  ["with a chunk of no span", [run, snapshot(1), dumped("1-1", 0, null, null)], "span 0 was never announced"],
  ["with a chunk twice", [...whole, dumped("1-1", 0, null, "3")], "line 12: chunk 1-1 was written twice"],
  [
    "with two chunks of one range",
    [...whole, dumped("1-4", 0, null, "3")],
    "line 12: chunk 1-4 covers what another one does",
  ],
  [
    "with a chunk that goes back",
    [...whole.slice(0, 4), dumped("1-1", 1, "5", "3"), dumped("1-2", 1, "3", "3")],
    "covers what another",
  ],
  ["with a split of a span that is read", [...whole, split], "is split after its end was read"],
  ["with a span twice", [run, span, span], "span 0 is announced twice"],
  ["with a load that was never begun", [run, loaded], "line 2: chunk 1-1 was loaded before its loading began"],
])("one %s is refused by name", (_, records, message) => {
  let refusal: unknown = null;
  try {
    checkLedger("ledger.jsonl", records, manifest);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(VtpipeError);
  expect(refusal).toMatchObject({ code: "files", message: expect.stringContaining(message) });
  expect((refusal as VtpipeError).message).toMatch(/^The ledger /);
});

test("of lines that were swapped or taken out, every case that says something else is refused", () => {
  let refused = 0;
  for (let at = 0; at < whole.length - 1; at++) {
    const [a, b] = [whole[at] as LedgerRecord, whole[at + 1] as LedgerRecord];
    for (const records of [whole.toSpliced(at, 2, b, a), whole.toSpliced(at, 1)]) {
      try {
        checkLedger("ledger.jsonl", records, manifest);
      } catch (error) {
        expect(error).toBeInstanceOf(VtpipeError);
        refused += 1;
      }
    }
  }
  // The others say what could have been: another order of events, chunks that are still to be read or loaded.
  expect(refused).toBe(8);
});
