import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { addChecksums, checksumOf, checksumsEqual, emptyChecksum } from "../contracts/checksum.ts";
import { VtpipeError } from "../contracts/errors.ts";
import type { Checksum, RowBatch } from "../contracts/rows.ts";
import {
  decodeFrameInfo,
  decodeTrailer,
  formatNumber,
  frameInfoBytes,
  headerFixedBytes,
  isSealed,
  leadBytes,
  maxFrameRawBytes,
  maxHeaderBytes,
  skippableMagic,
  trailerBytes,
} from "./chunk-format.ts";
import { type ChunkFileHeader, type ChunkFileTrailer, chunkHeaderSchema } from "./chunk-header.ts";
import { faultsOf } from "./contract-schemas.ts";
import { type FileBytes, openBytes } from "./file-bytes.ts";
import { unreadable } from "./file-errors.ts";
import { rowOffsets } from "./row-offsets.ts";
import { checkFrame, decompressFrame } from "./zstd.ts";

/** What the manifest says the file is; whatever is given is proven before the first batch. */
export interface ChunkExpectation {
  /** Of the whole file; proven by reading it once from end to end. */
  readonly sha256?: string;
  readonly bytesFile?: number;
  readonly chunk?: string;
  readonly table?: string;
  readonly fingerprint?: string;
  readonly checksum?: Checksum;
}

export interface ReadFramesOptions {
  /** A batch is looked at only until the next one is asked for; then its memory is used again. */
  readonly reuse?: boolean;
}

export interface ChunkFileReader extends AsyncDisposable {
  readonly header: ChunkFileHeader;
  readonly trailer: ChunkFileTrailer;
  /** The rows, a frame at a time, each proven before it is handed on. May be called again, from the start. */
  batches(options?: ReadFramesOptions): AsyncIterable<RowBatch>;
  close(): Promise<void>;
}

const nothingUsed = "Nothing of this file was used.";
const copyAgain =
  "Copy the file again from where it was made and compare its SHA-256 with the manifest; if it was damaged there, remove it and dump again.";

function refusal(path: string, what: string, now: string = nothingUsed, frame?: number, cause?: unknown): VtpipeError {
  return new VtpipeError({
    code: "files",
    message: `Chunk file ${path} ${what}.`,
    now,
    todo: copyAgain,
    context: { file: path, ...(frame === undefined ? {} : { frame }) },
    cause,
  });
}

/** Opens a chunk file and proves header, trailer and everything in `expect`; throws `files` errors naming what is wrong. */
export async function openChunkFile(path: string, expect: ChunkExpectation = {}): Promise<ChunkFileReader> {
  const file = await openBytes(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const { size } = file;
    if (expect.bytesFile !== undefined && size !== expect.bytesFile) {
      throw refusal(path, `has ${size} bytes instead of ${expect.bytesFile}`);
    }
    if (expect.sha256 !== undefined) await proveWhole(path, file, expect.sha256);
    const { header, mark, end } = await readHeader(path, file);
    compare(path, header, expect);
    const trailer = await readTrailer(path, file, end, mark);
    if (expect.checksum !== undefined && !checksumsEqual(trailer.checksum, expect.checksum)) {
      throw refusal(path, "has another row checksum in its trailer than the manifest");
    }
    const proven = expect.sha256 !== undefined;
    const layout: Layout = { path, file, header, trailer, mark, start: end, end: size - trailerBytes, proven };
    const close = (): Promise<void> => file.close();
    return { header, trailer, batches: (options = {}) => frames(layout, options), close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await file.close();
    throw unreadable(path, error);
  }
}

async function proveWhole(path: string, file: FileBytes, sha256: string): Promise<void> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(Math.min(file.size, 1024 * 1024));
  for (let position = 0; position < file.size; ) {
    const bytes = await file.readBy(buffer, position);
    if (bytes.length === 0) break;
    hash.update(bytes);
    position += bytes.length;
  }
  if (hash.digest("hex") !== sha256) throw refusal(path, "is damaged: its SHA-256 is not the one in the manifest");
}

async function readHeader(
  path: string,
  file: FileBytes,
): Promise<{ header: ChunkFileHeader; mark: number; end: number }> {
  const start = await file.read(leadBytes, 0);
  const isOurs = start.length === leadBytes && start.readUInt32LE(0) === skippableMagic;
  if (!isOurs || start.toString("latin1", 8) !== "vtpH") {
    throw refusal(path, "does not start with a header: it is no chunk file of vtpipe, or its first bytes are damaged");
  }
  const end = start.readUInt32LE(4) + 8;
  if (end < headerFixedBytes || end > maxHeaderBytes) throw refusal(path, "has a damaged header: its length is absurd");
  const bytes = await file.read(end, 0);
  if (bytes.length < end) throw refusal(path, "is cut short within its header");
  if (!isSealed(bytes, "vtpH")) throw refusal(path, "has a damaged header: its CRC is wrong");
  const format = bytes.readUInt32LE(12);
  if (format !== formatNumber) throw otherFormat(path, format);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8", 16, end - 4));
  } catch (error) {
    throw refusal(path, "has a header that is no JSON", nothingUsed, undefined, error);
  }
  const parsed = chunkHeaderSchema.safeParse(json);
  if (!parsed.success) throw refusal(path, `has a header that does not fit (${faultsOf(parsed.error)})`);
  return { header: parsed.data, mark: bytes.readUInt32LE(end - 4), end };
}

function otherFormat(path: string, format: number): VtpipeError {
  return new VtpipeError({
    code: "files",
    message: `Chunk file ${path} has format ${format}; this version of vtpipe reads format ${formatNumber}.`,
    now: nothingUsed,
    todo: "Use the version of vtpipe that wrote it, or a newer one.",
    context: { file: path, format },
  });
}

