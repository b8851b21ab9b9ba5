import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import type { VtpipeError } from "../../../src/contracts/errors.ts";
import type { RowBatch } from "../../../src/contracts/rows.ts";
import { type ChunkExpectation, type ChunkFileReader, openChunkFile } from "../../../src/store/chunk-file-reader.ts";
import { createChunkFile, type WrittenChunk } from "../../../src/store/chunk-file-writer.ts";
import { type StoreKey, storeKey } from "../../../src/store/store-key.ts";
import { forgedPart, keyOf, markOf, partsOf, withCrc } from "./encrypted-parts.ts";
import { batchOf, columnsOf, headerOf, refusalOf, temporaryFolder } from "./make.ts";

const columns = columnsOf("id int not null", "secret_name varchar(20)");
const header = headerOf(columns, { range: { after: ["'planted-after'"], upTo: ["'planted-upto'"] } });
const key = keyOf(1);

function rowsFrom(from: number, count: number): RowBatch {
  return batchOf(Array.from({ length: count }, (_, i) => [String(from + i), `planted-row-${from + i} `.repeat(5)]));
}

/** Three frames of ten rows each, unless told otherwise. */
async function encrypted(
  batches: readonly RowBatch[] = [rowsFrom(10, 10), rowsFrom(20, 10), rowsFrom(30, 10)],
  frameBytes = 1000,
): Promise<{ path: string; written: WrittenChunk; bytes: Buffer }> {
  const path = join(await temporaryFolder(), "1-1.zst");
  const writer = createChunkFile(path, header, { key, frameBytes });
  for (const batch of batches) await writer.write(batch);
  const written = await writer.finish();
  return { path, written, bytes: await readFile(path) };
}

async function rowsOf(reader: ChunkFileReader): Promise<RowBatch[]> {
  const batches: RowBatch[] = [];
  for await (const batch of reader.batches()) batches.push(batch);
  return batches;
}

/** Why a file of these parts is refused, and how many rows had been handed on by then. */
async function whyRefused(
  parts: readonly Buffer[],
  own: StoreKey | null = key,
  expectation: ChunkExpectation = {},
): Promise<{ error: VtpipeError; rows: number }> {
  const path = join(await temporaryFolder(), "forged.zst");
  await writeFile(path, Buffer.concat(parts));
  let rows = 0;
  const error = await refusalOf(async () => {
    await using reader = await openChunkFile(path, expectation, own);
    for await (const batch of reader.batches()) rows += batch.rows;
  });
  expect(error.message).toContain(path);
  return { error, rows };
}

test("what is written with a key is read with it: header, totals, rows, and the SHA-256 of the file", async () => {
  const { path, written, bytes } = await encrypted();
  expect(bytes.readUInt32LE(12)).toBe(2);
  expect(written.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  expect(written.bytesFile).toBe(bytes.length);
  const { sha256, checksum, bytesFile, rows, bytesRaw } = written;
  for (const expected of [{}, { sha256, checksum, bytesFile, chunk: "1-1", table: "people" }]) {
    await using reader = await openChunkFile(path, expected, key);
    expect(reader.header).toEqual(header);
    expect(reader.trailer).toEqual({ frames: 3, rows, bytesRaw, checksum });
    expect(await rowsOf(reader)).toEqual([rowsFrom(10, 10), rowsFrom(20, 10), rowsFrom(30, 10)]);
    expect((await rowsOf(reader)).length).toBe(3);
  }
});

test("a chunk without rows, and rows of many megabytes that compress well and badly", async () => {
  const empty = await encrypted([]);
  await using none = await openChunkFile(empty.path, empty.written, key);
  expect([none.trailer.rows, await rowsOf(none)]).toEqual([0, []]);

  const noise = randomBytes(6 << 20).toString("latin1");
  const batches = [rowsFrom(1, 3), batchOf([["4", "y".repeat(9 << 20)]]), batchOf([["5", noise]]), rowsFrom(6, 3)];
  const large = await encrypted(batches, 1 << 20);
  for (const expected of [large.written, {}]) {
    await using reader = await openChunkFile(large.path, expected, key);
    const seen: string[] = [];
    for await (const { bytes } of reader.batches({ reuse: true })) seen.push(bytes.toString("latin1"));
    expect(seen.length).toBe(4);
    expect(seen.join("") === batches.map(({ bytes }) => bytes.toString("latin1")).join("")).toBe(true);
  }
});

test("neither rows nor names, ranges or checksums are in the file, finished or not, compressed or not", async () => {
  const folder = await temporaryFolder();
  const writer = createChunkFile(join(folder, "1-1.zst"), header, { key, frameBytes: 1000 });
  // Enough for the disk to have some of it before the end.
  for (let from = 0; from < 200_000; from += 100) {
    await writer.write(batchOf([[String(from), `planted-row-${randomBytes(400).toString("hex")}`]]));
  }
  expect(await readdir(folder)).toEqual(["1-1.zst.part"]);
  const unfinished = await readFile(join(folder, "1-1.zst.part"));
  expect(unfinished.length).toBeGreaterThan(100_000);
  await writer.finish();
  const small = await encrypted();
  for (const file of [unfinished, await readFile(join(folder, "1-1.zst")), small.bytes]) {
    for (const text of ["planted", "secret_name", "people", "persons", "MySQL56"])
      expect(file.includes(text)).toBe(false);
  }
  // Where a zstd frame begins, so that its rows could be had without the key; and what could be compared with guessed rows.
  const { xor, sum } = small.written.checksum;
  const tellTales = [0xfd2fb528, xor, Number(BigInt(sum) & 0xffffffffn), crc32(rowsFrom(10, 10).bytes)];
  for (const number of tellTales) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(number);
    expect(small.bytes.includes(bytes)).toBe(false);
  }
});

