/** Reads a buffer from front to back. Every read past the end throws RangeError: the event is damaged. */
export interface BytesReader {
  readonly bytes: Buffer;
  readonly left: number;
  /** Unsigned, lowest byte first, 1 to 6 bytes. */
  uint(width: number): number;
  int(width: number): number;
  /** Highest byte first, 1 to 6 bytes. */
  uintBE(width: number): number;
  big(): bigint;
  bigSigned(): bigint;
  double(): number;
  float(): number;
  /** A length-encoded integer. */
  length(): number;
  take(count: number): Buffer;
  skip(count: number): void;
}

export function bytesReader(bytes: Buffer, start = 0, end: number = bytes.length): BytesReader {
  let at = start;
  function step(width: number): number {
    const from = at;
    if (width < 0 || from + width > end) throw new RangeError("an event ends in the middle of a value");
    at += width;
    return from;
  }
  return {
    bytes,
    get left() {
      return end - at;
    },
    uint: (width) => bytes.readUIntLE(step(width), width),
    int: (width) => bytes.readIntLE(step(width), width),
    uintBE: (width) => bytes.readUIntBE(step(width), width),
    big: () => bytes.readBigUInt64LE(step(8)),
    bigSigned: () => bytes.readBigInt64LE(step(8)),
    double: () => bytes.readDoubleLE(step(8)),
    float: () => bytes.readFloatLE(step(4)),
    length() {
      const first = bytes[step(1)] as number;
      if (first < 0xfb) return first;
      if (first === 0xfc) return bytes.readUInt16LE(step(2));
      if (first === 0xfd) return bytes.readUIntLE(step(3), 3);
      if (first !== 0xfe) throw new RangeError("an event has a length that is none");
      const value = Number(bytes.readBigUInt64LE(step(8)));
      if (!Number.isSafeInteger(value)) throw new RangeError("an event has an impossible length");
      return value;
    },
    take(count) {
      const from = step(count);
      return bytes.subarray(from, from + count);
    },
    skip(count) {
      step(count);
    },
  };
}
