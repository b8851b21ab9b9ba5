import { createDecipheriv, hkdfSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openChunkFile } from "../../../src/store/chunk-file-reader.ts";
import { encryptedEncoder } from "../../../src/store/encrypted-format.ts";
import { rowFormats } from "../../../src/store/export/formats.ts";
import { storeKey } from "../../../src/store/store-key.ts";
import { decompressFrame } from "../../../src/store/zstd.ts";
import { partsOf } from "./encrypted-parts.ts";

const golden = join(import.meta.dirname, "../../golden");
const path = join(golden, "chunk-v2.zst");
/** The bytes 0 to 31. */
const keyText = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const key = storeKey(keyText);
const trailer = { frames: 2, rows: 3, bytesRaw: 542, checksum: { rows: 3, xor: 2654530407, sum: "6203847335" } };

/**
 * The file holds what chunk-v1.zst holds. It was written by version 0.1.0 and is never written again: whatever changes, it must be read.
 * If this test fails, the change needs a new format number and a reader that still knows this one.
 */
test("the encrypted chunk file of format 2 is read for ever", async () => {
  const sha256 = "555ced5953caf6af1f79e219783332654df6e4ec07c16f8b15ab5c7d1222651e";
  await using reader = await openChunkFile(path, { sha256, chunk: "12-3", table: "all kinds `of`" }, key);
  expect(reader.header).toEqual(JSON.parse(await readFile(join(golden, "chunk-v1.header.json"), "utf8")));
  expect(reader.trailer).toEqual(trailer);
  const lines: Buffer[] = [];
  for await (const batch of reader.batches()) lines.push(rowFormats.json(reader.header).rows(batch));
  expect(Buffer.concat(lines).toString()).toBe(await readFile(join(golden, "chunk-v1.rows.jsonl"), "utf8"));
});

test("this version still writes header and trailer as format 2 has them, byte by byte", async () => {
  await using reader = await openChunkFile(path, {}, key);
  const bytes = await readFile(path);
  const encoder = encryptedEncoder(reader.header, key, bytes.subarray(28, 60));
  expect(bytes.subarray(0, encoder.head.length)).toEqual(encoder.head);
  const end = encoder.trailer(reader.trailer);
  expect(bytes.subarray(-end.length)).toEqual(end);
});

test("what ARCHITECTURE.md says of format 2 is enough to read it, by other means than the reader's", async () => {
  const parts = partsOf(await readFile(path));
  const [header] = parts as [Buffer];
  const userKey = Buffer.from(keyText, "base64");
  const derived = (salt: Uint8Array, info: string): Buffer => Buffer.from(hkdfSync("sha256", userKey, salt, info, 32));
  expect(header.subarray(20, 28)).toEqual(derived(new Uint8Array(), "vtpipe key id").subarray(0, 8));
  const fileKey = derived(header.subarray(28, 60), "vtpipe chunk file");
  const clearBytes: Readonly<Record<string, number>> = { vtpH: 60, vtpF: 20, vtpT: 16 };
  const secrets = parts.map((part) => {
    const tag = part.toString("latin1", 8, 12);
    const clear = clearBytes[tag] ?? expect.fail();
    const nonce = Buffer.alloc(12);
    nonce.write(tag);
    if (tag === "vtpF") nonce.writeUInt32LE(part.readUInt32LE(16), 4);
    const decipher = createDecipheriv("aes-256-gcm", fileKey, nonce);
    decipher.setAAD(part.subarray(0, clear));
    decipher.setAuthTag(part.subarray(-20, -4));
    return Buffer.concat([decipher.update(part.subarray(clear, -20)), decipher.final()]);
  });
  expect(JSON.parse(secrets[0]?.toString() ?? "")).toEqual(
    JSON.parse(await readFile(join(golden, "chunk-v1.header.json"), "utf8")),
  );
  const rows = secrets.slice(1, -1).map((secret) => {
    const raw = Buffer.alloc(secret.readUInt32LE(4));
    decompressFrame(secret.subarray(12), raw);
    return raw;
  });
  await using plain = await openChunkFile(join(golden, "chunk-v1.zst"));
  const wanted: Buffer[] = [];
  for await (const { bytes } of plain.batches()) wanted.push(bytes);
  expect(Buffer.concat(rows)).toEqual(Buffer.concat(wanted));
  expect(secrets.at(-1)?.readUInt32LE(0)).toBe(2);
  expect(secrets.at(-1)?.readBigUInt64LE(4)).toBe(3n);
});
