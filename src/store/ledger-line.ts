import { crc32 } from "node:zlib";
import { z } from "zod";
import type { LedgerRecord } from "../contracts/ledger.ts";
import { isKeyDefinition } from "../mysql/key-definition.ts";
import { dumpedChunkSchema, faultsOf, keyBoundSchema, keyRangeSchema, snapshotSchema } from "./contract-schemas.ts";

const id = z.int().min(0);

const recordSchema: z.ZodType<LedgerRecord> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("run"),
    format: z.literal(1),
    plan: z.string(),
    vtpipe: z.string(),
    at: z.string(),
  }),
  z.strictObject({ type: z.literal("snapshot"), snapshot: snapshotSchema }),
  z.strictObject({ type: z.literal("span"), table: z.string(), span: id, range: keyRangeSchema }),
  z.strictObject({ type: z.literal("split"), table: z.string(), span: id, at: keyBoundSchema, into: id }),
  z.strictObject({ type: z.literal("dumped"), span: id, snapshot: id, dumped: dumpedChunkSchema }),
  z.strictObject({ type: z.literal("loading"), target: z.string(), chunk: z.string() }),
  z.strictObject({ type: z.literal("loaded"), target: z.string(), chunk: z.string(), rows: id }),
  z.strictObject({
    type: z.literal("keys"),
    target: z.string(),
    table: z.string(),
    event: z.enum(["deferred", "built"]),
    keys: z.array(
      z.strictObject({
        name: z.string().min(1),
        definition: z.string().refine(isKeyDefinition, "is no definition of one key"),
      }),
    ),
  }),
  z.strictObject({ type: z.literal("verified"), target: z.string(), table: z.string(), equal: z.boolean() }),
  z.strictObject({ type: z.literal("vdiff"), target: z.string(), at: z.iso.datetime(), equal: z.boolean() }),
  z.strictObject({
    type: z.literal("handoff"),
    target: z.string(),
    workflow: z.string(),
    event: z.enum(["prepared", "bridged", "started", "completed"]),
    tables: z.array(
      z.strictObject({ source: z.string(), target: z.string(), lane: z.enum(["move-tables", "streams", "still"]) }),
    ),
  }),
  z.strictObject({
    type: z.literal("follow"),
    target: z.string(),
    // Part of a table's name on the target.
    copy: z.string().regex(/^[0-9a-f]{32}$/, "is no name of a copy"),
    event: z.enum(["started", "stopped", "finished"]),
    tables: z.array(z.string()),
    position: z.string(),
    at: z.iso.datetime(),
  }),
]);

function crcHex(json: Uint8Array | string): string {
  return crc32(json).toString(16).padStart(8, "0");
}

/** `<CRC-32 of the JSON, 8 hex digits> <JSON>\n`; JSON has no raw line ends in it. */
export function ledgerLine(record: LedgerRecord): string {
  return lineOf(JSON.stringify(record));
}

/** The record of a line without its line end. Throws an Error saying what is wrong with it. */
export function parseLedgerLine(line: Buffer): LedgerRecord {
  return recordOf(textOf(line));
}

/** A line of a text without line ends. */
export function lineOf(text: string): string {
  return `${crcHex(text)} ${text}\n`;
}

/** The text of a line without its line end. */
export function textOf(line: Buffer): string {
  const text = line.subarray(9);
  if (line.toString("latin1", 0, 9) !== `${crcHex(text)} `) throw new Error("its CRC is wrong");
  return text.toString("utf8");
}

/** The record that a JSON text is. */
export function recordOf(json: string): LedgerRecord {
  const value: unknown = JSON.parse(json);
  const format = (value as { format?: unknown } | null)?.format;
  if (typeof format === "number" && format !== 1) {
    throw new Error(`it is of ledger format ${format}, and this version of vtpipe reads format 1`);
  }
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) throw new Error(`it is no record that this version of vtpipe knows (${faultsOf(parsed.error)})`);
  return parsed.data;
}
