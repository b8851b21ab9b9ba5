import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/** A file that is open for reading, as it was then. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
}

export interface OrdinaryOptions {
  /** May a symbolic link stand in its place? Only where it has been seen to that it leads nowhere else. */
  readonly throughLink?: boolean;
}

/**
 * Opens a file for reading if it is an ordinary one. Anything can lie in a run directory that came from elsewhere: opening a named pipe
 * would wait for whoever writes to it, so nothing is waited for, and no byte is read before it is known what it is.
 */
export async function openOrdinary(path: string, { throughLink = false }: OrdinaryOptions = {}): Promise<OpenFile> {
  const handle = await open(path, O_RDONLY | O_NONBLOCK | (throughLink ? 0 : O_NOFOLLOW));
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) throw new Error(`it is a ${kindOf(stats)}`);
    return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The bytes of an ordinary file, never through a symbolic link. */
export async function readOrdinary(path: string): Promise<Buffer> {
  const { handle } = await openOrdinary(path);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return "folder";
  if (stats.isFIFO()) return "named pipe and no file";
  return "device and no file";
}
