import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openChunkFile } from "../../../src/store/chunk-file-reader.ts";
import { encodeHeader } from "../../../src/store/chunk-format.ts";
import { rowFormats } from "../../../src/store/export/formats.ts";

const golden = join(import.meta.dirname, "../../golden");

/**
 * The file was written by version 0.1.0 and is never written again: whatever changes, it must be read. If this test fails,
 * the change needs a new format number and a reader that still knows this one.
 */
test("the chunk file of format 1 is read for ever", async () => {
  const sha256 = "49b0509357e96528716658ff2a8a1e1aabaf65d3c3520e34bf9ef2864f8a7cad";
  const path = join(golden, "chunk-v1.zst");
  await using reader = await openChunkFile(path, { sha256, chunk: "12-3", table: "all kinds `of`" });
  const header = JSON.parse(await readFile(join(golden, "chunk-v1.header.json"), "utf8")) as unknown;
  expect(reader.header).toEqual(header);
  expect(reader.trailer).toEqual({
    frames: 2,
    rows: 3,
    bytesRaw: 542,
    checksum: { rows: 3, xor: 2654530407, sum: "6203847335" },
  });
  const lines: Buffer[] = [];
  for await (const batch of reader.batches()) lines.push(rowFormats.json(reader.header).rows(batch));
  expect(Buffer.concat(lines).toString()).toBe(await readFile(join(golden, "chunk-v1.rows.jsonl"), "utf8"));
});

test("this version still writes headers as format 1 has them, byte by byte", async () => {
  await using reader = await openChunkFile(join(golden, "chunk-v1.zst"));
  const bytes = await readFile(join(golden, "chunk-v1.zst"));
  const header = encodeHeader(reader.header).bytes;
  expect(bytes.subarray(0, header.length)).toEqual(header);
});
