import { Compressor } from "zstd-napi";
import binding from "zstd-napi/binding.js";

/** Turns raw bytes into one complete zstd frame. Synchronous: it runs where the rows are. */
export type Compress = (raw: Uint8Array) => Buffer;

/** Keeps one compression context, about 1 MiB, for all frames of a file. */
export function newCompress(level: number): Compress {
  const compressor = new Compressor();
  compressor.setParameters({ compressionLevel: level, checksumFlag: true, contentSizeFlag: true });
  return (raw) => compressor.compress(raw);
}

let context: InstanceType<typeof binding.DCtx> | null = null;

/**
 * The content of exactly one zstd frame of exactly `rawLength` bytes; throws otherwise. Sizes are compared before
 * anything is allocated by them.
 */
export function decompressFrame(frame: Uint8Array, rawLength: number): Buffer {
  if (binding.findFrameCompressedSize(frame) !== frame.length) throw new Error("it is not one zstd frame");
  const announced = binding.getFrameContentSize(frame);
  if (announced !== rawLength) throw new Error(`it announces ${announced} bytes instead of ${rawLength}`);
  const raw = Buffer.allocUnsafe(rawLength);
  context ??= new binding.DCtx();
  const length = context.decompress(raw, frame);
  if (length !== rawLength) throw new Error(`it gave ${length} bytes instead of ${rawLength}`);
  return raw;
}
