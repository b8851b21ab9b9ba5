/**
 * Length-encoded cells of a text-protocol row: first byte below 0xfb is the length, 0xfb is NULL,
 * 0xfc/0xfd/0xfe announce a length of 2, 3 or 8 bytes, little-endian.
 * Source: MySQL client/server protocol, "Protocol::LengthEncodedInteger" and "ProtocolText::ResultsetRow".
 */
export const NULL_CELL = 0xfb;

/**
 * Finds the cells of one row. Writes into `bounds` two numbers per column, start and end offset of the value in
 * `bytes`, with start -1 for NULL. So the next cell begins, prefix first, at the end of the one before. Returns the offset after the row's last cell.
 * Throws RangeError when a cell runs over `end`: the row is damaged or has fewer columns than expected.
 */
export function findCells(bytes: Uint8Array, start: number, end: number, columns: number, bounds: Int32Array): number {
  let at = start;
  for (let column = 0; column < columns; column++) {
    if (at >= end) throw new RangeError(`row ends before column ${column + 1} of ${columns}`);
    const first = bytes[at++] as number;
    let length = first;
    if (first >= NULL_CELL) {
      if (first === NULL_CELL) {
        bounds[column * 2] = -1;
        bounds[column * 2 + 1] = at;
        continue;
      }
      const width = first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 8 : 0;
      if (width === 0 || at + width > end) throw new RangeError(`bad cell length in column ${column + 1}`);
      length = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
      if (width >= 3) length |= (bytes[at + 2] as number) << 16;
      if (width === 8) {
        // A cell of 4 GiB cannot be in a buffer, so a high word other than zero is damage.
        const high =
          (bytes[at + 4] as number) | (bytes[at + 5] as number) | (bytes[at + 6] as number) | (bytes[at + 7] as number);
        length = (length + (bytes[at + 3] as number) * 0x1000000) as number;
        if (high !== 0) throw new RangeError(`bad cell length in column ${column + 1}`);
      }
      at += width;
    }
    if (at + length > end) throw new RangeError(`column ${column + 1} runs over the end of its row`);
    bounds[column * 2] = at;
    at += length;
    bounds[column * 2 + 1] = at;
  }
  return at;
}

/** Bytes a cell of `length` value bytes takes with its length prefix; pass -1 for NULL. */
export function cellSize(length: number): number {
  if (length < NULL_CELL) return length < 0 ? 1 : length + 1;
  if (length < 0x10000) return length + 3;
  if (length < 0x1000000) return length + 4;
  return length + 9;
}

/** Writes the length prefix of a value at `at` (length -1: NULL) and returns the offset after it. */
export function writeCellPrefix(into: Uint8Array, at: number, length: number): number {
  if (length < 0) {
    into[at] = NULL_CELL;
    return at + 1;
  }
  if (length < NULL_CELL) {
    into[at] = length;
    return at + 1;
  }
  const width = length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 8;
  into[at] = width === 2 ? 0xfc : width === 3 ? 0xfd : 0xfe;
  let rest = length;
  for (let i = 1; i <= width; i++) {
    into[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return at + 1 + width;
}
