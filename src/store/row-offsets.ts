import { findCells } from "../mysql/cells.ts";

/** Where the rows of a frame start and end. Throws RangeError unless exactly `rows` rows of `columns` cells fill the bytes. */
export function rowOffsets(bytes: Buffer, rows: number, columns: number): Uint32Array {
  // Every cell takes at least one byte, so a lying row count cannot make this array larger than the frame.
  if (rows * columns > bytes.length) throw new RangeError(`${rows} rows do not fit into ${bytes.length} bytes`);
  const offsets = new Uint32Array(rows + 1);
  const cells = new Int32Array(columns * 2);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    at = findCells(bytes, at, bytes.length, columns, cells);
    offsets[row + 1] = at;
  }
  if (at !== bytes.length) throw new RangeError(`${bytes.length - at} bytes are left after row ${rows}`);
  return offsets;
}
