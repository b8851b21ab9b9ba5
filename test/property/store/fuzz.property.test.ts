import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checksumOf } from "../../../src/contracts/checksum.ts";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import type { LedgerRecord } from "../../../src/contracts/ledger.ts";
import type { Manifest } from "../../../src/contracts/manifest.ts";
import type { RowBatch } from "../../../src/contracts/rows.ts";
import { checkLedger } from "../../../src/run/check-ledger.ts";
import { newJournal } from "../../../src/run/journal.ts";
import { openChunkFile } from "../../../src/store/chunk-file-reader.ts";
import { encodeFrameInfo, encodeHeader, encodeTrailer } from "../../../src/store/chunk-format.ts";
import { readLedger } from "../../../src/store/ledger-file.ts";
import { readManifest, writeManifest } from "../../../src/store/manifest-file.ts";
import { compressor } from "../../../src/store/zstd.ts";
import { fuzz, fuzzTimeout } from "../../support/fuzz.ts";
import { hostileJson, mutated, mutation } from "../../support/mutations.ts";
import { batchOf, columnsOf, headerOf } from "../../unit/store/make.ts";

let folder = "";
let path = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-fuzz-"));
  path = join(folder, "file");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const timeout = fuzzTimeout;

/** What the work came to; only a `files` error that names the file counts as a refusal. */
async function attempt(work: () => Promise<void>): Promise<"taken" | "refused"> {
  try {
    await work();
    return "taken";
  } catch (error) {
    if (!(error instanceof VtpipeError)) throw error;
    expect([error.code, error.message]).toEqual(["files", expect.stringMatching(/file|ledger/)]);
    return "refused";
  }
}

const header = headerOf(columnsOf("id int not null", "name varchar(20)"));
const head = encodeHeader(header);
const frames = [
  batchOf([
    ["1", "a"],
    ["2", null],
  ]),
  batchOf([["3", "b".repeat(300)]]),
  batchOf([
    ["4", ""],
    ["5", "c"],
    ["6", "\0"],
  ]),
];
const contents = new Set(frames.map(({ bytes }) => bytes.toString("hex")));

async function framesOf(bytes: Uint8Array): Promise<{ outcome: "taken" | "refused"; batches: RowBatch[] }> {
  await writeFile(path, bytes);
  const batches: RowBatch[] = [];
  const outcome = await attempt(async () => {
    await using reader = await openChunkFile(path);
    for await (const batch of reader.batches()) batches.push(batch);
  });
  return { outcome, batches };
}

test("a chunk file of any bytes is refused", { timeout }, async () => {
  const start = fc.constantFrom(Buffer.alloc(0), head.bytes.subarray(0, 12), head.bytes);
  await fuzz(
    "chunk files of any bytes",
    300,
    fc.asyncProperty(start, fc.uint8Array({ maxLength: 300 }), async (known, bytes) => {
      const { outcome, batches } = await framesOf(Buffer.concat([known, bytes]));
      expect([outcome, batches.length]).toEqual(["refused", 0]);
    }),
  );
});

/** A frame as it is put into a file: a real one, described by numbers of which some may be lies. */
const uint32 = fc.oneof(fc.nat(20), fc.nat(0xffffffff), fc.constantFrom(0x7fffffff, 0x80000000, 0xffffffff));
const lies = fc.record(
  { number: uint32, rows: uint32, rawLength: uint32, frameLength: uint32, rawCrc: uint32, frameCrc: uint32 },
  { requiredKeys: [] },
);
/** Mostly null: a file in which all is a lie is refused at its first byte. */
const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
const frame = fc.record({ of: fc.nat(frames.length - 1), lie: rarely(lies), mark: rarely(uint32) });
const total = fc.record({ frames: uint32, rows: uint32, bytesRaw: uint32 }, { requiredKeys: [] });
const patches = fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { maxLength: 3 });

