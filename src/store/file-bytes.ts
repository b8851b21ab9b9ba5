import { open } from "node:fs/promises";
import { readInto, readUpTo } from "./durable.ts";

/** The bytes of an open file, by their position. */
export interface FileBytes {
  /** When it was opened. */
  readonly size: number;
  /** Up to `length` bytes at `position`; fewer only at the end of the file. */
  read(length: number, position: number): Promise<Buffer>;
  /** As many bytes as the buffer has. They may be in the buffer or not: what is returned counts. */
  readBy(buffer: Buffer, position: number): Promise<Buffer>;
  close(): Promise<void>;
}

/**
 * Files up to here are read once and as a whole: header, rows, trailer and their proof are ten reads otherwise, and each is a
 * change of threads that costs more than the bytes. What was proven is then what is used, whatever happens to the file.
 */
const smallBytes = 256 * 1024;

export async function openBytes(path: string): Promise<FileBytes> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size <= smallBytes) {
      const bytes = await readUpTo(file, size, 0);
      await file.close();
      const part = (length: number, position: number): Promise<Buffer> =>
        Promise.resolve(bytes.subarray(position, position + length));
      return { size, read: part, readBy: (buffer, position) => part(buffer.length, position), close: async () => {} };
    }
    return {
      size,
      read: (length, position) => readUpTo(file, length, position),
      readBy: (buffer, position) => readInto(file, buffer, position),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
