import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { addChecksums, checksumOf, checksumsEqual, emptyChecksum } from "../contracts/checksum.ts";
import { VtpipeError } from "../contracts/errors.ts";
import type { Checksum, RowBatch } from "../contracts/rows.ts";
import type { ChunkDecoder } from "./chunk-coding.ts";
import {
  formatNumber,
  headerFixedBytes,
  isSealed,
  leadBytes,
  maxFrameRawBytes,
  maxHeaderBytes,
  plainDecoder,
  skippableMagic,
} from "./chunk-format.ts";
import { type ChunkFileHeader, type ChunkFileTrailer, chunkHeaderSchema } from "./chunk-header.ts";
import { faultsOf } from "./contract-schemas.ts";
import { encryptedFormatNumber, keyIdOf, openEncrypted } from "./encrypted-format.ts";
import { type FileBytes, openBytes } from "./file-bytes.ts";
import { unreadable } from "./file-errors.ts";
import { rowOffsets } from "./row-offsets.ts";
import { requireKey, type StoreKey } from "./store-key.ts";
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

const whyOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Opens a chunk file and proves header, trailer and everything in `expect`; throws `files` errors naming what is wrong, and
 * a `config` error when it is encrypted with another key than `key`. Of a file that is not encrypted the key says nothing.
 */
export async function openChunkFile(
  path: string,
  expect: ChunkExpectation = {},
  key: StoreKey | null = null,
): Promise<ChunkFileReader> {
  const file = await openBytes(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const { size } = file;
    if (expect.bytesFile !== undefined && size !== expect.bytesFile) {
      throw refusal(path, `has ${size} bytes instead of ${expect.bytesFile}`);
    }
    if (expect.sha256 !== undefined) await proveWhole(path, file, expect.sha256);
    const { header, decoder, mark, end } = await readHeader(path, file, key);
    compare(path, header, expect);
    const trailer = await readTrailer(path, file, decoder, end, mark);
    if (expect.checksum !== undefined && !checksumsEqual(trailer.checksum, expect.checksum)) {
      throw refusal(path, "has another row checksum in its trailer than the manifest");
    }
    const proven = expect.sha256 !== undefined;
    const last = size - decoder.trailerBytes;
    const layout: Layout = { path, file, header, trailer, decoder, mark, start: end, end: last, proven };
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
  key: StoreKey | null,
): Promise<{ header: ChunkFileHeader; decoder: ChunkDecoder; mark: number; end: number }> {
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
  const { json: text, decoder } = openHeader(path, bytes, key);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw refusal(path, "has a header that is no JSON", nothingUsed, undefined, error);
  }
  const parsed = chunkHeaderSchema.safeParse(json);
  if (!parsed.success) throw refusal(path, `has a header that does not fit (${faultsOf(parsed.error)})`);
  return { header: parsed.data, decoder, mark: bytes.readUInt32LE(end - 4), end };
}

/** The header's JSON and how to read the rest, by its format. */
function openHeader(path: string, bytes: Buffer, key: StoreKey | null): { json: string; decoder: ChunkDecoder } {
  const format = bytes.readUInt32LE(12);
  if (format === formatNumber) return { json: bytes.toString("utf8", 16, bytes.length - 4), decoder: plainDecoder };
  if (format !== encryptedFormatNumber) throw otherFormat(path, format);
  try {
    return openEncrypted(bytes, requireKey(`Chunk file ${path}`, keyIdOf(bytes), key));
  } catch (error) {
    if (error instanceof VtpipeError) throw error;
    throw refusal(path, `has a damaged header: ${whyOf(error)}`, nothingUsed, undefined, error);
  }
}

function otherFormat(path: string, format: number): VtpipeError {
  return new VtpipeError({
    code: "files",
    message: `Chunk file ${path} has format ${format}; this version of vtpipe reads format ${formatNumber} and, encrypted, format ${encryptedFormatNumber}.`,
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

async function readTrailer(
  path: string,
  file: FileBytes,
  decoder: ChunkDecoder,
  headerEnd: number,
  mark: number,
): Promise<ChunkFileTrailer> {
  const { trailerBytes } = decoder;
  const fits = file.size >= headerEnd + trailerBytes;
  const found = fits ? decoder.trailer(await file.read(trailerBytes, file.size - trailerBytes)) : null;
  if (found === null) {
    const cut = "does not end with its trailer: it is cut short, damaged at its end, or something was appended";
    throw refusal(path, cut);
  }
  if (found.mark !== mark) throw refusal(path, "ends with the trailer of another file");
  try {
    return found.totals();
  } catch (error) {
    throw refusal(path, `has a damaged trailer: ${whyOf(error)}`, nothingUsed, undefined, error);
  }
}

interface Layout {
  readonly path: string;
  readonly file: FileBytes;
  readonly header: ChunkFileHeader;
  readonly trailer: ChunkFileTrailer;
  readonly decoder: ChunkDecoder;
  readonly mark: number;
  /** Offsets of the first frame info and of the trailer. */
  readonly start: number;
  readonly end: number;
  /**
   * Is the whole file the one its SHA-256 was made of? Then its CRCs and row checksums would say nothing new, as long as nobody
   * writes to it; that the second read brings the same bytes is told by zstd's own checksum of every frame.
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
      throw refusal(path, `is damaged in frame ${number}: ${whyOf(error)}`, now, number, error);
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

/** Memory that one frame after the other is read into; `compressed` also takes what is encrypted. */
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
  const { file, header, trailer, decoder, mark, proven } = layout;
  const start = at + decoder.leadBytes;
  if (start > layout.end) throw new Error("there is no room for its description");
  const lead = decoder.lead(await file.read(decoder.leadBytes, at));
  if (lead.mark !== mark) throw new Error("it belongs to another file");
  if (lead.number !== number) throw new Error(`frame ${lead.number} stands in its place`);
  const end = start + lead.length;
  if (end > layout.end) throw new Error("it runs over the end of the rows");
  const content = await file.readBy(roomFor(room, "compressed", lead.length), start);
  if (content.length !== lead.length) throw new Error("the file became shorter while it was read");
  // What was proven at the start says nothing of bytes that were written since.
  if (!(await file.isUnchanged())) throw new Error("the file was written to while it was read");
  const { rows, rawLength, rawCrc, compressed } = lead.open(content, proven);
  if (rows === 0 || rawLength === 0) throw new Error("it claims to be empty");
  if (rawLength > Math.min(maxFrameRawBytes, trailer.bytesRaw)) throw new Error(`it claims ${rawLength} bytes of rows`);
  checkFrame(compressed, rawLength);
  const bytes = roomFor(room, "raw", rawLength);
  decompressFrame(compressed, bytes);
  if (!proven && crc32(bytes) !== rawCrc) throw new Error("the CRC of its rows is wrong");
  const offsets = rowOffsets(bytes, rows, header.columns.length);
  return { batch: { bytes, offsets, rows }, end };
}
