import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openChunkFile } from "../../../src/store/chunk-file-reader.ts";
import { plainDecoder, plainEncoder } from "../../../src/store/chunk-format.ts";

const golden = join(import.meta.dirname, "../../golden/chunk-v1.zst");

test("format 1 is written as ever: the parts of the first file there was make that file, byte by byte", async () => {
  const file = await readFile(golden);
  await using reader = await openChunkFile(golden);
  const encoder = plainEncoder(reader.header);
  const { leadBytes, trailerBytes } = plainDecoder;
  const written: Buffer[] = [encoder.head];
  for (let at = encoder.head.length; at < file.length - trailerBytes; ) {
    const start = at + leadBytes;
    const { number, length, open } = plainDecoder.lead(file.subarray(at, start));
    at = start + length;
    const { compressed, ...facts } = open(file.subarray(start, at), false);
    written.push(...encoder.frame({ number, ...facts }, [compressed]));
  }
  written.push(encoder.trailer(reader.trailer));
  expect(Buffer.concat(written)).toEqual(file);
});
