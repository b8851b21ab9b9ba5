/** A length-encoded integer at `at`: its value and where it ends. Values stay below 2^53 in all uses here. */
export function readLength(bytes: Uint8Array, at: number): { value: number; end: number } {
  const first = bytes[at] ?? 0;
  if (first < 0xfb) return { value: first, end: at + 1 };
  const size = first === 0xfc ? 2 : first === 0xfd ? 3 : 8;
  let value = 0;
  for (let i = size; i >= 1; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return { value, end: at + 1 + size };
}

export function writeLength(value: number): Buffer {
  if (value < 0xfb) return Buffer.from([value]);
  if (value <= 0xffff) return Buffer.from([0xfc, value & 0xff, value >> 8]);
  if (value <= 0xffffff) return Buffer.from([0xfd, value & 0xff, (value >> 8) & 0xff, value >> 16]);
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xfe;
  bytes.writeBigUInt64LE(BigInt(value), 1);
  return bytes;
}

/** A length-encoded string; null is the text protocol's NULL cell. */
export function writeCell(value: Uint8Array | string | null): Buffer {
  if (value === null) return Buffer.from([0xfb]);
  const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  return Buffer.concat([writeLength(bytes.length), bytes]);
}

/** The cells of a text-protocol row. */
export function readCells(row: Buffer, count: number): (Buffer | null)[] {
  const cells: (Buffer | null)[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (row[at] === 0xfb) {
      cells.push(null);
      at += 1;
      continue;
    }
    const { value, end } = readLength(row, at);
    cells.push(row.subarray(end, end + value));
    at = end + value;
  }
  return cells;
}

export function readZeroEnded(bytes: Buffer, at: number): { text: string; end: number } {
  const zero = bytes.indexOf(0, at);
  const end = zero < 0 ? bytes.length : zero;
  return { text: bytes.toString("utf8", at, end), end: Math.min(end + 1, bytes.length) };
}
