const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
const half = 0x1_0000_0000;
const unsignedEnd = 1n << 64n;
const signedEnd = 1n << 63n;

/** A 64-bit integer as two unsigned 32-bit halves. */
export interface Halves {
  high: number;
  low: number;
}

/**
 * Reads decimal text into two's complement halves; false when it is no integer, or outside 0..2^64-1
 * (with `negatives`: -2^63..2^64-1). Numbers up to 15 digits never touch a bigint.
 */
export function readInteger(text: Uint8Array, negatives: boolean, into: Halves): boolean {
  const negative = text[0] === minus;
  if (negative && !negatives) return false;
  const start = negative ? 1 : 0;
  if (text.length === start) return false;
  let small = 0;
  for (let at = start; at < text.length; at++) {
    const digit = text[at] as number;
    if (digit < zero || digit > nine) return false;
    small = small * 10 + (digit - zero);
  }
  if (text.length - start <= 15) {
    into.high = Math.floor(small / half);
    into.low = small >>> 0;
    if (negative) negate(into);
    return true;
  }
  const exact = BigInt(Buffer.from(text.buffer, text.byteOffset + start, text.length - start).toString("latin1"));
  if (exact > (negative ? signedEnd : unsignedEnd - 1n)) return false;
  into.high = Number(exact >> 32n);
  into.low = Number(exact & 0xffffffffn);
  if (negative) negate(into);
  return true;
}

function negate(into: Halves): void {
  into.low = (~into.low + 1) >>> 0;
  into.high = (~into.high + (into.low === 0 ? 1 : 0)) >>> 0;
}

/**
 * An integer as vtgate sees it in a statement: without the zeros a ZEROFILL column prints in front. Vindexes over text
 * would otherwise place a row where no query of an application looks for it.
 */
export function withoutLeadingZeros(text: Uint8Array): Uint8Array {
  let at = 0;
  while (at < text.length - 1 && text[at] === zero) at++;
  return at === 0 ? text : text.subarray(at);
}
