import binding from "zstd-napi/binding.js";

/** Turns raw bytes into one complete zstd frame. Synchronous: it runs where the rows are. */
export type Compress = (raw: Uint8Array) => Buffer;

/**
 * Keeps one compression context, about 1 MiB, and one buffer for the largest result so far: a buffer for every frame had to
 * be as large as the frame may become, and V8 collected all the more for it.
 */
export function newCompress(level: number): Compress {
  const context = new binding.CCtx();
  context.setParameter(binding.CParameter.compressionLevel, level);
  context.setParameter(binding.CParameter.checksumFlag, 1);
  context.setParameter(binding.CParameter.contentSizeFlag, 1);
  let room = Buffer.alloc(0);
  return (raw) => {
    const most = binding.compressBound(raw.length);
    if (room.length < most) room = Buffer.allocUnsafeSlow(most);
    return Buffer.from(room.subarray(0, context.compress2(room, raw)));
  };
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
