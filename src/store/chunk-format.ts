import { crc32 } from "node:zlib";
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
/** A table has at most 4096 columns; their names, types with members and collations stay far below this. */
export const maxHeaderBytes: number = 64 * 1024 * 1024;
/** MySQL's largest row packet is 1 GiB; length prefixes come on top. */
export const maxFrameRawBytes: number = 1024 * 1024 * 1024 + 64 * 1024 * 1024;

export interface FrameInfo {
  readonly number: number;
  readonly rows: number;
  readonly rawLength: number;
  readonly frameLength: number;
  readonly rawCrc: number;
  readonly frameCrc: number;
}

function lead(into: Buffer, tag: string): void {
  into.writeUInt32LE(skippableMagic, 0);
  into.writeUInt32LE(into.length - 8, 4);
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
  lead(bytes, "vtpH");
  bytes.writeUInt32LE(format, 12);
  json.copy(bytes, 16);
  return { mark: seal(bytes), bytes };
}

export function encodeFrameInfo(mark: number, info: FrameInfo): Buffer {
  const bytes = Buffer.alloc(frameInfoBytes);
  lead(bytes, "vtpF");
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
export function decodeFrameInfo(bytes: Buffer): FrameInfo & { readonly mark: number } {
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
  lead(bytes, "vtpT");
  bytes.writeUInt32LE(mark, 12);
  bytes.writeUInt32LE(trailer.frames, 16);
  bytes.writeBigUInt64LE(BigInt(trailer.rows), 20);
  bytes.writeBigUInt64LE(BigInt(trailer.bytesRaw), 28);
  bytes.writeUInt32LE(trailer.checksum.xor, 36);
  const sum = BigInt(trailer.checksum.sum);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, sum), 40);
  bytes.writeBigUInt64LE(sum >> 64n, 48);
  seal(bytes);
  return bytes;
}

/** Of sealed bytes. */
export function decodeTrailer(bytes: Buffer): ChunkFileTrailer & { readonly mark: number } {
  const rows = Number(bytes.readBigUInt64LE(20));
  return {
    mark: bytes.readUInt32LE(12),
    frames: bytes.readUInt32LE(16),
    rows,
    bytesRaw: Number(bytes.readBigUInt64LE(28)),
    checksum: {
      rows,
      xor: bytes.readUInt32LE(36),
      sum: (bytes.readBigUInt64LE(40) + (bytes.readBigUInt64LE(48) << 64n)).toString(),
    },
  };
}
