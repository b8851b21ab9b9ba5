import { crc32 } from "node:zlib";
import type { ChunkDecoder, ChunkEncoder, FrameFacts } from "./chunk-coding.ts";
import type { ChunkFileHeader, ChunkFileTrailer } from "./chunk-header.ts";

/** Format 1 of chunk files, byte by byte as ARCHITECTURE.md has it. */
export const formatNumber = 1;
/** One of the sixteen magic numbers of skippable frames (RFC 8878, 3.1.2); on disk it starts with a `V`. */
export const skippableMagic = 0x184d2a56;
/** Magic, length and tag. */
export const leadBytes = 12;
export const headerFixedBytes = 20;
export const frameInfoBytes = 44;
export const trailerBytes = 60;
/** What a trailer says, in every format: frames, rows, raw bytes, row checksum. */
export const totalsBytes = 40;
/** A table has at most 4096 columns; their names, types with members and collations stay far below this. */
export const maxHeaderBytes: number = 64 * 1024 * 1024;
/** MySQL's largest row packet is 1 GiB; length prefixes come on top. */
export const maxFrameRawBytes: number = 1024 * 1024 * 1024 + 64 * 1024 * 1024;

export interface FrameInfo extends FrameFacts {
  readonly frameLength: number;
  readonly frameCrc: number;
}

/** Begins a skippable frame of `length` bytes in all. */
export function writeLead(into: Buffer, tag: string, length: number): void {
  into.writeUInt32LE(skippableMagic, 0);
  into.writeUInt32LE(length - 8, 4);
  into.write(tag, 8, "latin1");
}

/** Writes the closing CRC and returns it. */
function seal(buffer: Buffer): number {
  const crc = crc32(buffer.subarray(0, -4));
  buffer.writeUInt32LE(crc, buffer.length - 4);
  return crc;
}

/** Is this a whole skippable frame of ours with that tag and a right CRC? */
export function isSealed(buffer: Buffer, tag: string): boolean {
  return (
    buffer.length >= leadBytes + 4 &&
    buffer.readUInt32LE(0) === skippableMagic &&
    buffer.readUInt32LE(4) === buffer.length - 8 &&
    buffer.toString("latin1", 8, 12) === tag &&
    buffer.readUInt32LE(buffer.length - 4) === crc32(buffer.subarray(0, -4))
  );
}

export function encodeHeader(header: ChunkFileHeader, format: number = formatNumber): { bytes: Buffer; mark: number } {
  const json = Buffer.from(JSON.stringify(header));
  const bytes = Buffer.alloc(headerFixedBytes + json.length);
  writeLead(bytes, "vtpH", bytes.length);
  bytes.writeUInt32LE(format, 12);
  json.copy(bytes, 16);
  return { mark: seal(bytes), bytes };
}

export function encodeFrameInfo(mark: number, info: FrameInfo): Buffer {
  const bytes = Buffer.alloc(frameInfoBytes);
  writeLead(bytes, "vtpF", bytes.length);
  bytes.writeUInt32LE(mark, 12);
  bytes.writeUInt32LE(info.number, 16);
  bytes.writeUInt32LE(info.rows, 20);
  bytes.writeUInt32LE(info.rawLength, 24);
  bytes.writeUInt32LE(info.frameLength, 28);
  bytes.writeUInt32LE(info.rawCrc, 32);
  bytes.writeUInt32LE(info.frameCrc, 36);
  seal(bytes);
  return bytes;
}

/** Of sealed bytes. */
function decodeFrameInfo(bytes: Buffer): FrameInfo & { readonly mark: number } {
  return {
    mark: bytes.readUInt32LE(12),
    number: bytes.readUInt32LE(16),
    rows: bytes.readUInt32LE(20),
    rawLength: bytes.readUInt32LE(24),
    frameLength: bytes.readUInt32LE(28),
    rawCrc: bytes.readUInt32LE(32),
    frameCrc: bytes.readUInt32LE(36),
  };
}

export function encodeTrailer(mark: number, trailer: ChunkFileTrailer): Buffer {
  const bytes = Buffer.alloc(trailerBytes);
  writeLead(bytes, "vtpT", bytes.length);
  bytes.writeUInt32LE(mark, 12);
  writeTotals(bytes, 16, trailer);
  seal(bytes);
  return bytes;
}

export function writeTotals(into: Buffer, at: number, { frames, rows, bytesRaw, checksum }: ChunkFileTrailer): void {
  into.writeUInt32LE(frames, at);
  into.writeBigUInt64LE(BigInt(rows), at + 4);
  into.writeBigUInt64LE(BigInt(bytesRaw), at + 12);
  into.writeUInt32LE(checksum.xor, at + 20);
  const sum = BigInt(checksum.sum);
  into.writeBigUInt64LE(BigInt.asUintN(64, sum), at + 24);
  into.writeBigUInt64LE(sum >> 64n, at + 32);
}

export function readTotals(from: Buffer, at: number): ChunkFileTrailer {
  const rows = Number(from.readBigUInt64LE(at + 4));
  const sum = from.readBigUInt64LE(at + 24) + (from.readBigUInt64LE(at + 32) << 64n);
  return {
    frames: from.readUInt32LE(at),
    rows,
    bytesRaw: Number(from.readBigUInt64LE(at + 12)),
    checksum: { rows, xor: from.readUInt32LE(at + 20), sum: sum.toString() },
  };
}

export function plainEncoder(header: ChunkFileHeader): ChunkEncoder {
  const { bytes: head, mark } = encodeHeader(header);
  return {
    head,
    frame(facts, compressed) {
      const frameLength = compressed.reduce((sum, part) => sum + part.length, 0);
      const frameCrc = compressed.reduce((crc, part) => crc32(part, crc), 0);
      return [encodeFrameInfo(mark, { ...facts, frameLength, frameCrc }), ...compressed];
    },
    trailer: (trailer) => encodeTrailer(mark, trailer),
  };
}

export const plainDecoder: ChunkDecoder = {
  leadBytes: frameInfoBytes,
  lead(bytes) {
    if (!isSealed(bytes, "vtpF")) throw new Error("its description is damaged or not there");
    const { mark, number, frameLength: length, frameCrc, ...facts } = decodeFrameInfo(bytes);
    return {
      mark,
      number,
      length,
      open(compressed, proven) {
        if (!proven && crc32(compressed) !== frameCrc) throw new Error("the CRC of its compressed bytes is wrong");
        return { ...facts, compressed };
      },
    };
  },
  trailerBytes,
  trailer(bytes) {
    if (!isSealed(bytes, "vtpT")) return null;
    return { mark: bytes.readUInt32LE(12), totals: () => readTotals(bytes, 16) };
  },
};