test("of a chunk file that lies with right CRCs nothing is taken but whole frames as they were written", {
  timeout,
}, async () => {
  const compress = compressor(1);
  const parts = fc.array(frame, { maxLength: 5 });
  let taken = 0;
  await fuzz(
    "chunk files that lie",
    500,
    fc.asyncProperty(parts, rarely(total), rarely(patches), async (chosen, told, patched) => {
      const chunks: Buffer[] = [head.bytes];
      let all = batchOf([]);
      chosen.forEach(({ of, lie, mark }, index) => {
        const { bytes, rows, offsets } = frames[of] as RowBatch;
        const packed = Buffer.concat(compress(bytes));
        const truth = { number: index + 1, rows, rawLength: bytes.length, frameLength: packed.length };
        const crcs = { rawCrc: crc32(bytes), frameCrc: crc32(packed) };
        chunks.push(encodeFrameInfo(mark ?? head.mark, { ...truth, ...crcs, ...lie }), packed);
        const shifted = Array.from(offsets.slice(1), (offset) => offset + all.bytes.length);
        all = {
          bytes: Buffer.concat([all.bytes, bytes]),
          offsets: Uint32Array.of(...all.offsets, ...shifted),
          rows: all.rows + rows,
        };
      });
      const totals = { frames: chosen.length, rows: all.rows, bytesRaw: all.bytes.length, checksum: checksumOf(all) };
      chunks.push(encodeTrailer(head.mark, { ...totals, ...told }));
      const bytes = Buffer.concat(chunks);
      for (const [at, value] of patched ?? []) bytes[at % bytes.length] = value;
      const { outcome, batches } = await framesOf(bytes);
      for (const batch of batches) {
        expect(contents).toContain(batch.bytes.toString("hex"));
        expect(Array.from(batch.offsets)).toHaveLength(batch.rows + 1);
      }
      if (outcome === "refused") return;
      taken += 1;
      expect(batches.map((batch) => batch.bytes)).toEqual(chosen.map(({ of }) => (frames[of] as RowBatch).bytes));
    }),
  );
  // Else nothing was tried: files without a lie are good ones.
  expect(taken).toBeGreaterThan(0);
});

const plan = "p";
const manifest: Manifest = {
  format: 2,
  vtpipe: "0.1.0",
  plan,
  createdAt: "2026-11-23T00:00:00Z",
  database: "commerce",
  tables: [
    {
      source: "people",
      target: "persons",
      folder: "chunks/0001-people",
      columns: columnsOf("id bigint not null", "name varchar(20)"),
      key: { index: "PRIMARY", columns: ["id"] },
      rangesHold: true,
      rangeColumns: ["id"],
      class: "identity",
      fingerprint: "f",
      createStatement: "CREATE TABLE `persons` (\n  `id` bigint\n)",
    },
  ],
  unmoved: [{ what: "view", name: "v", why: "it does not move" }],
  complete: true,
  snapshots: [
    {
      id: 1,
      position: "MySQL56/x:1-5",
      method: "table locks",
      lockMs: 12.5,
      takenAt: "2026-11-23T00:00:00Z",
      serverUuid: "u",
      serverVersion: "9.7.4",
    },
  ],
  chunks: [
    {
      chunk: "0001-000001",
      table: "people",
      range: { after: null, upTo: ["5"] },
      exhausted: true,
      file: "chunks/0001-people/0001-000001.zst",
      rowsRead: 3,
      checksum: { rows: 3, xor: 7, sum: "7" },
      bytesRead: 30,
      bytesRaw: 30,
      bytesFile: 20,
      sha256: "0".repeat(64),
      largeRow: null,
      snapshot: 1,
    },
  ],
};

test("a manifest of any content, its seal right, is taken or refused", { timeout }, async () => {
  await fuzz(
    "manifests",
    400,
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      await writeManifest(path, mutated(manifest, mutations) as Manifest);
      await attempt(async () => {
        const found = await readManifest(path);
        expect(Object.keys(found ?? {}).sort()).toEqual(Object.keys(manifest).sort());
        for (const { file } of found?.chunks ?? []) {
          expect([posix.isAbsolute(file), posix.normalize(file), file.split("/").includes("..")]).toEqual([
            false,
            file,
            false,
          ]);
        }
      });
    }),
  );
});

test("a manifest in which any bytes are others is refused", { timeout }, async () => {
  await writeManifest(path, manifest);
  const good = await readFile(path);
  await fuzz(
    "manifests with other bytes",
    300,
    fc.asyncProperty(fc.nat(good.length - 1), fc.uint8Array({ minLength: 1, maxLength: 6 }), async (at, patch) => {
      const bad = Buffer.from(good);
      bad.set(patch.subarray(0, bad.length - at), at);
      fc.pre(!bad.equals(good));
      await writeFile(path, bad);
      expect(
        await attempt(async () => {
          await readManifest(path);
        }),
      ).toBe("refused");
    }),
  );
});

