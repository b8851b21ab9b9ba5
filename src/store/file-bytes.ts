import { readInto, readUpTo } from "./durable.ts";
import { openOrdinary } from "./ordinary-file.ts";

/** The bytes of an open file, by their position. */
export interface FileBytes {
  /** When it was opened. */
  readonly size: number;
  /** Up to `length` bytes at `position`; fewer only at the end of the file. */
  read(length: number, position: number): Promise<Buffer>;
  /** As many bytes as the buffer has. They may be in the buffer or not: what is returned counts. */
  readBy(buffer: Buffer, position: number): Promise<Buffer>;
  /** Is it, by size and time of its last write, the file that was opened? */
  isUnchanged(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Files up to here are read once and as a whole: header, rows, trailer and their proof are ten reads otherwise, and each is a
 * change of threads that costs more than the bytes. What was proven is then what is used, whatever happens to the file.
 */
const smallBytes = 256 * 1024;

export async function openBytes(path: string): Promise<FileBytes> {
  const { handle: file, stats: opened } = await openOrdinary(path, { throughLink: true });
  try {
    const size = Number(opened.size);
    if (size <= smallBytes) {
      const bytes = await readUpTo(file, size, 0);
      await file.close();
      const part = (length: number, position: number): Promise<Buffer> =>
        Promise.resolve(bytes.subarray(position, position + length));
      const readBy = (buffer: Buffer, position: number): Promise<Buffer> => part(buffer.length, position);
      return { size, read: part, readBy, isUnchanged: () => Promise.resolve(true), close: async () => {} };
    }
    return {
      size,
      read: (length, position) => readUpTo(file, length, position),
      readBy: (buffer, position) => readInto(file, buffer, position),
      async isUnchanged() {
        const { size: now, mtimeNs } = await file.stat({ bigint: true });
        return now === opened.size && mtimeNs === opened.mtimeNs;
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
