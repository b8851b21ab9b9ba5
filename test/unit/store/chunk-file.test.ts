import { execFileSync, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { appendFile, chmod, readdir, readFile, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { addChecksums, checksumOf } from "../../../src/contracts/checksum.ts";
import type { RowBatch } from "../../../src/contracts/rows.ts";
import { type ChunkFileReader, openChunkFile } from "../../../src/store/chunk-file-reader.ts";
import { createChunkFile } from "../../../src/store/chunk-file-writer.ts";
import { encodeFrameInfo, encodeHeader, encodeTrailer, frameInfoBytes } from "../../../src/store/chunk-format.ts";
import { compressor } from "../../../src/store/zstd.ts";
import { batchOf, columnsOf, headerOf, refusalOf, smallDisk, temporaryFolder } from "./make.ts";

const columns = columnsOf("id int not null", "name varchar(20)");
const header = headerOf(columns);
const three = batchOf([
  ["1", "a"],
  ["2", null],
  ["3", ""],
]);

async function rowsOf(reader: ChunkFileReader): Promise<RowBatch[]> {
  const batches: RowBatch[] = [];
  for await (const batch of reader.batches()) batches.push(batch);
  return batches;
}

function manyRows(from: number, count: number): RowBatch {
  return batchOf(Array.from({ length: count }, (_, i) => [String(from + i), "x".repeat(100)]));
}

test("what is written is read, with header, totals and the SHA-256 of the file", async () => {
  const path = join(await temporaryFolder(), "chunks", "0001-people", "1-1.zst");
  const writer = createChunkFile(path, header);
  await writer.write(three);
  const written = await writer.finish();
  const file = await readFile(path);
  expect(written).toEqual({
    bytesFile: file.length,
    bytesRaw: three.bytes.length,
    rows: 3,
    checksum: checksumOf(three),
    sha256: createHash("sha256").update(file).digest("hex"),
  });
  const { sha256, checksum, bytesFile } = written;
  await using reader = await openChunkFile(path, {
    sha256,
    checksum,
    bytesFile,
    chunk: "1-1",
    table: "people",
    fingerprint: header.fingerprint,
  });
  expect(reader.header).toEqual(header);
  expect(reader.trailer).toEqual({ frames: 1, rows: 3, bytesRaw: three.bytes.length, checksum });
  expect(await rowsOf(reader)).toEqual([three]);
  expect(await rowsOf(reader)).toEqual([three]);
});

test("only the owner may read the file, and nothing but it is left", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "1-1.zst.part"), "from a killed run, readable by all", { mode: 0o644 });
  const writer = createChunkFile(join(folder, "1-1.zst"), header);
  await writer.write(three);
  await writer.finish();
  expect(await readdir(folder)).toEqual(["1-1.zst"]);
  expect((await stat(join(folder, "1-1.zst"))).mode & 0o777).toBe(0o600);
});

test("the file has its name only when it is finished, and abort leaves nothing", async () => {
  const folder = await temporaryFolder();
  const writer = createChunkFile(join(folder, "1-1.zst"), header, { frameBytes: 4 });
  await writer.write(three);
  expect(await readdir(folder)).toEqual(["1-1.zst.part"]);
  await writer.abort();
  await writer.abort();
  expect(await readdir(folder)).toEqual([]);
});

test("a chunk without rows is a file too", async () => {
  const path = join(await temporaryFolder(), "1-1.zst");
  const written = await createChunkFile(path, header).finish();
  await using reader = await openChunkFile(path, written);
  expect(written.rows).toBe(0);
  expect(await rowsOf(reader)).toEqual([]);
});

test("a batch that waits for its frame may be written over", async () => {
  const path = join(await temporaryFolder(), "1-1.zst");
  const writer = createChunkFile(path, header);
  const batch = batchOf([["1", "abc"]]);
  await writer.write(batch);
  batch.bytes.fill(0x7a, 3);
  const written = await writer.finish();
  await using reader = await openChunkFile(path, written);
  const [found] = await rowsOf(reader);
  expect(found?.bytes.includes("abc")).toBe(true);
});