const [chunk] = manifest.chunks;
const { snapshot: _, ...dumped } = chunk as Manifest["chunks"][number];
const target = "vtgate:15306/main";
const records = [
  { type: "run", format: 1, plan, vtpipe: "0.1.0", at: "2026-11-23T00:00:00Z" },
  { type: "snapshot", snapshot: manifest.snapshots[0] },
  { type: "span", table: "people", span: 0, range: { after: null, upTo: null } },
  { type: "split", table: "people", span: 0, at: ["5"], into: 1 },
  { type: "dumped", span: 0, snapshot: 1, dumped },
  { type: "keys", target, table: "people", event: "deferred", keys: [{ name: "k", definition: "KEY `k` (`name`)" }] },
  { type: "loading", target, chunk: "0001-000001" },
  { type: "loaded", target, chunk: "0001-000001", rows: 3 },
  { type: "keys", target, table: "people", event: "built", keys: [] },
  { type: "verified", target, table: "people", equal: true },
  { type: "vdiff", target, at: "2026-11-23T00:00:00Z", equal: true },
  {
    type: "handoff",
    target,
    workflow: "w",
    event: "started",
    tables: [{ source: "people", target: "persons", lane: "streams" }],
  },
  {
    type: "follow",
    target,
    copy: "c".repeat(32),
    event: "started",
    tables: ["people"],
    position: "MySQL56/x:1-5",
    at: "2026-11-23T00:00:00Z",
  },
];

/** A line with a right CRC, whatever its JSON. */
function lineOf(value: unknown): string {
  const json = JSON.stringify(value) ?? "null";
  return `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`;
}

async function readAndFold(bytes: string | Uint8Array): Promise<"taken" | "refused"> {
  await writeFile(path, bytes);
  return attempt(async () => {
    const content = await readLedger(path);
    checkLedger(path, content.records, manifest);
    const journal = newJournal(content.records);
    for (const { dumped: one } of content.records.filter((record) => record.type === "dumped")) {
      expect(journal.chunks.get(one.chunk)?.file).toBe(one.file);
    }
  });
}

test("the ledger that is fuzzed is a good one", async () => {
  expect(await readAndFold(records.map(lineOf).join(""))).toBe("taken");
  expect((await readLedger(path)).records).toEqual(records as unknown as LedgerRecord[]);
});

test("a ledger of any records, their CRCs right, is folded or refused", { timeout }, async () => {
  const changes = fc.array(
    fc.oneof(
      fc.record({ what: fc.constant("mutate" as const), line: fc.nat(records.length - 1), mutation }),
      fc.record({ what: fc.constant("put" as const), line: fc.nat(records.length), value: hostileJson }),
      fc.record({ what: fc.constant("move" as const), line: fc.nat(records.length - 1), to: fc.nat(records.length) }),
      fc.record({ what: fc.constant("take" as const), line: fc.nat(records.length - 1) }),
    ),
    { minLength: 1, maxLength: 4 },
  );
  await fuzz(
    "ledgers of any records",
    500,
    fc.asyncProperty(changes, async (list) => {
      const lines: unknown[] = [...records];
      for (const change of list) {
        if (change.what === "mutate") lines[change.line] = mutated(lines[change.line], [change.mutation]);
        if (change.what === "put") lines.splice(change.line, 0, change.value);
        if (change.what === "move") lines.splice(change.to, 0, ...lines.splice(change.line, 1));
        if (change.what === "take") lines.splice(change.line, 1);
      }
      await readAndFold(lines.map(lineOf).join(""));
    }),
  );
});

test("a ledger of any bytes is refused but for what was never acknowledged", { timeout }, async () => {
  const good = Buffer.from(records.map(lineOf).join(""));
  await fuzz(
    "ledgers of any bytes",
    300,
    fc.asyncProperty(
      fc.nat(good.length),
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.boolean(),
      async (at, bytes, ends) => {
        const tail = ends ? good.subarray(Math.min(good.length, at + bytes.length)) : Buffer.alloc(0);
        const bad = Buffer.concat([good.subarray(0, at), bytes, tail]);
        fc.pre(!bad.equals(good));
        if ((await readAndFold(bad)) === "refused") return;
        // Taken: then what is no whole line at the end was left out, and all before it is as it was.
        const content = await readLedger(path);
        expect(bad.subarray(0, content.bytes).equals(good.subarray(0, content.bytes))).toBe(true);
      },
    ),
  );
});
