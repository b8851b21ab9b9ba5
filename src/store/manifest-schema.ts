import { z } from "zod";
import { type Manifest, type ManifestTable, manifestFormat } from "../contracts/manifest.ts";
import { type Unmoved, unmovedKinds } from "../contracts/schema.ts";
import { columnSchema, keySchema, snapshotSchema, storedChunkSchema } from "./contract-schemas.ts";
import { isPlainRelative } from "./relative-path.ts";

const tableSchema: z.ZodType<ManifestTable> = z.strictObject({
  source: z.string().min(1),
  target: z.string().min(1),
  folder: z.string().refine(isPlainRelative, "is no path inside the run directory"),
  columns: z.array(columnSchema).min(1),
  key: keySchema.nullable(),
  rangesHold: z.boolean(),
  rangeColumns: z.array(z.string()),
  class: z.enum(["identity", "sql-twin", "js-only"]),
  fingerprint: z.string(),
  createStatement: z.string(),
});

const unmovedSchema: z.ZodType<Unmoved> = z.strictObject({
  what: z.enum(unmovedKinds),
  name: z.string(),
  why: z.string(),
});

export const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  format: z.literal(manifestFormat),
  vtpipe: z.string(),
  plan: z.string(),
  createdAt: z.string(),
  database: z.string(),
  tables: z.array(tableSchema),
  unmoved: z.array(unmovedSchema),
  complete: z.boolean(),
  snapshots: z.array(snapshotSchema),
  chunks: z.array(storedChunkSchema),
});

/** What a manifest of the right shape says that cannot be true; null when it holds together. */
export function contradiction(manifest: Manifest): string | null {
  const tables = new Set<string>();
  for (const table of manifest.tables) {
    if (tables.has(table.source)) return `it lists table \`${table.source}\` twice`;
    tables.add(table.source);
    const columns = new Set(table.columns.map((column) => column.name));
    const absent = table.rangeColumns.find((name) => !columns.has(name));
    if (absent !== undefined) return `table \`${table.source}\` has no column \`${absent}\` to cut ranges by`;
  }
  const snapshots = new Set(manifest.snapshots.map((snapshot) => snapshot.id));
  const chunks = new Set<string>();
  for (const { chunk, table, snapshot } of manifest.chunks) {
    if (chunks.has(chunk)) return `it lists chunk ${chunk} twice`;
    chunks.add(chunk);
    if (!tables.has(table)) return `chunk ${chunk} is of table \`${table}\`, which it does not list`;
    if (!snapshots.has(snapshot)) return `chunk ${chunk} is of snapshot ${snapshot}, which it does not list`;
  }
  return null;
}
