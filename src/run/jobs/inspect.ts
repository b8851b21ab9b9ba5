import { stat } from "node:fs/promises";
import type { Config } from "../../config/config.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import type { RowFormatName } from "../../contracts/row-formats.ts";
import { type ChunkFileReader, openChunkFile } from "../../store/chunk-file-reader.ts";
import { rowFormats } from "../../store/export/formats.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "../job.ts";
import { storeKeyOf } from "../store-key.ts";

export interface InspectOptions {
  /** For the key of an encrypted file; null: there is none. */
  readonly config: Config | null;
  readonly format: RowFormatName;
  /** Rows to show; null: all. */
  readonly rows: number | null;
  /** Where the bytes go; awaited, so that a slow reader holds the file back. */
  write(bytes: Buffer): Promise<void>;
}

/** What a chunk file says about itself. */
export interface ChunkFileReport {
  readonly file: string;
  readonly header: ChunkFileReader["header"];
  readonly trailer: ChunkFileReader["trailer"];
}

/** Writes the rows of one chunk file in a format for other programs or for people. */
export async function inspectFileJob(file: string, options: InspectOptions, context: JobContext): Promise<JobOutcome> {
  await using reader = await openChunkFile(file, {}, options.config && storeKeyOf(options.config));
  const format = rowFormats[options.format](reader.header);
  await options.write(format.head());
  let left = options.rows ?? Number.POSITIVE_INFINITY;
  for await (const batch of reader.batches()) {
    context.stop.check();
    const rows = Math.min(left, batch.rows);
    await options.write(format.rows({ ...batch, rows }));
    left -= rows;
    if (left <= 0) break;
  }
  return emptyOutcome;
}

export async function describeFile(file: string, config: Config | null): Promise<ChunkFileReport> {
  await using reader = await openChunkFile(file, {}, config && storeKeyOf(config));
  return { file, header: reader.header, trailer: reader.trailer };
}

/** Is it a directory, so that a run is meant, or a file, so that a chunk is? */
export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new VtpipeError({
      code: "files",
      message: `${path} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}.`,
      now: "Nothing was changed.",
      todo: "Give a run directory or one of its chunk files.",
      cause,
    });
  }
}
