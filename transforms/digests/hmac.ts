import { hash as digest } from "node:crypto";

/** SHA-256 works on blocks of 64 bytes; HMAC pads its key to one block and mixes it with these two bytes (RFC 2104). */
const blockBytes = 64;
const digestBytes = 32;
const innerPad = 0x36;
const outerPad = 0x5c;

/** HMAC-SHA-256 under one key, for many values. */
export interface Hmac {
  /** The digest of `value`. The same buffer every time: it holds until the next call. */
  digest(value: Uint8Array): Buffer;
  /** SQL for the digest as hex; `bytes` is SQL for the value as a binary string. It holds the key, so it is a secret too. */
  sql(bytes: string): string;
}

/**
 * The two digests that make an HMAC are taken by hand, because the engine's own HMAC object costs twice as much as both
 * together (1.5 against 3.4 µs for 19 bytes, Node 20), and because MySQL has only the digest, so SQL has to do the same.
 */
export function hmacSha256(salt: string): Hmac {
  const given = Buffer.from(salt);
  const key = Buffer.alloc(blockBytes);
  key.set(given.length > blockBytes ? digest("sha256", given, "buffer") : given);
  const innerKey = Buffer.from(key.map((byte) => byte ^ innerPad));
  const outerKey = Buffer.from(key.map((byte) => byte ^ outerPad));
  const outer = Buffer.concat([outerKey, Buffer.alloc(digestBytes)]);
  const result = Buffer.alloc(digestBytes);
  let inner = Buffer.concat([innerKey, Buffer.alloc(1024)]);
  return {
    digest(value) {
      const size = blockBytes + value.length;
      if (size > inner.length) inner = Buffer.concat([innerKey, Buffer.alloc(2 * value.length)]);
      inner.set(value, blockBytes);
      outer.write(digest("sha256", inner.subarray(0, size), "hex"), blockBytes, "hex");
      result.write(digest("sha256", outer, "hex"), "hex");
      return result;
    },
    sql(bytes) {
      const first = `UNHEX(SHA2(CONCAT(x'${innerKey.toString("hex")}', ${bytes}), 256))`;
      return `SHA2(CONCAT(x'${outerKey.toString("hex")}', ${first}), 256)`;
    },
  };
}
