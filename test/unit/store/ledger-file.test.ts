import { appendFile, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LedgerRecord } from "../../../src/contracts/ledger.ts";
import { openLedger, readLedger } from "../../../src/store/ledger-file.ts";
import { ledgerLine } from "../../../src/store/ledger-line.ts";
import { refusalOf, smallDisk, temporaryFolder } from "./make.ts";

const run: LedgerRecord = { type: "run", format: 1, plan: "p", vtpipe: "0.1.0", at: "2026-11-23T00:00:00Z" };
const loading: LedgerRecord = { type: "loading", target: "t", chunk: "1-1" };

test("a ledger that is not there is empty", async () => {
  expect(await readLedger(join(await temporaryFolder(), "ledger.jsonl"))).toEqual({
    records: [],
    bytes: 0,
    torn: false,
  });
});

test("every kind of record comes back as it went", async () => {
  const path = join(await temporaryFolder(), "ledger.jsonl");
  const records: LedgerRecord[] = [
    run,
    {
      type: "snapshot",
      snapshot: {
        id: 1,
        position: null,
        method: "table locks",
        lockMs: 1.5,
        takenAt: "2026-11-23T00:00:00Z",
        serverUuid: "u",
        serverVersion: "9.7.4",
      },
    },
    { type: "span", table: "people\n`x`", span: 0, range: { after: null, upTo: ["'a''b\\\\'", "2"] } },
    { type: "split", table: "people", span: 0, at: ["5"], into: 1 },
    {
      type: "dumped",
      span: 0,
      snapshot: 1,
      dumped: {
        chunk: "1-1",
        table: "people",
        range: { after: null, upTo: ["5"] },
        exhausted: true,
        file: "chunks/0001-people/1-1.zst",
        rowsRead: 5,
        checksum: { rows: 5, xor: 1, sum: "99999999999999999999" },
        bytesRead: 1,
        bytesRaw: 1,
        bytesFile: 1,
        sha256: "a".repeat(64),
        largeRow: null,
      },
    },
    loading,
    { type: "loaded", target: "t", chunk: "1-1", rows: 5 },
    { type: "verified", target: "t", table: "people", equal: true },
  ];
  const ledger = await openLedger(path);
  await Promise.all(records.map((record) => ledger.append(record)));
  await ledger.close();
  const again = await openLedger(path);
  expect(again.records).toEqual(records);
  await again.close();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("the line is what sed and python can check: CRC in hex, a blank, JSON", async () => {
  expect(ledgerLine(loading)).toBe('62a8bd9f {"type":"loading","target":"t","chunk":"1-1"}\n');
});

test("a torn last line is cut off before the next record", async () => {
  const path = join(await temporaryFolder(), "ledger.jsonl");
  await writeFile(path, `${ledgerLine(run)}${ledgerLine(loading).slice(0, 20)}`);
  const ledger = await openLedger(path);
  expect(ledger.records).toEqual([run]);
  await ledger.append(loading);
  await ledger.close();
  expect(await readFile(path, "utf8")).toBe(ledgerLine(run) + ledgerLine(loading));
});

test.each<[string, LedgerRecord[], string]>([
  ["a later format", [{ ...run, format: 2 } as never], "line 1: it is of ledger format 2"],
  ["an unknown record", [run, { type: "dreamt" } as never], "line 2: it is no record that this version"],
  ["a record before the run", [loading], "line 1: a ledger has one run record, its first"],
  ["a second run", [run, run], "line 2: a ledger has one run record, its first"],
  [
    "SQL in a bound",
    [run, { type: "span", table: "t", span: 0, range: { after: ["1) OR (1=1"], upTo: null } }],
    "line 2: it is no record that this version of vtpipe knows (range.after[0]: is no SQL literal)",
  ],
  [
    "more than a key in a key's definition",
    [
      run,
      {
        type: "keys",
        target: "t",
        table: "t",
        event: "deferred",
        keys: [{ name: "a", definition: "KEY `a` (`b`), DROP COLUMN `c`" }],
      },
    ],
    "keys[0].definition: is no definition of one key",
  ],
  [
    "SQL in the name of a copy",
    [
      run,
      {
        type: "follow",
        target: "t",
        copy: "x, users",
        event: "finished",
        tables: [],
        position: "",
        at: "2026-11-23T00:00:00Z",
      },
    ],
    "copy: is no name of a copy",
  ],
  ["a negative number", [run, { type: "loaded", target: "t", chunk: "1-1", rows: -1 }], "rows: "],
  ["a number that is a text", [run, { type: "loaded", target: "t", chunk: "1-1", rows: "1" } as never], "rows: "],
  ["a number beyond all others", [run, { type: "loaded", target: "t", chunk: "1-1", rows: 1e308 }], "rows: "],
  [
    "a line without end",
    [run, { type: "loading", target: "x".repeat(17 << 20), chunk: "1-1" }],
    "line 2: it is longer than any record",
  ],
])("%s is refused", async (_, records, message) => {
  const path = join(await temporaryFolder(), "ledger.jsonl");
  await writeFile(path, records.map(ledgerLine).join(""));
  const error = await refusalOf(() => openLedger(path));
  expect(error.code).toBe("files");
  expect(error.message).toContain(message);
});

test("after a write that failed nothing more is taken, and what was acknowledged is still there", async ({ skip }) => {
  const folder = (await smallDisk()) ?? skip("mounting a small disk takes root");
  const path = join(folder, "ledger.jsonl");
  const ledger = await openLedger(path);
  await ledger.append(run);
  await writeFile(join(folder, "filler"), Buffer.alloc(60 * 1024)).catch(() => {});
  const long: LedgerRecord = { ...loading, target: "t".repeat(20_000) };
  const first = await refusalOf(() => ledger.append(long));
  expect([first.code, first.message]).toEqual(["disk", `Cannot write ${path}: the disk is full (ENOSPC).`]);
  await rm(join(folder, "filler"));
  expect(await refusalOf(() => ledger.append(loading))).toBe(first);
  await ledger.close();
  const again = await openLedger(path);
  expect(again.records).toEqual([run]);
  await again.close();
});

test("a blank line is damage", async () => {
  const path = join(await temporaryFolder(), "ledger.jsonl");
  await writeFile(path, ledgerLine(run));
  await appendFile(path, "\n");
  expect((await refusalOf(() => readLedger(path))).message).toContain("line 2: its CRC is wrong");
});
