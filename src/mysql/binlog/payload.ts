import { DecompressStream } from "zstd-napi";
import { bytesReader } from "./bytes-reader.ts";
import { HEADER_BYTES } from "./events.ts";

const FIELD_END = 0;
const FIELD_SIZE = 1;
const FIELD_COMPRESSION = 2;
const ZSTD = 0;
const UNCOMPRESSED = 255;
/** Compressed bytes handed to the decompressor at a time. */
const STEP = 256 * 1024;

/**
 * The events inside a TRANSACTION_PAYLOAD event, one after the other; they have no checksums of their own. Decompressed
 * piece by piece, so that a large transaction is never in memory as a whole.
 */
export async function* payloadEvents(body: Buffer): AsyncGenerator<Buffer, void, void> {
  const reader = bytesReader(body);
  let compression = UNCOMPRESSED;
  let size = -1;
  for (;;) {
    const field = reader.length();
    if (field === FIELD_END) break;
    const value = bytesReader(reader.take(reader.length()));
    if (field === FIELD_SIZE) size = value.length();
    else if (field === FIELD_COMPRESSION) compression = value.length();
  }
  const payload = reader.take(size < 0 ? reader.left : size);
  if (compression === UNCOMPRESSED) yield* eventsOf(piecesOf(payload));
  else if (compression === ZSTD) yield* eventsOf(decompressed(payload));
  else throw new RangeError(`a transaction is compressed in the unknown way ${compression}`);
}

function* piecesOf(payload: Buffer): Generator<Buffer, void, void> {
  for (let at = 0; at < payload.length; at += STEP) yield payload.subarray(at, at + STEP);
}

async function* decompressed(payload: Buffer): AsyncGenerator<Buffer, void, void> {
  const stream = new DecompressStream();
  const failed = new Promise<never>((_, reject) => stream.on("error", reject));
  failed.catch(() => {});
  const feeding = (async () => {
    for (const piece of piecesOf(payload)) {
      if (!stream.write(piece)) await Promise.race([new Promise((resolve) => stream.once("drain", resolve)), failed]);
    }
    stream.end();
  })();
  feeding.catch((error: Error) => stream.destroy(error));
  try {
    for await (const piece of stream) yield piece as Buffer;
  } finally {
    stream.destroy();
  }
}

async function* eventsOf(pieces: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let rest: Buffer[] = [];
  let length = 0;
  let wanted = HEADER_BYTES;
  for await (const piece of pieces) {
    rest.push(piece);
    length += piece.length;
    if (length < wanted) continue;
    const bytes = rest.length === 1 ? piece : Buffer.concat(rest, length);
    let at = 0;
    for (;;) {
      wanted = HEADER_BYTES;
      if (length - at < wanted) break;
      wanted = bytes.readUInt32LE(at + 9);
      if (wanted < HEADER_BYTES) throw new RangeError("a compressed transaction is damaged");
      if (length - at < wanted) break;
      yield bytes.subarray(at, at + wanted);
      at += wanted;
    }
    rest = at < length ? [bytes.subarray(at)] : [];
    length -= at;
  }
  if (length > 0) throw new RangeError("a compressed transaction ends in the middle of an event");
}