test("frames read into the same memory bring the same rows", async () => {
  const path = join(await temporaryFolder(), "1-1.zst");
  const writer = createChunkFile(path, header, { frameBytes: 1000 });
  const batches = Array.from({ length: 20 }, (_, i) => manyRows(i * 100, 100));
  for (const batch of batches) await writer.write(batch);
  const written = await writer.finish();
  await using reader = await openChunkFile(path, written);
  const seen: string[] = [];
  const memories = new Set<ArrayBufferLike>();
  for await (const { bytes } of reader.batches({ reuse: true })) {
    seen.push(bytes.toString("latin1"));
    memories.add(bytes.buffer);
  }
  expect(seen.join("")).toBe(batches.map(({ bytes }) => bytes.toString("latin1")).join(""));
  expect(memories.size).toBeLessThan(seen.length / 2);
});

test("rows of many megabytes, that compress well and badly, come back as they were", async () => {
  const path = join(await temporaryFolder(), "1-1.zst");
  const writer = createChunkFile(path, header);
  const noise = randomBytes(6 << 20).toString("latin1");
  const batches = [manyRows(1, 3), batchOf([["4", "y".repeat(9 << 20)]]), batchOf([["5", noise]]), manyRows(6, 3)];
  for (const batch of batches) await writer.write(batch);
  const written = await writer.finish();
  for (const expected of [written, {}]) {
    await using reader = await openChunkFile(path, expected);
    const frames = await rowsOf(reader);
    expect(frames.map(({ rows }) => rows)).toEqual([3, 1, 1, 3]);
    expect(
      Buffer.concat(frames.map(({ bytes }) => bytes)).equals(Buffer.concat(batches.map(({ bytes }) => bytes))),
    ).toBe(true);
  }
});

test("small batches share a frame, large ones are cut between rows, a large row stands alone", async () => {
  const path = join(await temporaryFolder(), "1-1.zst");
  const writer = createChunkFile(path, header, { frameBytes: 10_000 });
  const huge = batchOf([["9999", "y".repeat(50_000)]]);
  const batches = [
    ...Array.from({ length: 100 }, (_, i) => manyRows(i, 1)),
    manyRows(100, 900),
    huge,
    manyRows(1000, 3),
  ];
  for (const batch of batches) await writer.write(batch);
  const written = await writer.finish();
  await using reader = await openChunkFile(path, written);
  const frames = await rowsOf(reader);
  expect(Buffer.concat(frames.map((frame) => frame.bytes))).toEqual(Buffer.concat(batches.map((batch) => batch.bytes)));
  expect(frames.map((frame) => checksumOf(frame)).reduce(addChecksums)).toEqual(written.checksum);
  expect(frames.filter((frame) => frame.bytes.length > 20_000)).toHaveLength(1);
  expect(frames.length).toBeLessThan(20);
});

test.skipIf(spawnSync("zstd", ["--version"]).error !== undefined)("the zstd tool gives the row bytes", async () => {
  const path = join(await temporaryFolder(), "1-1.zst");
  const writer = createChunkFile(path, header, { frameBytes: 1000 });
  const batches = [three, manyRows(10, 50)];
  for (const batch of batches) await writer.write(batch);
  await writer.finish();
  const bytes = execFileSync("zstd", ["-d", "-c", path], { stdio: ["ignore", "pipe", "pipe"] });
  expect(bytes).toEqual(Buffer.concat(batches.map((batch) => batch.bytes)));
});

/** A file put together from parts, so that it can lie with right CRCs. */
async function forge(...parts: readonly Buffer[]): Promise<string> {
  const path = join(await temporaryFolder(), "forged.zst");
  await writeFile(path, Buffer.concat(parts));
  return path;
}

const head = encodeHeader(header);
const frame = Buffer.concat(compressor(1)(three.bytes));
const info = {
  number: 1,
  rows: 3,
  rawLength: three.bytes.length,
  frameLength: frame.length,
  rawCrc: crc32(three.bytes),
  frameCrc: crc32(frame),
};
const totals = { frames: 1, rows: 3, bytesRaw: three.bytes.length, checksum: checksumOf(three) };
const infoBytes = encodeFrameInfo(head.mark, info);
const tail = encodeTrailer(head.mark, totals);

async function whyRefused(path: string, expectation = {}): Promise<{ message: string; rows: number }> {
  let rows = 0;
  const { message, code } = await refusalOf(async () => {
    await using reader = await openChunkFile(path, expectation);
    for await (const batch of reader.batches()) rows += batch.rows;
  });
  expect(code).toBe("files");
  expect(message).toContain(path);
  return { message, rows };
}

test("the forging itself gives a good file", async () => {
  await using reader = await openChunkFile(await forge(head.bytes, infoBytes, frame, tail));
  expect(await rowsOf(reader)).toEqual([three]);
});

