import { newSpareBuffers } from "./spare-buffers.ts";

const hexDigits = Buffer.from("0123456789abcdef");
const base64Digits = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const padding = 0x3d;

/** Longest stretch that is escaped with one reservation: keeps the worst case of a huge cell from being reserved. */
const STRETCH = 4096;

/** Per byte what is written instead; null: the byte itself. */
export type EscapeTable = readonly (Uint8Array | null)[];

/** What a statement is written to. */
export interface StatementWriter {
  readonly length: number;
  byte(value: number): void;
  raw(bytes: Uint8Array): void;
  ascii(text: string): void;
  copy(from: Uint8Array, start: number, end: number): void;
  /** Copies with some bytes replaced; no replacement may be longer than six bytes. */
  escaped(from: Uint8Array, start: number, end: number, table: EscapeTable): void;
  hex(from: Uint8Array, start: number, end: number): void;
  base64(from: Uint8Array, start: number, end: number): void;
}

/** Only counts what would be written: a row of 64 MiB need not be written out to know how large its statement would be. */
class ByteCounter implements StatementWriter {
  length = 0;

  byte(): void {
    this.length++;
  }

  raw(bytes: Uint8Array): void {
    this.length += bytes.length;
  }

  ascii(text: string): void {
    this.length += text.length;
  }

  copy(_from: Uint8Array, start: number, end: number): void {
    this.length += end - start;
  }

  escaped(from: Uint8Array, start: number, end: number, table: EscapeTable): void {
    let more = 0;
    for (let i = start; i < end; i++) more += (table[from[i] as number]?.length ?? 1) - 1;
    this.length += end - start + more;
  }

  hex(_from: Uint8Array, start: number, end: number): void {
    this.length += (end - start) * 2;
  }

  base64(_from: Uint8Array, start: number, end: number): void {
    this.length += Math.ceil((end - start) / 3) * 4;
  }
}

/** Buffers kept for the next statements, and up to which size. */
const mostSpare = 8;
const largestSpare = 4 << 20;

/** Builds one statement after the other, each in a buffer that grows; one that is given back is used again. */
export class ByteWriter implements StatementWriter {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  readonly #first: number;
  readonly #spare = newSpareBuffers(mostSpare, largestSpare);

  /** `size` bytes are asked for with the first one written: a strategy that is not chosen takes none. */
  constructor(size: number) {
    this.#first = size;
  }

  get length(): number {
    return this.#length;
  }

  /** What was written since the last time. It is the caller's, who may give it back. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = this.#spare.take(this.#bytes.length);
    this.#length = 0;
    return taken;
  }

  /** Takes memory back that nobody looks at any more. */
  giveBack(taken: Buffer): void {
    this.#spare.giveBack(taken);
  }

  #reserve(more: number): Buffer {
    if (this.#length + more > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + more, this.#first));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    return this.#bytes;
  }

  byte(value: number): void {
    this.#reserve(1)[this.#length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.copy(bytes, 0, bytes.length);
  }

  ascii(text: string): void {
    const into = this.#reserve(text.length);
    // Short texts all: the engine's own write is a call of a tenth of a microsecond.
    for (let i = 0; i < text.length; i++) into[this.#length + i] = text.charCodeAt(i);
    this.#length += text.length;
  }

  copy(from: Uint8Array, start: number, end: number): void {
    const into = this.#reserve(end - start);
    let at = this.#length;
    if (end - start > 64) {
      into.set(from.subarray(start, end), at);
      at += end - start;
    } else {
      for (let i = start; i < end; i++) into[at++] = from[i] as number;
    }
    this.#length = at;
  }

  escaped(from: Uint8Array, start: number, end: number, table: EscapeTable): void {
    for (let stretch = start; stretch < end; stretch += STRETCH) {
      const stop = Math.min(end, stretch + STRETCH);
      const into = this.#reserve((stop - stretch) * 6);
      let at = this.#length;
      for (let i = stretch; i < stop; i++) {
        const value = from[i] as number;
        const instead = table[value] as Uint8Array | null;
        if (instead === null) into[at++] = value;
        else for (let j = 0; j < instead.length; j++) into[at++] = instead[j] as number;
      }
      this.#length = at;
    }
  }

  hex(from: Uint8Array, start: number, end: number): void {
    const into = this.#reserve((end - start) * 2);
    let at = this.#length;
    for (let i = start; i < end; i++) {
      const value = from[i] as number;
      into[at++] = hexDigits[value >>> 4] as number;
      into[at++] = hexDigits[value & 15] as number;
    }
    this.#length = at;
  }

  base64(from: Uint8Array, start: number, end: number): void {
    const into = this.#reserve(Math.ceil((end - start) / 3) * 4);
    let at = this.#length;
    for (let i = start; i < end; i += 3) {
      const left = end - i;
      const a = from[i] as number;
      const b = left > 1 ? (from[i + 1] as number) : 0;
      const c = left > 2 ? (from[i + 2] as number) : 0;
      into[at++] = base64Digits[a >>> 2] as number;
      into[at++] = base64Digits[((a & 3) << 4) | (b >>> 4)] as number;
      into[at++] = left > 1 ? (base64Digits[((b & 15) << 2) | (c >>> 6)] as number) : padding;
      into[at++] = left > 2 ? (base64Digits[c & 63] as number) : padding;
    }
    this.#length = at;
  }
}

/** Both halves of a strategy's encoding from the one function that writes its statement. */
export function encodingBy<T>(
  writer: ByteWriter,
  write: (into: StatementWriter, rows: T) => void,
): { encode(rows: T): Buffer; sizeOf(rows: T): number } {
  return {
    encode(rows) {
      write(writer, rows);
      return writer.take();
    },
    sizeOf(rows) {
      const counter = new ByteCounter();
      write(counter, rows);
      return counter.length;
    },
  };
}
