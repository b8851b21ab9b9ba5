import { crc32 } from "node:zlib";
import { addChecksums, checksumOf, emptyChecksum } from "../contracts/checksum.ts";
import type { Checksum, RowBatch } from "../contracts/rows.ts";
import { maxFrameRawBytes, plainEncoder } from "./chunk-format.ts";
import type { ChunkFileHeader } from "./chunk-header.ts";
import { encryptedEncoder } from "./encrypted-format.ts";
import { createFileSink, type OnFileTime } from "./file-sink.ts";
import type { StoreKey } from "./store-key.ts";
import { compressor } from "./zstd.ts";

export interface ChunkFileOptions {
  /** zstd level, default 1. */
  readonly level?: number;
  /** Raw bytes a frame aims at, default 1 MiB: rows of a damaged frame are lost together, and a reader holds one frame. */
  readonly frameBytes?: number;
  /** Encrypts the file, as format 2; null, the default, is format 1. */
  readonly key?: StoreKey | null;
  /** Told in seconds what the thread does for the file, and how long it waits for the disk. */
  readonly onTime?: OnFileTime;
}

/** What a finished chunk file came to. */
export interface WrittenChunk {
  readonly bytesFile: number;
  readonly bytesRaw: number;
  readonly rows: number;
  readonly checksum: Checksum;
  /** Of the whole file, hex. */
  readonly sha256: string;
}

/** One call at a time, each awaited; nothing of a batch is looked at afterwards. After a call has thrown, the file is gone and only `abort` may follow. */
export interface ChunkFileWriter {
  write(batch: RowBatch): Promise<void>;
  finish(): Promise<WrittenChunk>;
  abort(): Promise<void>;
}

/** Rows on their way into one frame. */
interface Piece {
  readonly bytes: Buffer;
  readonly rows: number;
}

/** Cuts a batch that is much larger than a frame between rows. */
function* piecesOf({ bytes, offsets, rows }: RowBatch, frameBytes: number): Generator<Piece> {
  const end = offsets[rows] as number;
  if (end <= 2 * frameBytes) {
    yield { bytes: bytes.subarray(0, end), rows };
    return;
  }
  let first = 0;
  for (let row = 1; row <= rows; row++) {
    const from = offsets[first] as number;
    const to = offsets[row] as number;
    if (to - from < frameBytes && row < rows) continue;
    yield { bytes: bytes.subarray(from, to), rows: row - first };
    first = row;
  }
}

/**
 * Writes a chunk file (its format is in ARCHITECTURE.md) at `path`. Until `finish` has resolved there is only
 * `<path>.part`; then the file is complete, fsynced and under its name.
 */
export function createChunkFile(
  path: string,
  header: ChunkFileHeader,
  options: ChunkFileOptions = {},
): ChunkFileWriter {
  const frameBytes = options.frameBytes ?? 1024 * 1024;
  const { onTime = () => {}, key = null } = options;
  const compress = compressor(options.level ?? 1);
  const sink = createFileSink(path, onTime);
  const encoder = key === null ? plainEncoder(header) : encryptedEncoder(header, key);
  let started = false;
  let waiting: Piece[] = [];
  let waitingBytes = 0;
  let frames = 0;
  let rows = 0;
  let bytesRaw = 0;
  let checksum: Checksum = emptyChecksum;

  const start = async (): Promise<void> => {
    if (started) return;
    started = true;
    await sink.write([encoder.head]);
  };

  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const raw = waiting.length === 1 ? (waiting[0] as Piece).bytes : Buffer.concat(waiting.map((piece) => piece.bytes));
    const rowsInFrame = waiting.reduce((sum, piece) => sum + piece.rows, 0);
    waiting = [];
    waitingBytes = 0;
    if (raw.length > maxFrameRawBytes)
      throw new RangeError(`a row of ${raw.length} bytes is larger than any MySQL row`);
    const before = performance.now();
    frames += 1;
    const facts = { number: frames, rows: rowsInFrame, rawLength: raw.length, rawCrc: crc32(raw) };
    const parts = encoder.frame(facts, compress(raw));
    onTime("pack", (performance.now() - before) / 1000);
    await sink.write(parts);
  };

  return {
    abort: () => sink.abort(),
    async write(batch) {
      if (batch.rows === 0) return;
      await start();
      const before = performance.now();
      checksum = addChecksums(checksum, checksumOf(batch));
      onTime("pack", (performance.now() - before) / 1000);
      rows += batch.rows;
      bytesRaw += batch.offsets[batch.rows] as number;
      for (const { bytes, rows } of piecesOf(batch, frameBytes)) {
        // A large row goes alone: with others it would have to be copied.
        if (bytes.length > frameBytes) await flush();
        waitingBytes += bytes.length;
        const full = waitingBytes >= frameBytes / 2;
        // Who made the batch may write the next one over it.
        waiting.push({ bytes: full ? bytes : Buffer.from(bytes), rows });
        if (full) await flush();
      }
    },
    async finish() {
      await start();
      await flush();
      await sink.write([encoder.trailer({ frames, rows, bytesRaw, checksum })]);
      const { bytes, sha256 } = await sink.finish();
      return { bytesFile: bytes, bytesRaw, rows, checksum, sha256 };
    },
  };
}
