import { execFileSync, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { appendFile, chmod, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
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
    [head.bytes, encodeFrameInfo(head.mark, { ...info, rawLength: 1 << 30 }), frame, tail],
    /frame 1: it announces 10 bytes instead of 1073741824/,
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
