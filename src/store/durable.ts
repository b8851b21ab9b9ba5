import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { diskError } from "./file-errors.ts";

/** Opens for writing from scratch, readable by nobody else, never through a symbolic link. */
export async function openNew(path: string): Promise<FileHandle> {
  const { O_CREAT, O_TRUNC, O_WRONLY, O_NOFOLLOW = 0 } = constants;
  const handle = await open(path, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW, 0o600);
  // The mode above only counts for a new file; one left behind may have been wider.
  await handle.chmod(0o600);
  return handle;
}

/** Writes all of the buffers, with one call where the system takes them at once. */
export async function writeAll(handle: FileHandle, buffers: readonly Uint8Array[]): Promise<void> {
  let left = buffers.filter((buffer) => buffer.length > 0);
  while (left.length > 0) {
    let { bytesWritten } = await handle.writev(left);
    left = left.flatMap((buffer) => {
      const written = Math.min(bytesWritten, buffer.length);
      bytesWritten -= written;
      return written < buffer.length ? [buffer.subarray(written)] : [];
    });
  }
}

/** Reads up to `length` bytes at `position`; fewer only at the end of the file. */
export async function readUpTo(handle: FileHandle, length: number, position: number): Promise<Buffer> {
  return readInto(handle, Buffer.allocUnsafe(length), position);
}

/** Fills the buffer; what it got, when the file ends before. */
export async function readInto(handle: FileHandle, buffer: Buffer, position: number): Promise<Buffer> {
  let at = 0;
  while (at < buffer.length) {
    const { bytesRead } = await handle.read(buffer, at, buffer.length - at, position + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return buffer.subarray(0, at);
}

/** A name in a directory is only as durable as the directory. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder and those above it, for its owner only; those that are there stay as they are. */
export async function makePrivateDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) await syncDirectory(dirname(folder));
}

/** Replaces a file as a whole: after a crash at any instant it is the old one or the new one. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const part = `${path}.part`;
  try {
    const handle = await openNew(part);
    try {
      await writeAll(handle, [Buffer.from(content)]);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw diskError(path, error, `${path} is as it was before.`);
  }
}
