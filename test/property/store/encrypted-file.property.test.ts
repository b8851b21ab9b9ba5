import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import { type ChunkExpectation, openChunkFile } from "../../../src/store/chunk-file-reader.ts";
import { createChunkFile, type WrittenChunk } from "../../../src/store/chunk-file-writer.ts";
import { storeKey } from "../../../src/store/store-key.ts";
import { batchOf, type Cell, columnsOf, headerOf } from "../../unit/store/make.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-encrypted-property-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const columns = columnsOf("id int not null", "name varchar(20)", "bytes blob");
const key = storeKey("5a".repeat(32));
let numbers = 0;

async function fileOf(
  rows: readonly (readonly Cell[])[],
  frameBytes: number,
  own = key,
): Promise<[string, WrittenChunk]> {
  const path = join(folder, `${++numbers}.zst`);
  const writer = createChunkFile(path, headerOf(columns), { frameBytes, key: own });
  for (const row of rows) await writer.write(batchOf([row]));
  return [path, await writer.finish()];
}

/** Opens and reads to the end: the rows that were handed on, and the refusal if there was one. */
async function attempt(path: string, expected: ChunkExpectation, own = key): Promise<[Buffer, unknown]> {
  const parts: Buffer[] = [];
  try {
    await using reader = await openChunkFile(path, expected, own);
    for await (const batch of reader.batches()) parts.push(batch.bytes);
  } catch (refusal) {
    return [Buffer.concat(parts), refusal];
  }
  return [Buffer.concat(parts), null];
}

const cell = fc.oneof(
  fc.constant(null),
  fc.string({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
);
const rows = fc.array(fc.tuple(cell, cell, cell), { maxLength: 30 });
const anyKey = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => storeKey(Buffer.from(bytes).toString("hex")));

test("any rows come back as they were under any key, and under another one nothing does", async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 2000 }), anyKey, anyKey, async (cells, frameBytes, own, other) => {
      fc.pre(own.id !== other.id);
      const [path, written] = await fileOf(cells, frameBytes, own);
      expect(await attempt(path, written, own)).toEqual([batchOf(cells).bytes, null]);
      expect(await attempt(path, {}, own)).toEqual([batchOf(cells).bytes, null]);
      const [bytes, refusal] = await attempt(path, written, other);
      expect([bytes.length, (refusal as VtpipeError).code]).toEqual([0, "config"]);
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
    const [alone, refusal] = await attempt(path, {});
    expect(refusal).toBeInstanceOf(VtpipeError);
    expect((refusal as VtpipeError).code).toBe("files");
    expect(rowBytes.subarray(0, alone.length)).toEqual(alone);
    const [proven, refused] = await attempt(path, { sha256: written.sha256 });
    expect((refused as VtpipeError).code).toBe("files");
    expect(proven).toHaveLength(0);
  }
}

test("every byte of an encrypted file matters: each one flipped is refused", async () => {
  await expectDamageFound(function* (good) {
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] as number) ^ (1 << (at % 8));
      yield bad;
    }
  });
});

test("an encrypted file cut short at any length is refused", async () => {
  await expectDamageFound(function* (good) {
    for (let length = 0; length < good.length; length++) yield good.subarray(0, length);
  });
});