test.each<[string, Buffer[], RegExp]>([
  ["a later format", [encodeHeader(header, 7).bytes, infoBytes, frame, tail], /has format 7; .* reads format 1/],
  ["no chunk file", [Buffer.from("hello, this is text")], /does not start with a header/],
  ["an empty file", [], /does not start with a header/],
  ["no frame", [head.bytes, tail], /has no frames, but its trailer tells of 1/],
  ["something behind", [head.bytes, infoBytes, frame, tail, Buffer.from("x")], /does not end with its trailer/],
  ["another file's frame", [head.bytes, encodeFrameInfo(1, info), frame, tail], /frame 1: it belongs to another file/],
  ["another file's trailer", [head.bytes, infoBytes, frame, encodeTrailer(1, totals)], /trailer of another file/],
  [
    "a wrong row count",
    [head.bytes, encodeFrameInfo(head.mark, { ...info, rows: 2 }), frame, tail],
    /frame 1: 3 bytes are left after row 2/,
  ],
  [
    "more rows than bytes",
    [head.bytes, encodeFrameInfo(head.mark, { ...info, rows: 0xffffffff }), frame, tail],
    /frame 1: 4294967295 rows do not fit/,
  ],
  [
    "an absurd length",
    [head.bytes, encodeFrameInfo(head.mark, { ...info, rawLength: 0xffffffff }), frame, tail],
    /frame 1: it claims 4294967295 bytes/,
  ],
  [
    "a length that is not the frame's",
    [head.bytes, encodeFrameInfo(head.mark, { ...info, rawLength: 9 }), frame, tail],
    /frame 1: it announces 10 bytes instead of 9/,
  ],
  [
    "a frame beyond the end",
    [head.bytes, encodeFrameInfo(head.mark, { ...info, frameLength: 0xffffffff }), frame, tail],
    /frame 1: it runs over the end/,
  ],
  [
    "wrong rows",
    [head.bytes, encodeFrameInfo(head.mark, { ...info, rawCrc: 1 }), frame, tail],
    /frame 1: the CRC of its rows is wrong/,
  ],
  [
    "a wrong total",
    [head.bytes, infoBytes, frame, encodeTrailer(head.mark, { ...totals, rows: 4 })],
    /does not add up to its trailer after frame 1/,
  ],
  [
    "a wrong row checksum",
    [head.bytes, infoBytes, frame, encodeTrailer(head.mark, { ...totals, checksum: { ...totals.checksum, sum: "1" } })],
    /does not add up to its trailer after frame 1/,
  ],
  ["a header with unknown fields", [encodeHeader({ ...header, more: 1 } as never).bytes, tail], /does not fit/],
])("%s is refused and gives no row", async (_, parts, message) => {
  const refused = await whyRefused(await forge(...parts));
  expect(refused.message).toMatch(message);
  expect(refused.rows).toBe(0);
});

test.each([1, 3])("frame %i in the place of frame 2 is refused after the intact one", async (number) => {
  const wrong = encodeFrameInfo(head.mark, { ...info, number });
  const refused = await whyRefused(await forge(head.bytes, infoBytes, frame, wrong, frame, tail));
  expect(refused.message).toContain(`damaged in frame 2: frame ${number} stands in its place`);
  expect(refused.rows).toBe(3);
});

test("what the manifest says otherwise is refused before any row", async () => {
  const path = await forge(head.bytes, infoBytes, frame, tail);
  const good = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  const cases: [object, RegExp][] = [
    [{ chunk: "1-2" }, /holds chunk 1-1 instead of 1-2/],
    [{ table: "pets" }, /rows of table `people` instead of `pets`/],
    [{ fingerprint: "0" }, /another select list/],
    [{ checksum: { rows: 3, xor: 1, sum: "1" } }, /another row checksum/],
    [{ bytesFile: 1 }, /instead of 1/],
    [{ sha256: good.replace(/./, (digit) => (digit === "0" ? "1" : "0")) }, /SHA-256 is not the one/],
  ];
  for (const [expectation, message] of cases) {
    const refused = await whyRefused(path, expectation);
    expect(refused.message).toMatch(message);
    expect(refused.rows).toBe(0);
  }
  await using reader = await openChunkFile(path, { sha256: good });
  expect(await rowsOf(reader)).toHaveLength(1);
});

