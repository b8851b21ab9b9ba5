import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import type { RowBatch } from "../../../src/contracts/rows.ts";
import type { Column } from "../../../src/contracts/schema.ts";
import { cellSize, writeCellPrefix } from "../../../src/mysql/cells.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import type { ChunkFileHeader } from "../../../src/store/chunk-header.ts";

export type Cell = string | Buffer | null;

/** A row batch as the text protocol would carry these cells. */
export function batchOf(rows: readonly (readonly Cell[])[]): RowBatch {
  const offsets = new Uint32Array(rows.length + 1);
  const parts: Buffer[] = [];
  let at = 0;
  rows.forEach((row, index) => {
    for (const cell of row) {
      const value = cell === null ? null : Buffer.from(cell as string);
      const part = Buffer.alloc(cellSize(value?.length ?? -1));
      value?.copy(part, writeCellPrefix(part, 0, value.length));
      if (value === null) writeCellPrefix(part, 0, -1);
      parts.push(part);
      at += part.length;
    }
    offsets[index + 1] = at;
  });
  return { bytes: Buffer.concat(parts), offsets, rows: rows.length };
}

/** Columns from lines such as `id int not null`. */
export function columnsOf(...definitions: readonly string[]): Column[] {
  return definitions.map((definition) => {
    const space = definition.indexOf(" ");
    return columnFromType(definition.slice(0, space), definition.slice(space + 1));
  });
}

export function headerOf(columns: readonly Column[], changes: Partial<ChunkFileHeader> = {}): ChunkFileHeader {
  return {
    chunk: "1-1",
    table: "people",
    target: "persons",
    columns,
    key: { index: "PRIMARY", columns: [columns[0]?.name ?? ""] },
    range: { after: null, upTo: ["100"] },
    limitRows: null,
    snapshot: { id: 1, position: "MySQL56/3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5" },
    fingerprint: "f".repeat(64),
    ...changes,
  };
}

/** A folder of the test's own, gone after it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-store-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A disk of 64 KiB of the test's own; null where one cannot be had, because mounting takes root. */
export async function smallDisk(): Promise<string | null> {
  const folder = await temporaryFolder();
  if (spawnSync("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).status !== 0) return null;
  onTestFinished(() => {
    // Lazily: a test that failed may have left a file open.
    spawnSync("/usr/bin/umount", ["-l", folder]);
  });
  return folder;
}

/** The VtpipeError that the work ends in. */
export async function refusalOf(work: () => Promise<unknown>): Promise<VtpipeError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof VtpipeError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}
