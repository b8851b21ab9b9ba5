import { createHash } from "node:crypto";
import { VtpipeError } from "../contracts/errors.ts";
import { type Manifest, manifestFormat } from "../contracts/manifest.ts";
import { faultsOf } from "./contract-schemas.ts";
import { replaceFile } from "./durable.ts";
import { decryptManifest, encryptedManifestFormat, encryptManifest } from "./encrypted-manifest.ts";
import { isMissing, unreadable } from "./file-errors.ts";
import { contradiction, manifestSchema } from "./manifest-schema.ts";
import { readOrdinary } from "./ordinary-file.ts";
import { notEncrypted, type StoreKey } from "./store-key.ts";

function refusal(path: string, what: string, todo: string, cause?: unknown): VtpipeError {
  return new VtpipeError({
    code: "files",
    message: `The manifest ${path} ${what}.`,
    now: "Nothing of this run directory was used.",
    todo,
    context: { file: path },
    cause,
  });
}

const repair =
  "Copy it again from where it was made. Where the ledger is whole, take the manifest away and run the same `vtpipe dump` or `vtpipe run` again: it is written anew. To move only some of the tables, give the config another selection and directory.";

/**
 * What the file ends with, its last field and the closing bracket: the SHA-256 of all text before it. It tells of hands, disks and
 * transfers that changed anything; it is no signature, whoever wants to can make another.
 */
function sealOf(content: string | Buffer): string {
  return `,\n  "seal": "${createHash("sha256").update(content).digest("hex")}"\n}\n`;
}

const sealLength = sealOf("").length;

/**
 * Reads and checks a manifest; null when there is none yet. Unknown fields and formats are refused, and so is one that is not, to the
 * last byte, what vtpipe wrote, that is encrypted with another key than `key`, or that is not encrypted where there is a key.
 */
export async function readManifest(path: string, key: StoreKey | null = null): Promise<Manifest | null> {
  let bytes: Buffer;
  try {
    bytes = await readOrdinary(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw unreadable(path, error);
  }
  const outer = parsed(path, bytes);
  if (formatOf(outer) === encryptedManifestFormat) return checked(path, decrypted(path, outer, key));
  refuseOtherFormat(path, outer);
  const manifest = checked(path, unsealed(path, bytes, outer));
  if (key !== null) throw notEncrypted(`The manifest ${path}`);
  return manifest;
}

/** Replaces the manifest; after a crash there is the old one or this one. It is sealed, or encrypted where there is a key. */
export async function writeManifest(path: string, manifest: Manifest, key: StoreKey | null = null): Promise<void> {
  if (key !== null) return replaceFile(path, `${JSON.stringify(encryptManifest(manifest, key), null, 2)}\n`);
  const text = JSON.stringify(manifest, null, 2).slice(0, -"\n}".length);
  await replaceFile(path, text + sealOf(text));
}

function parsed(path: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw refusal(path, `is damaged: ${error instanceof Error ? error.message : "it is no JSON"}`, repair, error);
  }
}

function formatOf(json: unknown): unknown {
  return typeof json === "object" && json !== null && "format" in json ? json.format : undefined;
}

function refuseOtherFormat(path: string, json: unknown): void {
  const format = formatOf(json);
  if (typeof format !== "number" || format === manifestFormat) return;
  const other = format < manifestFormat ? "dump again into another directory" : "a newer one";
  const known = `format ${manifestFormat} and, encrypted, format ${encryptedManifestFormat}`;
  const todo = `Use the version of vtpipe that wrote it, or ${other}.`;
  throw refusal(path, `has format ${format}; this version of vtpipe reads ${known}`, todo);
}

/** What the file says, once its seal fits. */
function unsealed(path: string, bytes: Buffer, json: unknown): unknown {
  const seal = bytes.subarray(-sealLength).toString("latin1");
  if (seal !== sealOf(bytes.subarray(0, -sealLength))) {
    throw refusal(path, "was changed outside of vtpipe: its seal does not fit what it says", repair);
  }
  const { seal: _, ...content } = json as Record<string, unknown>;
  return content;
}

function decrypted(path: string, outer: unknown, key: StoreKey | null): unknown {
  try {
    return JSON.parse(decryptManifest(`The manifest ${path}`, outer, key));
  } catch (error) {
    if (error instanceof VtpipeError) throw error;
    throw refusal(path, `is damaged: ${error instanceof Error ? error.message : String(error)}`, repair, error);
  }
}

function checked(path: string, json: unknown): Manifest {
  refuseOtherFormat(path, json);
  const found = manifestSchema.safeParse(json);
  if (!found.success) throw refusal(path, `does not fit: ${faultsOf(found.error)}`, repair);
  const wrong = contradiction(found.data);
  if (wrong !== null) throw refusal(path, `contradicts itself: ${wrong}`, repair);
  return found.data;
}
