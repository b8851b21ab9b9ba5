import fc from "fast-check";
import { expect, test } from "vitest";
import { xxHash64 } from "../../../src/vitess/vindexes/xxhash.ts";

const mask = (1n << 64n) - 1n;
const [p1, p2, p3, p4, p5] = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;
const rotate = (x: bigint, bits: bigint): bigint => ((x << bits) | (x >> (64n - bits))) & mask;
const round = (acc: bigint, lane: bigint): bigint => (rotate((acc + lane * p2) & mask, 31n) * p1) & mask;

/** The specification, word for word, on bigints. */
function reference(bytes: Buffer): string {
  let at = 0;
  let h: bigint = p5;
  if (bytes.length >= 32) {
    const lanes = [(p1 + p2) & mask, p2, 0n, -p1 & mask];
    for (; at + 32 <= bytes.length; at += 32) {
      for (let lane = 0; lane < 4; lane++)
        lanes[lane] = round(lanes[lane] as bigint, bytes.readBigUInt64LE(at + lane * 8));
    }
    h = [1n, 7n, 12n, 18n].reduce((sum, bits, lane) => (sum + rotate(lanes[lane] as bigint, bits)) & mask, 0n);
    for (const lane of lanes) h = ((h ^ round(0n, lane)) * p1 + p4) & mask;
  }
  h = (h + BigInt(bytes.length)) & mask;
  for (; at + 8 <= bytes.length; at += 8) h = (rotate(h ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * p1 + p4) & mask;
  if (at + 4 <= bytes.length) {
    h = (rotate(h ^ ((BigInt(bytes.readUInt32LE(at)) * p1) & mask), 23n) * p2 + p3) & mask;
    at += 4;
  }
  for (; at < bytes.length; at++) h = (rotate(h ^ ((BigInt(bytes[at] as number) * p5) & mask), 11n) * p1) & mask;
  h = ((h ^ (h >> 33n)) * p2) & mask;
  h = ((h ^ (h >> 29n)) * p3) & mask;
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(h ^ (h >> 32n));
  return out.toString("hex");
}

test("xxHash64 on 32-bit halves equals the specification on bigints", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(Buffer.from(xxHash64(bytes)).toString("hex")).toBe(reference(Buffer.from(bytes)));
    }),
    { numRuns: 500 },
  );
});
