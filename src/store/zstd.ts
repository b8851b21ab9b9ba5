import binding from "zstd-napi/binding.js";

/** Turns raw bytes into one complete zstd frame, in one or more parts. Synchronous: it runs where the rows are. */
export type Compress = (raw: Uint8Array) => readonly Buffer[];

/** Larger ones are compressed part by part: room for the worst case of a row of 64 MiB would be as much again. */
const largestAtOnce = 4 << 20;
const partBytes = 1 << 20;

const compressors = new Map<number, Compress>();

/**
 * The thread's one compressor of this level, shared by all files: what it returns is a copy. A context for every file made V8
 * collect a hundred times for a thousand small tables.
 */
export function compressor(level: number): Compress {
  const known = compressors.get(level) ?? newCompress(level);
  compressors.set(level, known);
  return known;
}

/**
 * Keeps one compression context, about 1 MiB, and one buffer for the largest result so far: a buffer for every frame had to
 * be as large as the frame may become, and V8 collected all the more for it.
 */
function newCompress(level: number): Compress {
  const context = new binding.CCtx();
  context.setParameter(binding.CParameter.compressionLevel, level);
  context.setParameter(binding.CParameter.checksumFlag, 1);
  context.setParameter(binding.CParameter.contentSizeFlag, 1);
  let room = Buffer.alloc(0);
  return (raw) => {
    if (raw.length > largestAtOnce) return compressInParts(context, raw);
    const most = binding.compressBound(raw.length);
    if (room.length < most) room = Buffer.allocUnsafeSlow(most);
    return [Buffer.from(room.subarray(0, context.compress2(room, raw)))];
  };
}

function compressInParts(context: InstanceType<typeof binding.CCtx>, raw: Uint8Array): Buffer[] {
  context.reset(binding.ResetDirective.sessionOnly);
  context.setPledgedSrcSize(raw.length);
  const parts: Buffer[] = [];
  for (let left = raw; ; ) {
    const part = Buffer.allocUnsafeSlow(partBytes);
    const [toFlush, made, taken] = context.compressStream2(part, left, binding.EndDirective.end);
    parts.push(made < partBytes / 2 ? Buffer.from(part.subarray(0, made)) : part.subarray(0, made));
    left = left.subarray(taken);
    if (toFlush === 0) return parts;
  }
}

let context: InstanceType<typeof binding.DCtx> | null = null;

/** Throws unless it is exactly one zstd frame that announces `rawLength` bytes: before any memory is asked for by that number. */
export function checkFrame(frame: Uint8Array, rawLength: number): void {
  if (binding.findFrameCompressedSize(frame) !== frame.length) throw new Error("it is not one zstd frame");
  const announced = binding.getFrameContentSize(frame);
  if (announced !== rawLength) throw new Error(`it announces ${announced} bytes instead of ${rawLength}`);
}

/** Fills `raw` with the content of the frame; throws when that is more or less. */
export function decompressFrame(frame: Uint8Array, raw: Buffer): void {
  context ??= new binding.DCtx();
  const length = context.decompress(raw, frame);
  if (length !== raw.length) throw new Error(`it gave ${length} bytes instead of ${raw.length}`);
}