test("a flipped bit inside a compressed frame is named by the frame's number", async () => {
  const path = await forge(
    head.bytes,
    infoBytes,
    frame,
    encodeFrameInfo(head.mark, { ...info, number: 2 }),
    frame,
    tail,
  );
  const bytes = await readFile(path);
  const place = head.bytes.length + 2 * (frameInfoBytes + frame.length) - 3;
  bytes[place] = (bytes[place] as number) ^ 4;
  await writeFile(path, bytes);
  const refused = await whyRefused(path);
  expect(refused.message).toMatch(/damaged in frame 2: the CRC of its compressed bytes/);
  expect(refused.rows).toBe(3);
});

test("a missing file is named", async () => {
  const { code, message } = await refusalOf(() => openChunkFile("/no/such/file.zst"));
  expect([code, message]).toEqual(["files", "Cannot read /no/such/file.zst: it does not exist."]);
});

test("a full disk is a disk error that leaves nothing behind", async ({ skip }) => {
  const folder = (await smallDisk()) ?? skip("mounting a small disk takes root");
  const noise = randomBytes(30_000).toString("hex");
  const writer = createChunkFile(join(folder, "1-1.zst"), header, { frameBytes: 10_000 });
  const error = await refusalOf(async () => {
    for (let i = 0; i < 10; i++) await writer.write(batchOf([[String(i), noise]]));
    await writer.finish();
  });
  expect([error.code, error.message]).toEqual(["disk", `Cannot write ${folder}/1-1.zst: the disk is full (ENOSPC).`]);
  await writer.abort();
  expect(await readdir(folder)).toEqual([]);
});

test("a symbolic link in the place of the unfinished file is not followed", async () => {
  const folder = await temporaryFolder();
  await symlink(join(folder, "elsewhere"), join(folder, "1-1.zst.part"));
  const { code } = await refusalOf(() => createChunkFile(join(folder, "1-1.zst"), header).finish());
  expect(code).toBe("disk");
  expect(await readdir(folder)).not.toContain("elsewhere");
});

test.skipIf(process.getuid?.() === 0)("a folder that may not be written to is a disk error", async () => {
  const folder = await temporaryFolder();
  await chmod(folder, 0o500);
  const { code, message } = await refusalOf(() => createChunkFile(join(folder, "1-1.zst"), header).finish());
  expect(code).toBe("disk");
  expect(message).toContain("EACCES");
});

test("appending to a finished file is noticed by the SHA-256 as well", async () => {
  const path = join(await temporaryFolder(), "1-1.zst");
  const writer = createChunkFile(path, header);
  await writer.write(three);
  const { sha256 } = await writer.finish();
  await appendFile(path, "x");
  expect((await whyRefused(path, { sha256 })).message).toMatch(/SHA-256/);
});

/** A zstd frame that announces `announced` bytes and consists of blocks that say a byte `times` times. */
function repeating(announced: number, blocks: readonly number[]): Buffer {
  const parts = blocks.map((times, index) => {
    const block = Buffer.alloc(4, 1);
    const isLast = index === blocks.length - 1 ? 1 : 0;
    block.writeUIntLE(isLast | (1 << 1) | (times << 3), 0, 3);
    return block;
  });
  const start = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  start.writeUInt32LE(announced, 5);
  return Buffer.concat([start, ...parts]);
}

const largestBlock = 128 << 10;
const GiB = 1 << 30;

/** Its bytes, what its description claims, what the trailer claims of all frames. */
test.each<[string, Buffer, number, number, RegExp]>([
  ["more than it announces", repeating(10, [largestBlock, largestBlock]), 10, 10, /damaged in frame 1/],
  ["less than it announces", repeating(1 << 20, [largestBlock]), 1 << 20, 1 << 20, /damaged in frame 1/],
  ["a gigabyte and not ten bytes", repeating(GiB, Array(8192).fill(largestBlock)), 10, 10, /announces 1073741824/],
  ["a gigabyte of ten bytes in all", repeating(GiB, [largestBlock]), GiB, 10, /claims 1073741824 bytes/],
])("a frame that gives %s is refused without the memory for it", async (_, bomb, rawLength, bytesRaw, message) => {
  const description = { ...info, rawLength, rawCrc: 0, frameLength: bomb.length, frameCrc: crc32(bomb) };
  const end = encodeTrailer(head.mark, { ...totals, bytesRaw });
  const path = await forge(head.bytes, encodeFrameInfo(head.mark, description), bomb, end);
  const before = process.memoryUsage().external;
  const refused = await whyRefused(path);
  expect(refused.message).toMatch(message);
  expect(refused.rows).toBe(0);
  expect(process.memoryUsage().external - before).toBeLessThan(64 << 20);
});

