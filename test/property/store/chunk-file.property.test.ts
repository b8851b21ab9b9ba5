import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import { type ChunkExpectation, openChunkFile } from "../../../src/store/chunk-file-reader.ts";
import { createChunkFile, type WrittenChunk } from "../../../src/store/chunk-file-writer.ts";
import { fuzz, fuzzTimeout } from "../../support/fuzz.ts";
import { batchOf, type Cell, columnsOf, headerOf } from "../../unit/store/make.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-store-property-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const columns = columnsOf("id int not null", "name varchar(20)", "bytes blob");
let numbers = 0;

async function fileOf(rows: readonly (readonly Cell[])[], frameBytes: number): Promise<[string, WrittenChunk]> {
  const path = join(folder, `${++numbers}.zst`);
  const writer = createChunkFile(path, headerOf(columns), { frameBytes });
  for (const row of rows) await writer.write(batchOf([row]));
  return [path, await writer.finish()];
}

/** Opens and reads to the end: the rows that were handed on, and the refusal if there was one. */
async function attempt(path: string, expect_: ChunkExpectation): Promise<{ bytes: Buffer; refusal: unknown }> {
  const parts: Buffer[] = [];
  try {
    await using reader = await openChunkFile(path, expect_);
    for await (const batch of reader.batches()) parts.push(batch.bytes);
  } catch (refusal) {
    return { bytes: Buffer.concat(parts), refusal };
  }
  return { bytes: Buffer.concat(parts), refusal: null };
}

function expectRefusal(refusal: unknown, path: string): void {
  expect(refusal).toBeInstanceOf(VtpipeError);
  expect((refusal as VtpipeError).code).toBe("files");
  expect((refusal as VtpipeError).message).toContain(path);
}

const cell = fc.oneof(
  fc.constant(null),
  fc.string({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
);
const rows = fc.array(fc.tuple(cell, cell, cell), { maxLength: 30 });

test("any rows come back as they were, whatever the size of the frames", async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 2000 }), async (cells, frameBytes) => {
      const [path, written] = await fileOf(cells, frameBytes);
      const { bytes, refusal } = await attempt(path, written);
      expect(refusal).toBeNull();
      expect(bytes).toEqual(batchOf(cells).bytes);
      await rm(path);
    }),
    { numRuns: 60 },
  );
});

const someRows: Cell[][] = Array.from({ length: 8 }, (_, i) => [
  String(i),
  i % 3 === 0 ? null : `name ${i}`,
  Buffer.from([0, i, 255]),
]);

async function expectDamageFound(damage: (good: Buffer) => Iterable<Buffer>): Promise<void> {
  const [path, written] = await fileOf(someRows, 40);
  const good = await readFile(path);
  const rowBytes = batchOf(someRows).bytes;
  for (const bad of damage(good)) {
    await writeFile(path, bad);
    const alone = await attempt(path, {});
    expectRefusal(alone.refusal, path);
    expect(rowBytes.subarray(0, alone.bytes.length)).toEqual(alone.bytes);
    const proven = await attempt(path, { sha256: written.sha256 });
    expectRefusal(proven.refusal, path);
    expect(proven.bytes).toHaveLength(0);
  }
}

test("every byte of a file matters: each one flipped is refused", async () => {
  await expectDamageFound(function* (good) {
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] as number) ^ (1 << (at % 8));
      yield bad;
    }
  });
});

test("a file cut short at any length is refused", async () => {
  await expectDamageFound(function* (good) {
    for (let length = 0; length < good.length; length++) yield good.subarray(0, length);
  });
});

test("any bytes in place of any bytes of a larger file are refused", async () => {
  const many = Array.from({ length: 2000 }, (_, i): Cell[] => [
    String(i),
    `name ${(i * 7919) % 1013}`,
    Buffer.alloc(50, i),
  ]);
  const [path, written] = await fileOf(many, 16_384);
  const good = await readFile(path);
  const place = fc.nat({ max: good.length - 1 });
  await fc.assert(
    fc.asyncProperty(place, fc.uint8Array({ minLength: 1, maxLength: 8 }), async (at, patch) => {
      const bad = Buffer.from(good);
      bad.set(patch.subarray(0, bad.length - at), at);
      fc.pre(!bad.equals(good));
      await writeFile(path, bad);
      expectRefusal((await attempt(path, {})).refusal, path);
      const proven = await attempt(path, written);
      expectRefusal(proven.refusal, path);
      expect(proven.bytes).toHaveLength(0);
    }),
    { numRuns: 150 },
  );
});

test("any bit of a file that is read frame by frame is missed", { timeout: fuzzTimeout }, async () => {
  const noisy = Array.from({ length: 40 }, (_, i): Cell[] => [String(i), null, randomBytes(20_000)]);
  const [path, written] = await fileOf(noisy, 50_000);
  const good = await readFile(path);
  expect(good.length).toBeGreaterThan(512 * 1024);
  const rowBytes = batchOf(noisy).bytes;
  await fuzz(
    "bits of large chunk files",
    60,
    fc.asyncProperty(fc.nat(good.length - 1), fc.nat(7), async (at, bit) => {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] as number) ^ (1 << bit);
      await writeFile(path, bad);
      const alone = await attempt(path, {});
      expectRefusal(alone.refusal, path);
      expect(rowBytes.subarray(0, alone.bytes.length).equals(alone.bytes)).toBe(true);
      const proven = await attempt(path, { sha256: written.sha256 });
      expectRefusal(proven.refusal, path);
      expect(proven.bytes).toHaveLength(0);
    }),
  );
});
