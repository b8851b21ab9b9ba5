/** Buffers nobody looks at any more, kept for those who need the next one. */
export interface SpareBuffers {
  /** One that was given back, or a new one of about `size` bytes, never larger than what is kept. */
  take(size: number): Buffer<ArrayBuffer>;
  /** Takes the whole buffer back that these bytes are a part of; it must have been made for them alone. */
  giveBack(bytes: Buffer): void;
}

/** Keeps `most` buffers, and none of more than `largest` bytes. */
export function newSpareBuffers(most: number, largest: number): SpareBuffers {
  const spare: Buffer<ArrayBuffer>[] = [];
  return {
    take: (size) => spare.pop() ?? Buffer.allocUnsafeSlow(Math.min(size, largest)),
    giveBack({ buffer }) {
      if (spare.length < most && buffer.byteLength <= largest) spare.push(Buffer.from(buffer as ArrayBuffer));
    },
  };
}
