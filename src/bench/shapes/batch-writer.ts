import type { RowBatch } from "../../contracts/rows.ts";
import { NULL_CELL, writeCellPrefix } from "../../mysql/cells.ts";
import type { RowRandom } from "./row-random.ts";

const minus = 0x2d;
const zero = 0x30;
/** Room for a length prefix while a cell's length is not known; longer cells than 16 MiB are not made. */
const PREFIX = 4;
const PREFIX_OF_SHORT = 1;

/** Writes rows as the text protocol carries them into one growing buffer. A cell is one call, or what is put between `open` and `close`. */
export class BatchWriter {
  #bytes: Buffer;
  #at = 0;
  #opened = 0;
  readonly #offsets: Uint32Array;
  #rows = 0;

  constructor(rows: number, bytes: number = 1 << 16) {
    this.#offsets = new Uint32Array(rows + 1);
    this.#bytes = Buffer.allocUnsafe(bytes);
  }

  null(): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = NULL_CELL;
  }

  /** A cell of these bytes. */
  value(bytes: Uint8Array): void {
    this.#reserve(bytes.length + PREFIX);
    this.#at = writeCellPrefix(this.#bytes, this.#at, bytes.length);
    this.put(bytes);
  }

  /** A cell of this text in UTF-8. */
  text(text: string): void {
    this.open();
    this.putText(text);
    this.close();
  }

  /** A cell of this number; a safe integer. */
  integer(value: number): void {
    this.#reserve(PREFIX_OF_SHORT + 17);
    const prefix = this.#at++;
    this.putInteger(value);
    this.#bytes[prefix] = this.#at - prefix - 1;
  }

  /** Begins a cell that is put together from pieces. */
  open(): void {
    this.#reserve(PREFIX);
    this.#opened = this.#at;
    this.#at += PREFIX;
  }

  close(): void {
    const from = this.#opened + PREFIX;
    const length = this.#at - from;
    const start = writeCellPrefix(this.#bytes, this.#opened, length);
    if (start !== from) this.#bytes.copyWithin(start, from, this.#at);
    this.#at = start + length;
  }

  put(bytes: Uint8Array): void {
    const length = bytes.length;
    this.#reserve(length);
    if (length > 48) this.#bytes.set(bytes, this.#at);
    else for (let i = 0; i < length; i++) this.#bytes[this.#at + i] = bytes[i] as number;
    this.#at += length;
  }

  putByte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  /** So many random bytes. */
  putRandom(random: RowRandom, length: number): void {
    this.#reserve(length + 3);
    const bytes = this.#bytes;
    const end = this.#at + length;
    for (let i = this.#at; i < end; i += 4) {
      const four = random.uint32();
      bytes[i] = four;
      bytes[i + 1] = four >>> 8;
      bytes[i + 2] = four >>> 16;
      bytes[i + 3] = four >>> 24;
    }
    this.#at = end;
  }

  putText(text: string): void {
    this.#reserve(text.length * 3);
    this.#at += this.#bytes.write(text, this.#at, "utf8");
  }

  putInteger(value: number): void {
    let digits = 1;
    const size = Math.abs(value);
    for (let power = 10; power <= size; power *= 10) digits++;
    if (value < 0) this.putByte(minus);
    this.putDigits(size, digits);
  }

  /** The last `digits` digits of a number from 0, with leading zeros. */
  putDigits(value: number, digits: number): void {
    this.#reserve(digits);
    let rest = value;
    for (let i = this.#at + digits - 1; i >= this.#at; i--) {
      const tens = Math.floor(rest / 10);
      this.#bytes[i] = zero + rest - tens * 10;
      rest = tens;
    }
    this.#at += digits;
  }

  endRow(): void {
    this.#offsets[++this.#rows] = this.#at;
  }

  /** The rows written; the writer is not to be used after that. */
  batch(): RowBatch {
    return { bytes: this.#bytes.subarray(0, this.#at), offsets: this.#offsets, rows: this.#rows };
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + more));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