function compare(path: string, header: ChunkFileHeader, expect: ChunkExpectation): void {
  if (expect.table !== undefined && header.table !== expect.table) {
    throw refusal(path, `holds rows of table \`${header.table}\` instead of \`${expect.table}\``);
  }
  if (expect.chunk !== undefined && header.chunk !== expect.chunk) {
    throw refusal(path, `holds chunk ${header.chunk} instead of ${expect.chunk}: files were swapped`);
  }
  if (expect.fingerprint !== undefined && header.fingerprint !== expect.fingerprint) {
    throw refusal(path, "holds rows made by another select list, condition or transform chain than the manifest's");
  }
}

async function readTrailer(path: string, file: FileBytes, headerEnd: number, mark: number): Promise<ChunkFileTrailer> {
  const cut = "does not end with its trailer: it is cut short, damaged at its end, or something was appended";
  if (file.size < headerEnd + trailerBytes) throw refusal(path, cut);
  const bytes = await file.read(trailerBytes, file.size - trailerBytes);
  if (!isSealed(bytes, "vtpT")) throw refusal(path, cut);
  const { mark: own, ...trailer } = decodeTrailer(bytes);
  if (own !== mark) throw refusal(path, "ends with the trailer of another file");
  return trailer;
}

interface Layout {
  readonly path: string;
  readonly file: FileBytes;
  readonly header: ChunkFileHeader;
  readonly trailer: ChunkFileTrailer;
  readonly mark: number;
  /** Offsets of the first frame info and of the trailer. */
  readonly start: number;
  readonly end: number;
  /**
   * Is the whole file the one its SHA-256 was made of? Then its CRCs and row checksums would say nothing new; that the second
   * read brings the same bytes is told by zstd's own checksum of every frame.
   */
  readonly proven: boolean;
}

/** The totals are compared before the last frame is handed on, so that a wrong total is no news after the fact. */
async function* frames(layout: Layout, { reuse = false }: ReadFramesOptions): AsyncGenerator<RowBatch> {
  const { path, trailer, start, end, proven } = layout;
  const room = newFrameRoom();
  let bytesRaw = 0;
  let checksum = emptyChecksum;
  let at = start;
  for (let number = 1; at < end; number++) {
    const now =
      number === 1 ? nothingUsed : `Nothing of frame ${number} or after was used; the frames before it are intact.`;
    const frame = await readFrame(layout, at, number, reuse ? room : newFrameRoom()).catch((error: unknown) => {
      if (error instanceof VtpipeError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw refusal(path, `is damaged in frame ${number}: ${why}`, now, number, error);
    });
    at = frame.end;
    bytesRaw += frame.batch.bytes.length;
    if (!proven) checksum = addChecksums(checksum, checksumOf(frame.batch));
    const isLast = at === end;
    const agrees =
      number === trailer.frames &&
      bytesRaw === trailer.bytesRaw &&
      (proven || checksumsEqual(checksum, trailer.checksum));
    if (isLast && !agrees) throw refusal(path, `does not add up to its trailer after frame ${number}`, now, number);
    yield frame.batch;
  }
  if (at === start && (trailer.frames !== 0 || trailer.rows !== 0)) {
    throw refusal(path, `has no frames, but its trailer tells of ${trailer.frames}`);
  }
}

/** Memory that one frame after the other is read into. */
interface FrameRoom {
  compressed: Buffer;
  raw: Buffer;
}

const newFrameRoom = (): FrameRoom => ({ compressed: Buffer.alloc(0), raw: Buffer.alloc(0) });

/** Of an ordinary frame; what a large row needed is not kept. */
const largestKept = 4 << 20;

/** The kept buffer, or a larger one in its place. */
function roomFor(room: FrameRoom, which: keyof FrameRoom, length: number): Buffer {
  if (length > largestKept) return Buffer.allocUnsafeSlow(length);
  if (room[which].length < length) room[which] = Buffer.allocUnsafeSlow(length);
  return room[which].subarray(0, length);
}

async function readFrame(
  layout: Layout,
  at: number,
  number: number,
  room: FrameRoom,
): Promise<{ batch: RowBatch; end: number }> {
  const { file, header, mark, proven } = layout;
  if (at + frameInfoBytes > layout.end) throw new Error("there is no room for its description");
  const infoBytes = await file.read(frameInfoBytes, at);
  if (!isSealed(infoBytes, "vtpF")) throw new Error("its description is damaged or not there");
  const info = decodeFrameInfo(infoBytes);
  if (info.mark !== mark) throw new Error("it belongs to another file");
  if (info.number !== number) throw new Error(`frame ${info.number} stands in its place`);
  if (info.rows === 0 || info.rawLength === 0) throw new Error("it claims to be empty");
  if (info.rawLength > maxFrameRawBytes) throw new Error(`it claims ${info.rawLength} bytes of rows`);
  const start = at + frameInfoBytes;
  const end = start + info.frameLength;
  if (end > layout.end) throw new Error("it runs over the end of the rows");
  const frame = await file.readBy(roomFor(room, "compressed", info.frameLength), start);
  if (frame.length !== info.frameLength) throw new Error("the file became shorter while it was read");
  if (!proven && crc32(frame) !== info.frameCrc) throw new Error("the CRC of its compressed bytes is wrong");
  checkFrame(frame, info.rawLength);
  const bytes = roomFor(room, "raw", info.rawLength);
  decompressFrame(frame, bytes);
  if (!proven && crc32(bytes) !== info.rawCrc) throw new Error("the CRC of its rows is wrong");
  const offsets = rowOffsets(bytes, info.rows, header.columns.length);
  return { batch: { bytes, offsets, rows: info.rows }, end };
}
