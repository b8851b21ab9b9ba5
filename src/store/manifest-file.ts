import { readFile } from "node:fs/promises";
import { VtpipeError } from "../contracts/errors.ts";
import type { Manifest } from "../contracts/manifest.ts";
import { faultsOf } from "./contract-schemas.ts";
import { replaceFile } from "./durable.ts";
import { decryptManifest, encryptManifest } from "./encrypted-manifest.ts";
import { isMissing, unreadable } from "./file-errors.ts";
import { contradiction, manifestSchema } from "./manifest-schema.ts";
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
  "Copy it again from where it was made; the manifest of an unfinished dump is written anew by the same dump command.";

/**
 * Reads and checks a manifest; null when there is none yet. Unknown fields and formats are refused, and so is one that is
 * encrypted with another key than `key`, or that is not encrypted where there is a key.
 */
export async function readManifest(path: string, key: StoreKey | null = null): Promise<Manifest | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw unreadable(path, error);
  }
  const outer = parsed(path, text);
  if (formatOf(outer) === 2) return checked(path, decrypted(path, outer, key));
  const manifest = checked(path, outer);
  if (key !== null) throw notEncrypted(`The manifest ${path}`);
  return manifest;
}

/** Replaces the manifest; after a crash there is the old one or this one. With a key it is encrypted. */
export async function writeManifest(path: string, manifest: Manifest, key: StoreKey | null = null): Promise<void> {
  const outer = key === null ? manifest : encryptManifest(manifest, key);
  await replaceFile(path, `${JSON.stringify(outer, null, 2)}\n`);
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refusal(path, `is damaged: ${error instanceof Error ? error.message : "it is no JSON"}`, repair, error);
  }
}

function formatOf(json: unknown): unknown {
  return typeof json === "object" && json !== null && "format" in json ? json.format : undefined;
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
  const format = formatOf(json);
  if (typeof format === "number" && format !== 1) {
    const todo = "Use the version of vtpipe that wrote it, or a newer one.";
    throw refusal(path, `has format ${format}; this version of vtpipe reads format 1 and, encrypted, format 2`, todo);
  }
  const found = manifestSchema.safeParse(json);
  if (!found.success) throw refusal(path, `does not fit: ${faultsOf(found.error)}`, repair);
  const wrong = contradiction(found.data);
  if (wrong !== null) throw refusal(path, `contradicts itself: ${wrong}`, repair);
  return found.data;
}