test.skipIf(spawnSync("zstd", ["--version"]).error !== undefined)("the zstd tool gives nothing of it", async () => {
  const { path } = await encrypted();
  const { stdout, status } = spawnSync("zstd", ["-d", "-c", path]);
  expect([status, stdout.length]).toEqual([0, 0]);
});

test("the same rows twice make files that have nothing in common but their clear beginnings", async () => {
  const [first, second] = [partsOf((await encrypted()).bytes), partsOf((await encrypted()).bytes)];
  expect(first.map(({ length }) => length)).toEqual(second.map(({ length }) => length));
  for (const [i, part] of first.entries())
    expect(part.subarray(-60).equals(second[i]?.subarray(-60) ?? part)).toBe(false);
});

test("another key and no key are told apart from damage, before any row", async () => {
  const { bytes, written } = await encrypted();
  for (const expectation of [{}, { sha256: written.sha256 }]) {
    const other = await whyRefused([bytes], keyOf(2), expectation);
    expect(other.rows).toBe(0);
    expect(other.error.code).toBe("config");
    expect(other.error.message).toMatch(
      new RegExp(`^Chunk file .* is encrypted with the key ${key.id}, and the config's key is ${keyOf(2).id}\\.$`),
    );
    expect(other.error.now).toBe("No row was read or sent.");
    expect(other.error.todo).toContain("Give the key it was encrypted with");

    const none = await whyRefused([bytes], null, expectation);
    expect([none.error.code, none.rows]).toEqual(["config", 0]);
    expect(none.error.message).toContain(`is encrypted with the key ${key.id}, and no key was given.`);
    expect(none.error.todo).toContain("encryption.keyFile");
  }
});

test("of a file that is not encrypted the key says nothing", async () => {
  const path = join(await temporaryFolder(), "1-1.zst");
  const writer = createChunkFile(path, header);
  await writer.write(rowsFrom(1, 3));
  await writer.finish();
  await using reader = await openChunkFile(path, {}, key);
  expect(await rowsOf(reader)).toEqual([rowsFrom(1, 3)]);
});

test("every byte changed by somebody who makes the CRC right again is refused without a row of that part", async () => {
  const parts = partsOf((await encrypted()).bytes);
  const told = new Set<string>();
  for (const [place, part] of parts.entries()) {
    // The lead in front is the length and the tag, which lead nowhere else; the CRC itself is made right.
    for (let at = 12; at < part.length - 4; at++) {
      const bad = Buffer.from(part);
      bad[at] = (bad[at] as number) ^ (1 << (at % 8));
      const { error, rows } = await whyRefused(parts.with(place, withCrc(bad)));
      expect(rows, `part ${place}, byte ${at}`).toBe(Math.max(0, place === parts.length - 1 ? 0 : (place - 1) * 10));
      const [, why = error.message] = /forged\.zst (.*)/.exec(error.message) ?? [];
      told.add(`${place === 0 ? "header" : "after"} ${error.code}: ${why.replace(/[0-9a-f]{16}|\d+/g, "N")}`);
    }
  }
  const tag = "its authentication tag is wrong: it was changed or moved after it was written.";
  expect([...told].sort()).toEqual(
    [
      "header files: has format N; this version of vtpipe reads format N and, encrypted, format N.",
      "header files: has a damaged header: it names cipher N, which this version of vtpipe does not know.",
      "header config: is encrypted with the key N, and the config's key is N.",
      `header files: has a damaged header: ${tag}`,
      "after files: is damaged in frame N: it belongs to another file.",
      "after files: is damaged in frame N: frame N stands in its place.",
      `after files: is damaged in frame N: ${tag}`,
      "after files: ends with the trailer of another file.",
      `after files: has a damaged trailer: ${tag}`,
    ].sort(),
  );
});