/** A header of any JSON, its CRC right. */
function headerBytes(json: string): Buffer {
  const bytes = Buffer.alloc(20 + Buffer.byteLength(json));
  head.bytes.copy(bytes, 0, 0, 16);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write(json, 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

test.each<[string, string, RegExp]>([
  ["nested without end", "[".repeat(1 << 20) + "]".repeat(1 << 20), /has a header that/],
  ["with columns nested without end", `{"columns":${"[".repeat(1 << 20)}${"]".repeat(1 << 20)}}`, /has a header that/],
  ["that is no object", "7", /has a header that does not fit/],
  ["that is no JSON", "{", /has a header that is no JSON/],
  ["that reaches for the prototype", `{"__proto__":{"chunk":"1-1"}}`, /has a header that does not fit/],
])("a header %s is refused", async (_, json, message) => {
  const refused = await whyRefused(await forge(headerBytes(json), tail));
  expect(refused.message).toMatch(message);
  expect(refused.rows).toBe(0);
});

test("a header that claims more than the file has is refused", async () => {
  const bytes = Buffer.from(head.bytes);
  bytes.writeUInt32LE((64 << 20) - 8, 4);
  expect((await whyRefused(await forge(bytes))).message).toMatch(/is cut short within its header/);
  bytes.writeUInt32LE(0xffffffff, 4);
  expect((await whyRefused(await forge(bytes))).message).toMatch(/its length is absurd/);
});

test.each<[string, (path: string, other: Buffer) => Promise<void>, string]>([
  ["written over", (path, other) => writeFile(path, other, { flag: "r+" }), "frame"],
  ["made longer", (path) => appendFile(path, "more"), "written to while it was read"],
  ["cut short", async (path) => truncate(path, (await stat(path)).size - 1), "written to while it was read"],
])("a large file that is %s while it is read gives none of what was written", async (_, change, why) => {
  const folder = await temporaryFolder();
  const noise = (): RowBatch =>
    batchOf(Array.from({ length: 9 }, (_, i) => [String(i), randomBytes(100_000).toString("hex")]));
  const [path, second] = [join(folder, "1-1.zst"), join(folder, "other.zst")];
  const rows: RowBatch[] = [];
  for (const file of [second, path]) {
    const writer = createChunkFile(file, header, { frameBytes: 100_000 });
    rows.push(noise());
    await writer.write(rows.at(-1) as RowBatch);
    await writer.finish();
  }
  // So that the write below is seen by its time, however soon it comes.
  await utimes(path, 1, 1);
  await using reader = await openChunkFile(path, { sha256: await sha256Of(path) });
  const seen: Buffer[] = [];
  const { message } = await refusalOf(async () => {
    for await (const batch of reader.batches()) {
      if (seen.length === 0) await change(path, await readFile(second));
      seen.push(batch.bytes);
    }
  });
  expect(message).toMatch(/is damaged in frame \d+: /);
  expect(message).toContain(why);
  const before = Buffer.concat(seen);
  expect(before.equals((rows[1] as RowBatch).bytes.subarray(0, before.length))).toBe(true);
});

async function sha256Of(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

test("files of two tables that were swapped, and a file of another run under the same name, are refused", async () => {
  const folder = await temporaryFolder();
  const write = async (name: string, changes: object, id: string): Promise<{ path: string; sha256: string }> => {
    const path = join(folder, name);
    const writer = createChunkFile(path, { ...header, ...changes });
    await writer.write(batchOf([[id, "a"]]));
    return { path, ...(await writer.finish()) };
  };
  const people = await write("people.zst", {}, "1");
  const pets = await write("pets.zst", { table: "pets" }, "1");
  const later = await write("later.zst", { snapshot: { id: 1, position: "MySQL56/x:1-9" } }, "1");
  expect((await whyRefused(pets.path, { table: "people" })).message).toMatch(/of table `pets` instead of `people`/);
  for (const other of [pets, later]) {
    expect((await whyRefused(other.path, { sha256: people.sha256 })).message).toMatch(/its SHA-256 is not the one/);
  }
  // Put together of both, right CRCs and all: the mark tells.
  const [ours, theirs] = [await readFile(people.path), await readFile(later.path)];
  const rowsAt = (bytes: Buffer): number => bytes.readUInt32LE(4) + 8;
  const mixed = await forge(ours.subarray(0, rowsAt(ours)), theirs.subarray(rowsAt(theirs)));
  expect(await whyRefused(mixed)).toMatchObject({ rows: 0, message: expect.stringMatching(/trailer of another file/) });
});
