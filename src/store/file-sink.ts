import { createHash } from "node:crypto";
import { type FileHandle, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { makePrivateDirectory, openNew, syncDirectory, writeAll } from "./durable.ts";
import { diskError } from "./file-errors.ts";

/** A new file that has its name only once it is complete. One call at a time. */
export interface FileSink {
  /** Resolves when the write before this one is done: at most one is under way, one waits. The buffers are the sink's now. */
  write(buffers: readonly Buffer[]): Promise<void>;
  /** Makes it durable under its name. */
  finish(): Promise<{ readonly bytes: number; readonly sha256: string }>;
  /** Leaves nothing behind; safe at any time. After `finish` it does nothing. */
  abort(): Promise<void>;
}

/** Told how long, in seconds, the thread worked on bytes for a file, or waited for the disk. */
export type OnFileTime = (what: "pack" | "disk", seconds: number) => void;

/** So many bytes are worth a write of their own; of a small file there is one. */
const worthWriting = 64 * 1024;

/** Writes to `<path>.part`, made at the first write together with the folders above it. */
export function createFileSink(path: string, onTime: OnFileTime = () => {}): FileSink {
  const part = `${path}.part`;
  const hash = createHash("sha256");
  let bytes = 0;
  let handle: FileHandle | null = null;
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let inFlight: Promise<void> = Promise.resolve();
  let done = false;

  const abort = async (): Promise<void> => {
    if (done) return;
    done = true;
    await inFlight.catch(() => {});
    await handle?.close().catch(() => {});
    if (handle !== null) await rm(part, { force: true }).catch(() => {});
  };

  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (done) throw new Error(`${part} is closed`);
    try {
      return await work();
    } catch (error) {
      await abort();
      throw diskError(path, error, "This file was not kept; every file finished before it is complete.");
    }
  };

  const waited = async (work: Promise<void>): Promise<void> => {
    const before = performance.now();
    await work;
    onTime("disk", (performance.now() - before) / 1000);
  };

  const durable = async (): Promise<void> => {
    await inFlight;
    if (handle !== null) await send(handle);
    await handle?.sync();
    await handle?.close();
    await rename(part, path);
    await syncDirectory(dirname(path));
  };

  const send = (file: FileHandle): Promise<void> => {
    const buffers = gathered;
    gathered = [];
    gatheredBytes = 0;
    return writeAll(file, buffers);
  };

  return {
    abort,
    write: (buffers) =>
      guarded(async () => {
        if (handle === null) {
          await makePrivateDirectory(dirname(path));
          handle = await openNew(part);
        }
        const before = performance.now();
        for (const buffer of buffers) {
          hash.update(buffer);
          bytes += buffer.length;
          gatheredBytes += buffer.length;
        }
        gathered.push(...buffers);
        onTime("pack", (performance.now() - before) / 1000);
        if (gatheredBytes < worthWriting) return;
        await waited(inFlight);
        inFlight = send(handle);
        // Its failure is thrown by the next call; until then it must not count as unhandled.
        inFlight.catch(() => {});
      }),
    finish: () =>
      guarded(async () => {
        await waited(durable());
        done = true;
        return { bytes, sha256: hash.digest("hex") };
      }),
  };
}
