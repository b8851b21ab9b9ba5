import type { DumpedChunk } from "../contracts/chunk.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { ChunkFileReader } from "../store/chunk-file-reader.ts";
import type { ChunkFileWriter } from "../store/chunk-file-writer.ts";
import type { ChunkFileHeader } from "../store/chunk-header.ts";
import type { OnFileTime } from "../store/file-sink.ts";
import type { StoreKey } from "../store/store-key.ts";

/** The chunk files of one run directory as its workers make and open them: in their place, and encrypted if the directory is. */
export interface ChunkFiles {
  /** `file` is the path below the run directory. */
  create(file: string, header: ChunkFileHeader, onTime: OnFileTime): Promise<ChunkFileWriter>;
  /** The file of a chunk, all of it proven to be what was recorded. */
  open(dumped: DumpedChunk, table: Pick<ManifestTable, "source" | "fingerprint">): Promise<ChunkFileReader>;
}

/** `pathOf` gives the absolute path. Reader and writer are loaded when they are needed: most threads need one of them first. */
export function chunkFiles(pathOf: (relative: string) => Promise<string>, key: StoreKey | null): ChunkFiles {
  return {
    async create(file, header, onTime) {
      const { createChunkFile } = await import("../store/chunk-file-writer.ts");
      return createChunkFile(await pathOf(file), header, { onTime, key });
    },
    async open({ file, chunk, sha256, bytesFile, checksum }, { source: table, fingerprint }) {
      const { openChunkFile } = await import("../store/chunk-file-reader.ts");
      return openChunkFile(await pathOf(file), { sha256, bytesFile, checksum, chunk, table, fingerprint }, key);
    },
  };
}
