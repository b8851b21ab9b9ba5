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
async function readAll(
  made: readonly Table[],
  earlier: readonly LedgerRecord[],
  readers: number,
  crashAfter: number,
  seconds: (turn: Turn) => number = () => 0.1,
) {
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
      await reading.finished(turn, dumped, 1, seconds(turn));
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
      fc.array(fc.double({ min: 0, max: 10_000, noNaN: true }), { minLength: 1, maxLength: 10 }),
      async (made, readers, crash, durations) => {
        let turns = 0;
        const seconds = () => durations[turns++ % durations.length] as number;
        const first = await readAll(made, [], readers, crash, seconds);
        const second = await readAll(made, first.records, readers, Number.POSITIVE_INFINITY, seconds);
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

/** A reading of one long table by one reader, and a way to end a turn as if it had read so many bytes in so many seconds. */
async function oneTable(chunkBytes: number) {
  const told: [string, number][] = [];
  const reading = await newReading({
    tables: [{ name: "t", number: 1, rowsEstimate: 10_000_000, bytesEstimate: 16_384, chunked: true }],
    records: [],
    readers: 1,
    chunkBytes,
    record: async () => {},
    cut: async () => null,
    onChunkSize: (table, bytes) => told.push([table, bytes]),
  });
  let rows = 0;
  const finish = async (turn: Turn, bytesRead: number, seconds: number): Promise<void> => {
    const { request } = turn;
    const rowsRead = request.limitRows ?? 0;
    rows += rowsRead;
    const range = { after: request.range.after, upTo: [String(rows)] };
    const sizes = { rowsRead, bytesRead, bytesRaw: 0, bytesFile: 0 };
    const file = { file: "", checksum: { rows: rowsRead, xor: 0, sum: "0" }, sha256: "", largeRow: null };
    await reading.finished(
      turn,
      { chunk: request.chunk, table: "t", range, exhausted: false, ...sizes, ...file },
      1,
      seconds,
    );
  };
  return { next: async () => (await reading.next()) as Turn, finish, told };
}

test("a table's first chunk is bounded whatever its statistics say; later ones go by what was seen", async () => {
  const { next, finish } = await oneTable(32_000_000);
  const first = await next();
  expect(first.request.limitRows).toBe(100_000);
  await finish(first, 6_400_000, 0.5);
  expect((await next()).request.limitRows).toBe(500_000);
});

test("chunks of a table that is read slowly become smaller, and as large as they were once it is fast; both is told", async () => {
  const { next, finish, told } = await oneTable(32_000_000);
  // 64 bytes a row, 100 kB a second: 30 s are 3 MB.
  await finish(await next(), 6_400_000, 64);
  const slow = await next();
  expect(slow.request.limitRows).toBe(3_000_000 / 64);
  await finish(slow, 3_000_000, 0.3);
  expect((await next()).request.limitRows).toBe(500_000);
  expect(told).toEqual([
    ["t", 3_000_000],
    ["t", 32_000_000],
  ]);
});