test("parts that are swapped, left out, repeated or of another file are refused, also with numbers that fit", async () => {
  const one = partsOf((await encrypted()).bytes);
  const other = partsOf((await encrypted()).bytes);
  const [head, first, second, third, tail] = one as [Buffer, Buffer, Buffer, Buffer, Buffer];
  const [, , strange, , strangeTail] = other as [Buffer, Buffer, Buffer, Buffer, Buffer];
  const mark = markOf(one);
  const tag = "its authentication tag is wrong";
  const cases: [Buffer[], number, string][] = [
    [[head, second, first, third, tail], 0, "damaged in frame 1: frame 2 stands in its place"],
    [[head, forgedPart(second, { 16: 1 }), forgedPart(first, { 16: 2 }), third, tail], 0, `damaged in frame 1: ${tag}`],
    [[head, first, third, tail], 10, "damaged in frame 2: frame 3 stands in its place"],
    [[head, first, forgedPart(third, { 16: 2 }), tail], 10, `damaged in frame 2: ${tag}`],
    [[head, first, first, second, third, tail], 10, "damaged in frame 2: frame 1 stands in its place"],
    [[head, first, forgedPart(first, { 16: 2 }), third, tail], 10, `damaged in frame 2: ${tag}`],
    [[head, first, strange, third, tail], 10, "damaged in frame 2: it belongs to another file"],
    [[head, first, forgedPart(strange, { 12: mark }), third, tail], 10, `damaged in frame 2: ${tag}`],
    [[head, first, second, third, strangeTail], 0, "ends with the trailer of another file"],
    [[head, first, second, third, forgedPart(strangeTail, { 12: mark })], 0, `has a damaged trailer: ${tag}`],
    [[head, first, second, tail], 10, "does not add up to its trailer after frame 2"],
    [[head, tail], 0, "has no frames, but its trailer tells of 3"],
  ];
  for (const [parts, rows, message] of cases) {
    const refused = await whyRefused(parts);
    expect(refused.error.code).toBe("files");
    expect(refused.error.message).toContain(message);
    expect(refused.rows, message).toBe(rows);
  }
});

test("a file cut short at the end of any part is refused before its first row", async () => {
  const parts = partsOf((await encrypted()).bytes);
  for (let kept = 0; kept < parts.length; kept++) {
    const { error, rows } = await whyRefused(parts.slice(0, kept));
    expect([error.code, rows]).toEqual(["files", 0]);
    expect(error.message).toContain(kept === 0 ? "does not start with a header" : "does not end with its trailer");
  }
});

test("damage without intent is told as such, by the CRC, which needs no key", async () => {
  const parts = partsOf((await encrypted()).bytes);
  const [, , second] = parts as [Buffer, Buffer, Buffer];
  const bad = Buffer.from(second);
  bad[100] = (bad[100] as number) ^ 1;
  const refused = await whyRefused(parts.with(2, bad));
  expect(refused.error.message).toContain("damaged in frame 2: the CRC of its encrypted bytes is wrong");
  expect(refused.rows).toBe(10);
  // With the manifest's SHA-256 of the damaged file, as a forger of both would have it: the tag still holds.
  const sha256 = createHash("sha256")
    .update(Buffer.concat(parts.with(2, bad)))
    .digest("hex");
  expect((await whyRefused(parts.with(2, bad), key, { sha256 })).error.message).toContain("authentication tag");
});

test("the same key, as hex or as base64, has one name, which is not in it", () => {
  const bytes = randomBytes(32);
  const [hex, base64] = [storeKey(bytes.toString("hex")), storeKey(bytes.toString("base64"))];
  expect(base64).toEqual(hex);
  expect(storeKey(bytes.toString("base64").replace("=", ""))).toEqual(hex);
  expect(Buffer.from(hex.bytes).equals(bytes)).toBe(true);
  expect(hex.id).toMatch(/^[0-9a-f]{16}$/);
  expect(bytes.toString("hex")).not.toContain(hex.id);
  expect(storeKey(randomBytes(32).toString("hex")).id).not.toBe(hex.id);
});

test("row checksums in the trailer are compared with the manifest's", async () => {
  const { path, written } = await encrypted();
  const wrong = { ...written.checksum, xor: written.checksum.xor ^ 1 };
  const error = await refusalOf(() => openChunkFile(path, { checksum: wrong }, key));
  expect(error.message).toContain("another row checksum in its trailer");
});
