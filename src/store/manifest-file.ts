import { readFile } from "node:fs/promises";
import { VtpipeError } from "../contracts/errors.ts";
import type { Manifest } from "../contracts/manifest.ts";
import { faultsOf } from "./contract-schemas.ts";
import { replaceFile } from "./durable.ts";
import { isMissing, unreadable } from "./file-errors.ts";
import { contradiction, manifestSchema } from "./manifest-schema.ts";

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

/** Reads and checks a manifest; null when there is none yet. Unknown fields and formats are refused. */
export async function readManifest(path: string): Promise<Manifest | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw unreadable(path, error);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw refusal(path, `is damaged: ${error instanceof Error ? error.message : "it is no JSON"}`, repair, error);
  }
  const format = typeof json === "object" && json !== null && "format" in json ? json.format : undefined;
  if (typeof format === "number" && format !== 1) {
    const todo = "Use the version of vtpipe that wrote it, or a newer one.";
    throw refusal(path, `has format ${format}; this version of vtpipe reads format 1`, todo);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) throw refusal(path, `does not fit: ${faultsOf(parsed.error)}`, repair);
  const wrong = contradiction(parsed.data);
  if (wrong !== null) throw refusal(path, `contradicts itself: ${wrong}`, repair);
  return parsed.data;
}

/** Replaces the manifest; after a crash there is the old one or this one. */
export async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  await replaceFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
}
