import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import type { LedgerRecord } from "../../../src/contracts/ledger.ts";
import { quoteString } from "../../../src/mysql/identifiers.ts";
import { openLedger, readLedger } from "../../../src/store/ledger-file.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-ledger-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run: LedgerRecord = { type: "run", format: 1, plan: "p", vtpipe: "0.1.0", at: "2026-11-23T00:00:00Z" };
const text = fc.string({ unit: "grapheme", maxLength: 12 });
const record: fc.Arbitrary<LedgerRecord> = fc.oneof(
  fc.record({ type: fc.constant("loading" as const), target: text, chunk: text }),
  fc.record({ type: fc.constant("loaded" as const), target: text, chunk: text, rows: fc.nat() }),
  fc.record({
    type: fc.constant("span" as const),
    table: text,
    span: fc.nat(),
    range: fc.record({
      after: fc.constant(null),
      upTo: fc.array(text.map(quoteString), { minLength: 1, maxLength: 3 }),
    }),
  }),
);

async function written(records: readonly LedgerRecord[]): Promise<{ path: string; bytes: Buffer }> {
  const path = join(folder, `${Math.random()}.jsonl`);
  await using ledger = await openLedger(path);
  await ledger.append(...records);
  return { path, bytes: await readFile(path) };
}

test("torn at any byte of the last record, the ledger has all before it and goes on after it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 4 }), async (more) => {
      const { path, bytes } = await written([run, ...more]);
      const before = [run, ...more.slice(0, -1)];
      const lastStart = bytes.lastIndexOf("\n", bytes.length - 2) + 1;
      for (let length = lastStart; length < bytes.length; length++) {
        await writeFile(path, bytes.subarray(0, length));
        expect((await readLedger(path)).records).toEqual(before);
      }
      const ledger = await openLedger(path);
      await ledger.append(more[0] as LedgerRecord);
      await ledger.close();
      expect((await readLedger(path)).records).toEqual([...before, more[0]]);
    }),
    { numRuns: 15 },
  );
});

test("torn at any byte of its only record, the ledger is one that has not begun", async () => {
  const { path, bytes } = await written([run]);
  for (let length = 0; length < bytes.length; length++) {
    await writeFile(path, bytes.subarray(0, length));
    expect(await readLedger(path)).toEqual({ records: [], bytes: 0, torn: length > 0 });
    await using ledger = await openLedger(path);
    await ledger.append(run);
    expect(await readFile(path)).toEqual(bytes);
  }
});

test("any flipped bit in a record before the last is refused with its line, what is true and what to do", async () => {
  const { path, bytes } = await written([
    run,
    { type: "loading", target: "vtgate:15306/main", chunk: "1-1" },
    { type: "loaded", target: "vtgate:15306/main", chunk: "1-1", rows: 7 },
  ]);
  const lastStart = bytes.lastIndexOf("\n", bytes.length - 2) + 1;
  for (let at = 0; at < lastStart; at++) {
    const bad = Buffer.from(bytes);
    bad[at] = (bad[at] as number) ^ (1 << (at % 8));
    await writeFile(path, bad);
    const refusal = await readLedger(path).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(VtpipeError);
    expect((refusal as VtpipeError).message).toMatch(/is damaged in line [12]:/);
    expect((refusal as VtpipeError).now).toBe(
      "Nothing was changed. What was done after that line is not known from here.",
    );
    expect((refusal as VtpipeError).todo).toMatch(/^Restore the ledger from a copy\. /);
    expect(await readFile(path)).toEqual(bad);
  }
});

test("a whole last line with a wrong CRC was acknowledged once, so it is damage and not a tear", async () => {
  const { path, bytes } = await written([run, { type: "loading", target: "t", chunk: "1-1" }]);
  bytes[bytes.length - 3] = 0x21;
  await writeFile(path, bytes);
  await expect(readLedger(path)).rejects.toThrow(/line 2: its CRC is wrong/);
});
