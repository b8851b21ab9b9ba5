import { z } from "zod";
import type { DumpedChunk, KeyBound, KeyRange } from "../contracts/chunk.ts";
import type { Snapshot } from "../contracts/position.ts";
import type { Checksum } from "../contracts/rows.ts";
import { type Column, cellKinds, type Key } from "../contracts/schema.ts";
import { isLiteral } from "../mysql/literal.ts";
import { isPlainRelative } from "./relative-path.ts";

/**
 * The contracts as they are checked when they come back from a disk. The annotations make the compiler compare them with the
 * contracts; a field that is added there needs a default here, because files without it exist.
 */
const count = z.int().min(0);
const hex256 = z.string().regex(/^[0-9a-f]{64}$/, "is no SHA-256 in hex");

/** Bounds go into SQL as they are. */
const keyBound: z.ZodType<KeyBound> = z.array(z.string().refine(isLiteral, "is no SQL literal")).min(1);

export const keyRangeSchema: z.ZodType<KeyRange> = z.strictObject({
  after: keyBound.nullable(),
  upTo: keyBound.nullable(),
});

export const keyBoundSchema: z.ZodType<KeyBound> = keyBound;

export const checksumSchema: z.ZodType<Checksum> = z.strictObject({
  rows: count,
  xor: z.int().min(0).max(0xffffffff),
  sum: z.string().regex(/^\d{1,39}$/, "is no sum of checksums"),
});

export const columnSchema: z.ZodType<Column> = z.strictObject({
  name: z.string().min(1),
  type: z.string(),
  kind: z.enum(cellKinds),
  nullable: z.boolean(),
  unsigned: z.boolean(),
  charset: z.string().nullable(),
  collation: z.string().nullable(),
  length: z.number().nullable(),
  fsp: z.int().min(0).max(6).nullable(),
  generated: z.enum(["stored", "virtual"]).nullable(),
  invisible: z.boolean(),
  autoIncrement: z.boolean(),
});

export const keySchema: z.ZodType<Key> = z.strictObject({ index: z.string(), columns: z.array(z.string()).min(1) });

export const snapshotSchema: z.ZodType<Snapshot> = z.strictObject({
  id: z.int().min(1),
  position: z.string().nullable(),
  method: z.enum(["global read lock", "table locks", "no lock, position unchanged", "no lock, read only source"]),
  lockMs: z.number().min(0),
  takenAt: z.string(),
  serverUuid: z.string(),
  serverVersion: z.string(),
});

const dumpedShape = {
  chunk: z.string().regex(/^\d+-\d+$/, "is no chunk id"),
  table: z.string().min(1),
  range: keyRangeSchema,
  exhausted: z.boolean(),
  file: z.string().refine(isPlainRelative, "is no path inside the run directory"),
  rowsRead: count,
  checksum: checksumSchema,
  bytesRead: count,
  bytesRaw: count,
  bytesFile: count,
  sha256: hex256,
  largeRow: z.strictObject({ row: z.string(), statementBytes: count }).nullable(),
};

export const dumpedChunkSchema: z.ZodType<DumpedChunk> = z.strictObject(dumpedShape);

export const storedChunkSchema: z.ZodType<DumpedChunk & { readonly snapshot: number }> = z.strictObject({
  ...dumpedShape,
  snapshot: z.int().min(1),
});

/** What is wrong with a value, for a message: `tables[2].columns[0].kind: …`, the first three faults. */
export function faultsOf(error: z.ZodError): string {
  const where = (path: readonly PropertyKey[]): string =>
    path
      .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
      .join("")
      .replace(/^\./, "");
  const faults = error.issues.map((issue) => `${where(issue.path) || "the whole"}: ${issue.message}`);
  return faults.slice(0, 3).join("; ") + (faults.length > 3 ? `; and ${faults.length - 3} more` : "");
}
