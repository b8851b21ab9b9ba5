import fc from "fast-check";
import { expect, test } from "vitest";
import type { DumpedChunk, KeyRange } from "../../../src/contracts/chunk.ts";
import type { LedgerRecord } from "../../../src/contracts/ledger.ts";
import { newReading, type Turn } from "../../../src/run/reading.ts";
import { tiling } from "../../../src/source/tiling.ts";

/** A table whose keys are whole numbers, so that ranges can be checked by arithmetic. */
interface Table {
  readonly name: string;
  readonly keys: readonly number[];
  readonly chunked: boolean;
}

const tables = fc
  .array(
    fc.record({ keys: fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }), chunked: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((made) =>
    made.map((table, i): Table => ({ ...table, keys: table.keys.toSorted((a, b) => a - b), name: `t${i}` })),
  );

const inRange =
  ({ after, upTo }: KeyRange) =>
  (key: number) =>
    (after === null || key > Number(after[0])) && (upTo === null || key <= Number(upTo[0]));

/** Reads like a worker does: in key order, up to the limit. */
function readTurn({ request }: Turn, table: Table): { dumped: DumpedChunk; keys: readonly number[] } {
  const all = table.keys.filter(inRange(request.range));
  const keys = request.limitRows === null ? all : all.slice(0, request.limitRows);
  const cut = request.limitRows !== null && keys.length === request.limitRows;
  const last = cut ? [String(keys.at(-1))] : request.range.upTo;
  const exhausted = !cut || last?.[0] === request.range.upTo?.[0];
  const sizes = { rowsRead: keys.length, bytesRead: keys.length * 1000, bytesRaw: 0, bytesFile: 0 };
  const dumped: DumpedChunk = {
    ...{ chunk: request.chunk, table: table.name, range: { after: request.range.after, upTo: last }, exhausted },
    ...{ file: "", ...sizes, checksum: { rows: keys.length, xor: 0, sum: "0" }, sha256: "", largeRow: null },
  };
  return { dumped, keys };
}

/** Readers take turns until all is read or `crashAfter` chunks are recorded. Returns what was recorded and read. */
async function readAll(made: readonly Table[], earlier: readonly LedgerRecord[], readers: number, crashAfter: number) {
  const records: LedgerRecord[] = [];
  const read: [string, number][] = [];
  const byName = new Map(made.map((table) => [table.name, table]));
  const reading = await newReading({
    tables: made.map(({ name, keys, chunked }, i) => ({
      ...{ name, chunked, number: i + 1, rowsEstimate: keys.length, bytesEstimate: keys.length * 1000 },
    })),
    records: earlier,
    readers,
    chunkBytes: 4000,
    record: async (record) => {
      records.push(record);
    },
    cut: async (name, range) => {
      const keys = byName.get(name)?.keys.filter(inRange(range)) ?? [];
      return keys.length < 2 ? null : [String(keys[Math.floor((keys.length - 1) / 2)])];
    },
  });
  let finished = 0;
  const reader = async (): Promise<void> => {
    for (let turn = await reading.next(); turn !== null; turn = await reading.next()) {
      const table = byName.get(turn.request.table) as Table;
      const { dumped, keys } = readTurn(turn, table);
      await new Promise((resolve) => setImmediate(resolve));
      if (finished >= crashAfter) return reading.close();
      finished++;
      await reading.finished(turn, dumped, 1);
      read.push(...keys.map((key): [string, number] => [table.name, key]));
    }
  };
  await Promise.all(Array.from({ length: readers }, reader));
  return { records, read };
}

test("every key of every table is read exactly once, by any number of readers, also after a crash", async () => {
  await fc.assert(
    fc.asyncProperty(
      tables,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 12 }),
      async (made, readers, crash) => {
        const first = await readAll(made, [], readers, crash);
        const second = await readAll(made, first.records, readers, Number.POSITIVE_INFINITY);
        const expected = made.flatMap(({ name, keys }) => keys.map((key) => `${name} ${key}`));
        const got = [...first.read, ...second.read].map(([name, key]) => `${name} ${key}`);
        expect(got.toSorted()).toEqual(expected.toSorted());
        const all = [...first.records, ...second.records];
        for (const { name } of made) {
          const chunks = all.flatMap((record) =>
            record.type === "dumped" && record.dumped.table === name ? [record.dumped] : [],
          );
          expect(tiling(chunks)).toBeNull();
          expect(new Set(chunks.map(({ chunk }) => chunk)).size).toBe(chunks.length);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("a large table is spread over the readers from the start, and idle readers get part of what is left", async () => {
  const table: Table = { name: "t0", keys: Array.from({ length: 100 }, (_, i) => i), chunked: true };
  const { records } = await readAll([table], [], 4, Number.POSITIVE_INFINITY);
  expect(records.findIndex(({ type }) => type === "dumped")).toBeGreaterThan(3);
  expect(records.filter(({ type }) => type === "split").length).toBeGreaterThanOrEqual(3);
});

test("a table's first chunk is bounded whatever its statistics say; later ones go by what was seen", async () => {
  const reading = await newReading({
    tables: [{ name: "t", number: 1, rowsEstimate: 10_000_000, bytesEstimate: 16_384, chunked: true }],
    records: [],
    readers: 1,
    chunkBytes: 32_000_000,
    record: async () => {},
    cut: async () => null,
  });
  const first = (await reading.next()) as Turn;
  expect(first.request.limitRows).toBe(100_000);
  const sizes = { rowsRead: 100_000, bytesRead: 6_400_000, bytesRaw: 0, bytesFile: 0 };
  await reading.finished(
    first,
    {
      ...{
        chunk: first.request.chunk,
        table: "t",
        range: { after: null, upTo: ["100000"] },
        exhausted: false,
        file: "",
      },
      ...{ ...sizes, checksum: { rows: 100_000, xor: 0, sum: "0" }, sha256: "", largeRow: null },
    },
    1,
  );
  expect((await reading.next())?.request.limitRows).toBe(500_000);
});
