import { z } from "zod";
import type { KeyRange } from "../contracts/chunk.ts";
import type { Position } from "../contracts/position.ts";
import type { Checksum, RowShape } from "../contracts/rows.ts";
import type { Key } from "../contracts/schema.ts";
import { columnSchema, keyRangeSchema, keySchema } from "./contract-schemas.ts";

/** What a chunk file says about itself before its rows. */
export interface ChunkFileHeader {
  readonly chunk: string;
  /** Source table. */
  readonly table: string;
  readonly target: string;
  readonly columns: RowShape;
  /** Key of the target rows. */
  readonly key: Key | null;
  /** What was asked for; the rows may end before `upTo` when `limitRows` was reached. */
  readonly range: KeyRange;
  readonly limitRows: number | null;
  readonly snapshot: { readonly id: number; readonly position: Position };
  readonly fingerprint: string;
}

/** What a chunk file says about its rows after them. */
export interface ChunkFileTrailer {
  readonly frames: number;
  readonly rows: number;
  readonly bytesRaw: number;
  readonly checksum: Checksum;
}

export const chunkHeaderSchema: z.ZodType<ChunkFileHeader> = z.strictObject({
  chunk: z.string().min(1),
  table: z.string().min(1),
  target: z.string().min(1),
  columns: z.array(columnSchema).min(1),
  key: keySchema.nullable(),
  range: keyRangeSchema,
  limitRows: z.int().min(1).nullable(),
  snapshot: z.strictObject({ id: z.int().min(1), position: z.string().nullable() }),
  fingerprint: z.string(),
});
