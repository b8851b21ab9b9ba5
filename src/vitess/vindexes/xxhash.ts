import { perValue, type VindexFunction } from "./vindex.ts";

/*
 * xxHash64 on 32-bit halves: a bigint version costs some microseconds a row. Values are pairs (high, low); the result
 * of the last 64-bit operation is in `rh` and `rl`, which keeps the inner loop free of allocations.
 * Algorithm and primes: xxHash specification 0.1.1, section "XXH64".
 */
let rh = 0;
let rl = 0;

const p1h = 0x9e3779b1;
const p1l = 0x85ebca87;
const p2h = 0xc2b2ae3d;
const p2l = 0x27d4eb4f;
const p3h = 0x165667b1;
const p3l = 0x9e3779f9;
const p4h = 0x85ebca77;
const p4l = 0xc2b2ae63;
const p5h = 0x27d4eb2f;
const p5l = 0x165667c5;

function add(ah: number, al: number, bh: number, bl: number): void {
  const low = (al >>> 0) + (bl >>> 0);
  rl = low >>> 0;
  rh = (ah + bh + (low > 0xffffffff ? 1 : 0)) >>> 0;
}

function multiply(ah: number, al: number, bh: number, bl: number): void {
  const a0 = al & 0xffff;
  const a1 = al >>> 16;
  const b0 = bl & 0xffff;
  const b1 = bl >>> 16;
  const low = a0 * b0;
  const cross1 = a0 * b1;
  const cross2 = a1 * b0;
  const middle = (low >>> 16) + (cross1 & 0xffff) + (cross2 & 0xffff);
  const carry = a1 * b1 + (cross1 >>> 16) + (cross2 >>> 16) + (middle >>> 16);
  rl = ((middle << 16) | (low & 0xffff)) >>> 0;
  rh = (carry + Math.imul(ah, bl) + Math.imul(al, bh)) >>> 0;
}

/** Rotation by 1..31 bits. */
function rotate(ah: number, al: number, bits: number): void {
  rh = ((ah << bits) | (al >>> (32 - bits))) >>> 0;
  rl = ((al << bits) | (ah >>> (32 - bits))) >>> 0;
}

function word(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

/** acc = rotl(acc + lane * prime2, 31) * prime1 */
function round(ah: number, al: number, laneHigh: number, laneLow: number): void {
  multiply(laneHigh, laneLow, p2h, p2l);
  add(ah, al, rh, rl);
  rotate(rh, rl, 31);
  multiply(rh, rl, p1h, p1l);
}

/** acc = (acc ^ round(0, lane)) * prime1 + prime4 */
function merge(ah: number, al: number, laneHigh: number, laneLow: number): void {
  round(0, 0, laneHigh, laneLow);
  multiply(ah ^ rh, al ^ rl, p1h, p1l);
  add(rh, rl, p4h, p4l);
}

/** Consumes the 32-byte stripes; leaves the merged lanes in the registers and returns the offset after them. */
function stripes(bytes: Uint8Array): number {
  add(p1h, p1l, p2h, p2l);
  const lanes = [rh, rl, p2h, p2l, 0, 0, 0, 0];
  multiply(p1h, p1l, 0xffffffff, 0xffffffff);
  lanes[6] = rh;
  lanes[7] = rl;
  let at = 0;
  for (; at + 32 <= bytes.length; at += 32) {
    for (let lane = 0; lane < 4; lane++) {
      const from = at + lane * 8;
      round(lanes[lane * 2] as number, lanes[lane * 2 + 1] as number, word(bytes, from + 4), word(bytes, from));
      lanes[lane * 2] = rh;
      lanes[lane * 2 + 1] = rl;
    }
  }
  let high = 0;
  let low = 0;
  for (const [lane, bits] of [1, 7, 12, 18].entries()) {
    rotate(lanes[lane * 2] as number, lanes[lane * 2 + 1] as number, bits);
    add(high, low, rh, rl);
    high = rh;
    low = rl;
  }
  for (let lane = 0; lane < 4; lane++) merge(rh, rl, lanes[lane * 2] as number, lanes[lane * 2 + 1] as number);
  return at;
}

/** xxHash64 with seed 0, least significant byte first. */
export function xxHash64(bytes: Uint8Array): Uint8Array {
  rh = p5h;
  rl = p5l;
  let at = bytes.length >= 32 ? stripes(bytes) : 0;
  add(rh, rl, 0, bytes.length);
  let high = rh;
  let low = rl;
  for (; at + 8 <= bytes.length; at += 8) {
    round(0, 0, word(bytes, at + 4), word(bytes, at));
    rotate(high ^ rh, low ^ rl, 27);
    multiply(rh, rl, p1h, p1l);
    add(rh, rl, p4h, p4l);
    high = rh;
    low = rl;
  }
  if (at + 4 <= bytes.length) {
    multiply(0, word(bytes, at), p1h, p1l);
    rotate(high ^ rh, low ^ rl, 23);
    multiply(rh, rl, p2h, p2l);
    add(rh, rl, p3h, p3l);
    high = rh;
    low = rl;
    at += 4;
  }
  for (; at < bytes.length; at++) {
    multiply(0, bytes[at] as number, p5h, p5l);
    rotate(high ^ rh, low ^ rl, 11);
    multiply(rh, rl, p1h, p1l);
    high = rh;
    low = rl;
  }
  // h ^= h >>> 33; h *= prime2; h ^= h >>> 29; h *= prime3; h ^= h >>> 32
  multiply(high, low ^ (high >>> 1), p2h, p2l);
  multiply(rh ^ (rh >>> 29), rl ^ ((rl >>> 29) | (rh << 3)), p3h, p3l);
  return littleEndian(rh, (rl ^ rh) >>> 0);
}

function littleEndian(high: number, low: number): Uint8Array {
  const bytes = new Uint8Array(8);
  for (let byte = 0; byte < 4; byte++) {
    bytes[byte] = low >>> (byte * 8);
    bytes[byte + 4] = high >>> (byte * 8);
  }
  return bytes;
}

const none: Uint8Array = new Uint8Array(0);

/** Vitess `xxhash`: xxHash64 of the bytes, written little-endian (vindexes/xxhash.go). */
export function xxhash(): VindexFunction {
  return perValue((value) => xxHash64(value ?? none));
}
